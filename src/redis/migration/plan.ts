import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { refuse } from '../../common/refused.js';
import type { FirstChange } from '../../cluster/idempotency.js';
import type { Claim, Proposals, Proposed } from '../../cluster/proposals.js';
import { putOperation } from '../../cluster/operations.js';
import type { OperationKind } from '../../cluster/records.js';
import { movePlanRecord, topologyCollections as collections, type MovePlan } from '../topology/records.js';
import { formatSlots, slotWrites } from '../topology/slot-writes.js';
import { checkRange, groupConditions, requireSlots } from '../topology/slot-changes.js';
import type { Slot, Topology } from '../topology/topology.js';
import { groupsOf, refuseRestingWays } from './groups-in-use.js';

/** One slot's way. */
export interface PlannedMove {
  readonly slot: number;
  readonly from: number;
  readonly to: number;
}

export interface MoveRequest {
  readonly from?: number | null | undefined;
  readonly to?: number | null | undefined;
  readonly sourceGroup?: number | null | undefined;
  readonly count?: number | null | undefined;
  readonly targetGroup: number;
}

/** The slots that a request means; refuses what cannot be moved. */
export function planMove(topology: Topology, request: MoveRequest): PlannedMove[] {
  requireSlots(topology);
  const { from, to, sourceGroup, count, targetGroup } = request;
  groupConditions(topology, [targetGroup], 'targetGroup');
  const byRange = from != null && to != null && sourceGroup == null && count == null;
  const byCount = from == null && to == null && sourceGroup != null && count != null;
  if (!byRange && !byCount) {
    refuse('INVALID_INPUT', [], 'Give either from and to, or sourceGroup and count.');
  }
  const slots = byRange
    ? slotsInRange(topology, from, to)
    : slotsOfGroup(topology, sourceGroup as number, count as number);
  const moves = slots
    .filter((slot) => slot.group !== targetGroup)
    .map((slot) => ({ slot: slot.number, from: slot.group as number, to: targetGroup }));
  if (moves.length === 0) {
    refuse('PRECONDITION_FAILED', [], `Nothing to move: all of these slots are in group ${targetGroup}.`);
  }
  return moves;
}

function slotsInRange(topology: Topology, from: number, to: number): Slot[] {
  checkRange(from, to);
  const slots = topology.slots(from, to);
  const offline = slots.filter((slot) => slot.status === 'OFFLINE').map((slot) => slot.number);
  if (offline.length > 0) {
    refuse(
      'PRECONDITION_FAILED',
      'from',
      `Slots ${formatSlots(offline)} are OFFLINE: nothing to move there. Give them to a group with assignSlots.`,
    );
  }
  const busy = slots.find((slot) => slot.operation !== null);
  if (busy) refuse('IN_USE', 'from', `Slot ${busy.number} is part of operation ${busy.operation} already.`);
  return slots;
}

function slotsOfGroup(topology: Topology, group: number, count: number): Slot[] {
  if (!topology.group(group)) refuse('NOT_FOUND', 'sourceGroup', `There is no group ${group}.`);
  if (!Number.isInteger(count) || count < 1) refuse('INVALID_INPUT', 'count', 'count is at least 1.');
  const idle = topology
    .slots()
    .filter((slot) => slot.group === group && slot.status === 'ONLINE' && !slot.operation);
  if (idle.length < count) {
    refuse(
      'PRECONDITION_FAILED',
      'count',
      `Group ${group} has only ${idle.length} slots that are not moving.`,
    );
  }
  return idle.slice(0, count);
}

/**
 * The fewest moves after which no group has two slots more than another. Slots that are moving count for
 * their target and stay as they are; OFFLINE slots are left alone.
 */
