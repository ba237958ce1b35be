import type { Command } from 'commander';
import type { MoveSlotsInput, MoveSpeed, Operation, SlotMove } from '../../sdk/index.js';
import { UsageError } from './exit-status.js';
import { idempotencyKeyOption, leaf, option, type Repeatable, type Session } from './leaf.js';
import { numberList, slotRange, wholeNumber, type SlotRange } from './parsers.js';
import { followOperation } from './progress.js';
import type { Column } from './table.js';

interface MoveOptions extends Repeatable {
  readonly to: number;
  readonly fromGroup?: number;
  readonly count?: number;
  readonly fast?: boolean;
  readonly dryRun?: boolean;
  readonly wait: boolean;
}

interface RebalanceOptions extends Repeatable {
  readonly groups?: readonly number[];
  readonly fast?: boolean;
  readonly dryRun?: boolean;
  readonly wait: boolean;
}

/** What both mutations answer with. */
interface Moved {
  readonly operation: Operation | null;
  readonly plan: readonly SlotMove[];
}

/** All that goes from one group to another. */
interface PairMoves {
  readonly from: number | null;
  readonly to: number;
  readonly moves: readonly SlotMove[];
}

const PAIR_COLUMNS: readonly Column<PairMoves>[] = [
  { head: 'FROM', cell: ({ from }) => from, right: true },
  { head: 'TO', cell: ({ to }) => to, right: true },
  { head: 'SLOTS', cell: ({ moves }) => moves.length, right: true },
  { head: 'KEYS', cell: ({ moves }) => keysOf(moves), right: true },
];

const dryRunOption = () => option('--dry-run', 'only say what would move');
const fastOption = () => option('--fast', 'as fast as it can, whatever clients feel');
const noWaitOption = () => option('--no-wait', 'do not follow it to its end');

export function move(): Command {
  return leaf<[SlotRange | undefined], MoveOptions>({
    name: 'move [slots]',
    description: 'move slots with their keys to a group, and follow it to its end',
    example: 'quorate slots move 0-511 --to 2',
    parse: [slotRange],
    options: [
      option('--to <group>', 'the group that they go to', wholeNumber).makeOptionMandatory(),
      option('--from-group <group>', 'instead of slots: the group to take some from', wholeNumber),
      option('--count <number>', 'how many of its slots', wholeNumber),
      fastOption(),
      dryRunOption(),
      noWaitOption(),
      idempotencyKeyOption(),
    ],
    run: async (session, range) => {
      const { client, options, signal } = session;
      const { to: targetGroup, fromGroup: sourceGroup, count, fast, idempotencyKey } = options;
      if ((range !== undefined) === (sourceGroup !== undefined || count !== undefined)) {
        throw new UsageError('Give either slots, or --from-group and --count.');
      }
      const speed = speedOf(fast);
      const input: MoveSlotsInput = { ...range, sourceGroup, count, targetGroup, speed, idempotencyKey };
      await planAndMove(session, (dryRun) => client.moveSlots({ input: { ...input, dryRun } }, { signal }));
    },
  });
}

export function rebalance(): Command {
  return leaf<[], RebalanceOptions>({
    name: 'rebalance',
    description: 'move slots until all groups have as many, and follow it to its end',
    example: 'quorate slots rebalance --dry-run',
    options: [
      option(
        '--groups <numbers>',
        'only among these, by comma; all that have a server unless told',
        numberList,
      ),
      fastOption(),
      dryRunOption(),
      noWaitOption(),
      idempotencyKeyOption(),
    ],
    run: async (session) => {
      const { client, options, signal } = session;
      const { groups, fast, idempotencyKey } = options;
      const speed = speedOf(fast);
      await planAndMove(session, (dryRun) =>
        client.rebalanceSlots({ input: { groups, speed, dryRun, idempotencyKey } }, { signal }),
      );
    },
  });
}

function speedOf(fast: boolean | undefined): MoveSpeed {
  return fast === true ? 'FAST' : 'GENTLE';
}

/** Shows what would move, moves it, and follows that. */
async function planAndMove(
  { client, options, output, signal }: Session<Repeatable & { dryRun?: boolean; wait: boolean }>,
  ask: (dryRun: boolean) => Promise<Moved>,
): Promise<void> {
  // Slots of the first request have moved already, and would be no plan any more.
  if (options.dryRun === true || options.idempotencyKey === undefined) {
    const planned = await ask(true);
    if (options.dryRun === true || planned.plan.length === 0) {
      return output.show(planned, ({ plan }) => (plan.length === 0 ? 'Nothing to move.\n' : planText(plan)));
    }
    if (!output.isJson) process.stdout.write(planText(planned.plan));
  }
  const moved = await ask(false);
  output.show(moved, ({ operation }) => (operation ? `Operation ${operation.id}\n` : 'Nothing to move.\n'));
  if (!moved.operation || !options.wait) return;
  const { done, unit } = await followOperation(client, moved.operation, output, signal);
  output.say(`Done: ${done} ${unit}.`);

  function planText(plan: readonly SlotMove[]): string {
    return output.table(pairsOf(plan), PAIR_COLUMNS);
  }
}

function pairsOf(plan: readonly SlotMove[]): readonly PairMoves[] {
  const pairs = new Map<string, SlotMove[]>();
  for (const slotMove of plan) {
    const key = `${slotMove.fromGroup}>${slotMove.toGroup}`;
    pairs.set(key, [...(pairs.get(key) ?? []), slotMove]);
  }
  return [...pairs.values()].map((moves) => {
    const [{ fromGroup, toGroup }] = moves as [SlotMove, ...SlotMove[]];
    return { from: fromGroup, to: toGroup, moves };
  });
}

/** Null when the keys of some slot were not counted. */
function keysOf(moves: readonly SlotMove[]): string | null {
  let sum = 0n;
  for (const { keys } of moves) {
    if (keys === null) return null;
    sum += BigInt(keys);
  }
  return String(sum);
}
