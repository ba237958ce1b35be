import type { Proposals } from '../../cluster/proposals.js';
import type { ActionType } from '../../cluster/records.js';
import type { Leadership } from '../../coordinator/leadership.js';
import type { SlotRecord } from '../topology/records.js';
import { formatSlots, slotWrites } from '../topology/slot-writes.js';
import type { Slot, Topology } from '../topology/topology.js';
import { requireGroupsFree } from './groups-in-use.js';

type Target = Omit<SlotRecord, 'changedAt'>;

/** Slots, and from which group to which they go. */
export interface SlotMove {
  readonly slots: readonly Slot[];
  readonly from: number;
  readonly to: number;
}

interface Transition {
  readonly type: ActionType;
  readonly changes: readonly {
    readonly slots: readonly Slot[];
    readonly what: string;
    readonly target: Target;
  }[];
  /** The slots that set out: nobody else's may be on their way there. */
  readonly beginning?: readonly number[];
}

/**
 * Writes each step of a move before it is taken, conditional on the leader's epoch. Each answers with the
 * slots as the step left them: with its revision, whether or not the view shows it yet.
 */
export class SlotTransitions {
  constructor(
    private readonly topology: Topology,
    private readonly proposals: Proposals,
    private readonly leadership: Leadership,
    private readonly operationId: string,
  ) {}

  /** Holds slots that set out. Throws a GroupsInUseError while another operation's are on their way there. */
  hold(slotMove: SlotMove): Promise<Slot[]> {
    return this.write({ ...this.holding([slotMove]), beginning: [slotMove.from, slotMove.to] });
  }

  /** Holds slots that are on their way already, all at once, to go another one. */
  holdAgain(slotMoves: readonly SlotMove[]): Promise<Slot[]> {
    return this.write(this.holding(slotMoves));
  }

  open(slotMoves: readonly SlotMove[]): Promise<Slot[]> {
    return this.write({
      type: 'SLOT_MIGRATE',
      changes: slotMoves.map(({ slots, from, to }) => ({
        slots,
        what: `Moving keys of slots from group ${from} to ${to}`,
        target: { status: 'MIGRATE', group: from, targetGroup: to, operation: this.operationId },
      })),
    });
  }

  /** @param claimed whether the operation still has plans with these slots */
  arrive(slots: readonly Slot[], group: number, claimed: boolean): Promise<Slot[]> {
    const operation = claimed ? this.operationId : null;
    return this.write({
      type: slots.length === 1 ? 'SLOT_CHANGED' : 'MULTI_SLOT_CHANGED',
      changes: [
        {
          slots,
          what: `Slots are online in group ${group}`,
          target: { status: 'ONLINE', group, targetGroup: null, operation },
        },
      ],
    });
  }

  private holding(slotMoves: readonly SlotMove[]): Transition {
    return {
      type: 'SLOT_PREMIGRATE',
      changes: slotMoves.map(({ slots, from, to }) => ({
        slots,
        what: `Holding slots on their way from group ${from} to ${to}`,
        target: { status: 'PRE_MIGRATE', group: from, targetGroup: to, operation: this.operationId },
      })),
    };
  }

  private async write({ type, changes, beginning }: Transition): Promise<Slot[]> {
    const slots = changes.flatMap((change) => change.slots.map((slot) => ({ slot, target: change.target })));
    const proposed = await this.proposals.run(() => {
      if (!this.leadership.isHeld()) throw new Error('This member no longer leads.');
      for (const { slot } of slots) this.requireUnchanged(slot);
      if (beginning) requireGroupsFree(this.topology, beginning, this.operationId);
      const writes = slotWrites(
        this.topology,
        new Map(slots.map(({ slot, target }) => [slot.number, target])),
      );
      return {
        conditions: [this.leadership.condition, ...writes.conditions],
        operations: writes.operations,
        action: {
          type,
          description: changes
            .map((change) => `${change.what}: ${formatSlots(numbersOf(change.slots))}`)
            .join('; '),
          target: `operation/${this.operationId}`,
          actor: 'quorate',
          receivers: this.topology.activeProxies().map(({ record }) => record.id),
        },
      };
    });
    if (!proposed) throw new Error('A slot transition is never empty.');
    return slots.map(({ slot, target }) => ({ ...slot, ...target, revision: proposed.revision }));
  }

  /** A step is drafted for one state of a slot; if somebody else moved it on, the step is void. */
  private requireUnchanged(slot: Slot): void {
    const now = this.topology.slot(slot.number);
    if (now?.status === slot.status && now.group === slot.group && now.operation === slot.operation) return;
    throw new Error(`Slot ${slot.number} was changed while operation ${this.operationId} worked on it.`);
  }
}

export function numbersOf(slots: readonly Slot[]): number[] {
  return slots.map((slot) => slot.number);
}
