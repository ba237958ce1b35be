import type { Proposals } from '../../cluster/proposals.js';
import type { ActionType } from '../../cluster/records.js';
import type { Leadership } from '../../coordinator/leadership.js';
import type { SlotRecord } from '../topology/records.js';
import { formatSlots, slotWrites } from '../topology/slot-writes.js';
import type { Slot, Topology } from '../topology/topology.js';

type Target = Omit<SlotRecord, 'changedAt'>;

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

  hold(slots: readonly Slot[], from: number, to: number): Promise<Slot[]> {
    return this.write(slots, 'SLOT_PREMIGRATE', `Holding slots on their way from group ${from} to ${to}`, {
      status: 'PRE_MIGRATE',
      group: from,
      targetGroup: to,
      operation: this.operationId,
    });
  }

  open(slots: readonly Slot[], from: number, to: number): Promise<Slot[]> {
    return this.write(slots, 'SLOT_MIGRATE', `Moving keys of slots from group ${from} to ${to}`, {
      status: 'MIGRATE',
      group: from,
      targetGroup: to,
      operation: this.operationId,
    });
  }

  /** @param claimed whether the operation still has plans with these slots */
  arrive(slots: readonly Slot[], group: number, claimed: boolean): Promise<Slot[]> {
    return this.write(slots, 'MULTI_SLOT_CHANGED', `Slots are online in group ${group}`, {
      status: 'ONLINE',
      group,
      targetGroup: null,
      operation: claimed ? this.operationId : null,
    });
  }

  private async write(
    slots: readonly Slot[],
    type: ActionType,
    what: string,
    target: Target,
  ): Promise<Slot[]> {
    const numbers = slots.map((slot) => slot.number);
    const proposed = await this.proposals.run(() => {
      if (!this.leadership.isHeld()) throw new Error('This member no longer leads.');
      for (const slot of slots) this.requireUnchanged(slot);
      const writes = slotWrites(this.topology, new Map(numbers.map((number) => [number, target])));
      return {
        conditions: [this.leadership.condition, ...writes.conditions],
        operations: writes.operations,
        action: {
          type: type === 'MULTI_SLOT_CHANGED' && numbers.length === 1 ? 'SLOT_CHANGED' : type,
          description: `${what}: ${formatSlots(numbers)}`,
          target: `operation/${this.operationId}`,
          actor: 'quorate',
          receivers: this.topology.activeProxies().map(({ record }) => record.id),
        },
      };
    });
    if (!proposed) throw new Error('A slot transition is never empty.');
    return slots.map((slot) => ({ ...slot, ...target, revision: proposed.revision }));
  }

  /** A step is drafted for one state of a slot; if somebody else moved it on, the step is void. */
  private requireUnchanged(slot: Slot): void {
    const now = this.topology.slot(slot.number);
    if (now?.status === slot.status && now.group === slot.group && now.operation === slot.operation) return;
    throw new Error(`Slot ${slot.number} was changed while operation ${this.operationId} worked on it.`);
  }
}