export function planRebalance(topology: Topology, only: readonly number[] | null | undefined): PlannedMove[] {
  requireSlots(topology);
  const numbers =
    only ??
    topology
      .groups()
      .filter((g) => topology.master(g.value))
      .map((g) => g.value.number);
  if (only) groupConditions(topology, only, 'groups');
  if (numbers.length === 0) refuse('PRECONDITION_FAILED', null, 'No group has a server yet.');
  const load = new Map(numbers.map((number) => [number, 0]));
  const idle = new Map<number, Slot[]>(numbers.map((number) => [number, []]));
  for (const slot of topology.slots()) {
    const destination = slot.targetGroup ?? slot.group;
    if (destination === null || !load.has(destination)) continue;
    load.set(destination, (load.get(destination) ?? 0) + 1);
    if (slot.operation === null) idle.get(destination)?.push(slot);
  }
  const moves: PlannedMove[] = [];
  for (;;) {
    const order = [...load].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    const fullest = order.find(([number]) => (idle.get(number)?.length ?? 0) > 0);
    const emptiest = order[order.length - 1];
    if (!fullest || !emptiest || fullest[1] - emptiest[1] < 2) break;
    const slot = idle.get(fullest[0])?.pop() as Slot;
    moves.push({ slot: slot.number, from: fullest[0], to: emptiest[0] });
    load.set(fullest[0], fullest[1] - 1);
    load.set(emptiest[0], emptiest[1] + 1);
  }
  return moves.sort((a, b) => a.slot - b.slot);
}

/** The operation that was started, and the plan that is now its. */
export interface StartedMove {
  readonly operationId: string;
  readonly moves: readonly PlannedMove[];
  readonly proposed: Proposed;
}

const startedMoveAnswer = z.object({ operation: z.string(), moves: movePlanRecord.shape.moves });
type StartedMoveAnswer = z.infer<typeof startedMoveAnswer>;

/** The move that was started when it was asked for first. */
export function startedBefore({ proposed, answer }: FirstChange): StartedMove {
  const { operation, moves } = startedMoveAnswer.parse(answer);
  return {
    operationId: operation,
    moves: moves.map(([slot, from, to]) => ({ slot, from, to })),
    proposed,
  };
}

function encodeMoves(moves: readonly PlannedMove[]): StartedMoveAnswer['moves'] {
  return moves.map(({ slot, from, to }) => [slot, from, to]);
}

/** Claims the slots for a new operation, which the leader then carries out. */
export async function startMove(
  topology: Topology,
  proposals: Proposals,
  kind: Extract<OperationKind, 'MOVE_SLOTS' | 'REBALANCE'>,
  plan: () => PlannedMove[],
  how: Pick<MovePlan, 'discardAtTarget' | 'speed'>,
  actor: string,
  claim?: Claim,
): Promise<StartedMove> {
  const operationId = randomUUID();
  let moves: PlannedMove[] = [];
  const proposed = await proposals.run(() => {
    moves = plan();
    if (moves.length === 0) {
      refuse(
        'PRECONDITION_FAILED',
        null,
        'The slots are balanced already: no group has two more than another.',
      );
    }
    const groups = groupsOf(moves);
    refuseRestingWays(topology, groups);
    const writes = slotWrites(
      topology,
      new Map(
        moves.map((move) => [
          move.slot,
          { status: 'ONLINE', group: move.from, targetGroup: null, operation: operationId },
        ]),
      ),
    );
    const title = describePlan(kind, moves);
    return {
      conditions: [...writes.conditions, ...groupConditions(topology, groups, [])],
      operations: [
        ...writes.operations,
        {
          put: collections.plans.key(operationId),
          value: collections.plans.encode({
            moves: encodeMoves(moves),
            returning: false,
            ...how,
          }),
        },
        putOperation(operationId, {
          kind,
          state: 'PENDING',
          title,
          done: 0,
          total: null,
          unit: 'keys',
          rate: null,
          pace: null,
          error: null,
          returning: false,
          startedBy: actor,
          startedAt: new Date().toISOString(),
          finishedAt: null,
        }),
      ],
      action: {
        type: 'OPERATION_CHANGED',
        description: `Planned: ${title}`,
        target: `operation/${operationId}`,
        actor,
      },
      answer: { operation: operationId, moves: encodeMoves(moves) } satisfies StartedMoveAnswer,
    };
  }, claim);
  if (!proposed) return refuse('PRECONDITION_FAILED', null, 'There is nothing to move.');
  return { operationId, moves, proposed };
}

function describePlan(kind: OperationKind, moves: readonly PlannedMove[]): string {
  const slots = formatSlots(moves.map((move) => move.slot));
  const targets = [...new Set(moves.map((move) => move.to))].sort((a, b) => a - b).join(', ');
  return kind === 'REBALANCE'
    ? `Rebalance ${moves.length} slots over the groups`
    : `Move slots ${slots} to group ${targets}`;
}
