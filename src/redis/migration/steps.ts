import type { Slot } from '../topology/topology.js';
import type { PlannedMove } from './plan.js';

/** What the leader does next with some slots of an operation. */
export type StepKind =
  /** Hold the slots' requests, to let them go the way of the step. */
  | 'HOLD'
  /** They are held: have it confirmed, then let requests bring keys over. */
  | 'OPEN'
  /**
   * Their keys are in both groups, and are to go the other way: all slots of the operation together, so that never some
   * go back while others still go forward.
   */
  | 'REVERSE'
  /** Requests bring keys over: move the rest, then give the slots to the target. */
  | 'MOVE'
  /** Held, but no longer to go that way: back to what they were before the hold. */
  | 'WITHDRAW'
  /** ONLINE where the operation wants them: no longer claimed. */
  | 'RELEASE';

export interface Step {
  readonly kind: StepKind;
  /** Where the keys are, and where they go. Equal for RELEASE. */
  readonly from: number;
  readonly to: number;
  /** Whether some keys are at `to` already, so that the step cannot be undone by going ONLINE. */
  readonly split: boolean;
}

/**
 * The next step for one slot, from nothing but what is stored, so that any leader resumes any other's work
 * (docs/slot-migration.md, section "The steps of a move").
 *
 * An operation goes forward (RUNNING) or back (CANCELLING), and may change its mind. Only a slot whose forward way has
 * come to MIGRATE has keys in both groups; another way therefore starts with a turn: its requests are held again, then
 * let go with the groups exchanged. Held for a turn, in whichever direction, a slot is stored as on its way back: so a
 * hold on the way forward never has keys on both sides, and a turn always.
 */
export function nextStep(slot: Slot, move: PlannedMove, forward: boolean): Step {
  const backwards = slot.group === move.to && slot.targetGroup === move.from;
  const from = backwards ? move.to : move.from;
  const to = backwards ? move.from : move.to;
  switch (slot.status) {
    case 'MIGRATE':
      return backwards === forward ? reverse(move, forward) : { kind: 'MOVE', from, to, split: true };
    case 'PRE_MIGRATE':
      if (backwards) return reverse(move, forward);
      return { kind: forward ? 'OPEN' : 'WITHDRAW', from, to, split: false };
    case 'ONLINE':
    case 'OFFLINE':
      return slot.status === 'ONLINE' && slot.group === move.from && forward
        ? { kind: 'HOLD', from, to, split: false }
        : { kind: 'RELEASE', from: move.from, to: move.from, split: false };
  }
}

function reverse({ from, to }: PlannedMove, forward: boolean): Step {
  return { kind: 'REVERSE', from: forward ? from : to, to: forward ? to : from, split: true };
}

/**
 * What lets go of slots that are held while their operation rests: a leader may have been lost, or the
 * coordinator out of reach, between a hold and the step after it. Those with keys in both groups go on forward, where
 * keys can go for certain: they have come from there.
 */
export function withdrawals(slots: readonly Slot[], moves: ReadonlyMap<number, PlannedMove>): MoveStep[] {
  const held = slots.filter((slot) => slot.status === 'PRE_MIGRATE');
  return batchSteps(held, moves, false, held.length).map((batch) => ({ ...batch, kind: 'WITHDRAW' }));
}

/** Steps that leave requests held or keys on both sides come first; then the order of slots. */
const ORDER: readonly StepKind[] = ['REVERSE', 'OPEN', 'WITHDRAW', 'MOVE', 'HOLD', 'RELEASE'];

/** What takes all of its slots at once. */
const WHOLE: readonly StepKind[] = ['REVERSE', 'RELEASE'];

export interface MoveStep extends Step {
  readonly slots: readonly Slot[];
}

/** Slots that take the same step together, at most `size` a batch unless it takes all, the most urgent first. */
export function batchSteps(
  slots: readonly Slot[],
  moves: ReadonlyMap<number, PlannedMove>,
  forward: boolean,
  size: number,
): MoveStep[] {
  const grouped = new Map<string, { step: Step; slots: Slot[] }>();
  for (const slot of slots) {
    const move = moves.get(slot.number);
    if (!move) continue;
    const step = nextStep(slot, move, forward);
    const key = `${step.kind} ${step.from} ${step.to}`;
    const group = grouped.get(key);
    if (group) group.slots.push(slot);
    else grouped.set(key, { step, slots: [slot] });
  }
  const batches: MoveStep[] = [];
  for (const group of grouped.values()) {
    const limit = WHOLE.includes(group.step.kind) ? group.slots.length : size;
    for (let i = 0; i < group.slots.length; i += limit) {
      batches.push({ ...group.step, slots: group.slots.slice(i, i + limit) });
    }
  }
  return batches.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

/** The same in both directions: a pair of groups takes one step at a time. */
export function pairOf({ from, to }: Step): string {
  return [from, to].sort((a, b) => a - b).join('-');
}
