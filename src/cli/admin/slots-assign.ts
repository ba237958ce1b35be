import type { Command } from 'commander';
import { UsageError } from './exit-status.js';
import { count } from './format.js';
import { idempotencyKeyOption, leaf, option, type Repeatable } from './leaf.js';
import { slotRange, wholeNumber, type SlotRange } from './parsers.js';

export function init(): Command {
  return leaf<[], { force?: boolean; acceptDataLoss?: boolean }>({
    name: 'init',
    description: 'create the slots, all offline',
    example: 'quorate slots init',
    options: [
      option('--force', 'also when they exist: all go offline, their data stay where they are'),
      option('--accept-data-loss', 'with --force: give up the old owners, which may be dead'),
    ],
    asks: true,
    run: async ({ client, options, output, signal, confirm }) => {
      const { force = false, acceptDataLoss = false } = options;
      if (force) await confirm('This takes every slot from its group; no key is served any more.', 'init');
      const payload = await client.initSlots({ input: { force, acceptDataLoss } }, { signal });
      output.show(payload, ({ slots }) => `Created ${count(slots.length, 'slot')}, all offline.\n`);
    },
  });
}

interface AssignOptions extends Repeatable {
  readonly to?: number;
  readonly offline?: boolean;
  readonly force?: boolean;
  readonly acceptDataLoss?: boolean;
  readonly keysAtTarget: 'refuse' | 'keep' | 'discard';
}

export function assign(): Command {
  return leaf<[SlotRange], AssignOptions>({
    name: 'assign <slots>',
    description: 'give slots to a group without moving data',
    example: 'quorate slots assign 0-1023 --to 1',
    parse: [slotRange],
    options: [
      option('--to <group>', 'the group', wholeNumber),
      option('--offline', 'to none').conflicts('to'),
      option('--force', 'also slots that have a group: their data stay behind'),
      option('--accept-data-loss', 'with --force: give up the old owners, and what is under way there'),
      option('--keys-at-target <what>', 'keys of these slots that the group holds already')
        .choices(['refuse', 'keep', 'discard'])
        .default('refuse'),
      idempotencyKeyOption(),
    ],
    asks: true,
    run: async ({ client, options, output, signal, confirm }, { from, to }) => {
      const {
        to: group = null,
        offline = false,
        force = false,
        acceptDataLoss = false,
        idempotencyKey,
      } = options;
      const keysAtTarget = options.keysAtTarget.toUpperCase() as Uppercase<AssignOptions['keysAtTarget']>;
      if (group === null && !offline) throw new UsageError('Give --to, or --offline.');
      if (force) await confirm('The keys of slots that have a group stay behind.', `${from}-${to}`);
      if (keysAtTarget === 'DISCARD')
        await confirm('Keys of these slots that the group holds already are removed.', `${from}-${to}`);
      const input = { from, to, group, force, acceptDataLoss, keysAtTarget, idempotencyKey };
      const payload = await client.assignSlots({ input }, { signal });
      const whose = group === null ? 'offline' : `in group ${group}`;
      output.show(payload, () => `${count(to - from + 1, 'slot')} ${to === from ? 'is' : 'are'} ${whose}.\n`);
    },
  });
}
