import type { Command } from 'commander';
import type { Slot, SlotRange, SlotStatus } from '../../sdk/index.js';
import { leaf, option } from './leaf.js';
import { constant, slotRange, wholeNumber, type SlotRange as Range } from './parsers.js';
import type { Column } from './table.js';

export const SLOT_COLUMNS: readonly Column<Slot>[] = [
  { head: 'SLOT', cell: ({ number }) => number, right: true },
  { head: 'STATUS', cell: ({ status }) => status },
  { head: 'GROUP', cell: ({ group }) => group?.number, right: true },
  { head: 'TARGET', cell: ({ targetGroup }) => targetGroup?.number, right: true },
  { head: 'CHANGED', cell: ({ lastChangedAt }) => lastChangedAt },
];

const RANGE_COLUMNS: readonly Column<SlotRange>[] = [
  { head: 'SLOTS', cell: ({ from, to }) => (from === to ? `${from}` : `${from}-${to}`) },
  { head: 'COUNT', cell: ({ from, to }) => to - from + 1, right: true },
  { head: 'STATUS', cell: ({ status }) => status },
  { head: 'GROUP', cell: ({ group }) => group?.number, right: true },
  { head: 'TARGET', cell: ({ targetGroup }) => targetGroup?.number, right: true },
];

export function listSlots(): Command {
  return leaf<[Range | undefined], { group?: number; status?: SlotStatus }>({
    name: 'list [slots]',
    description: 'neighbouring slots of the same group together; each slot when some are asked for',
    example: 'quorate slots list 0-63',
    parse: [slotRange],
    options: [
      option('--group <number>', 'only slots of this group', wholeNumber),
      option('--status <status>', 'only slots that are offline, online, pre-migrate or migrate', constant),
    ],
    run: async ({ client, options, output, signal }, range) => {
      const { group, status } = options;
      if (range === undefined && group === undefined && status === undefined) {
        return output.rows(await client.slotRanges({}, { signal }), RANGE_COLUMNS);
      }
      const variables = { ...range, group, status: status && [status] };
      output.rows(await client.slots(variables, { signal }), SLOT_COLUMNS);
    },
  });
}

export function find(): Command {
  return leaf<[string]>({
    name: 'find <key>',
    description: 'the slot of a key',
    example: 'quorate slots find user:42',
    run: async ({ client, output, signal }, key) =>
      output.show(await client.slotOf({ key }, { signal }), (slot) =>
        output.table([slot], [...SLOT_COLUMNS, { head: 'KEYS', cell: () => slot.keys, right: true }]),
      ),
  });
}
