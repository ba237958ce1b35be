import { refuse, type Field } from '../../common/refused.js';
import type { Proposals, Proposed } from '../../cluster/proposals.js';
import type { Condition } from '../../coordinator/types.js';
import { SLOT_COUNT } from '../slots.js';
import { SLOTS_PER_RECORD, topologyCollections as collections, type SlotRecord } from './records.js';
import { formatSlots } from './slot-writes.js';
import { chunkId, type Slot, type Topology } from './topology.js';

/** The making of the slots; what changes their owners is in migration/. */
export class SlotChanges {
  constructor(
    private readonly topology: Topology,
    private readonly proposals: Proposals,
  ) {}

  /** Creates the 1024 slots, all OFFLINE. No proxy has routed any of them before, so no barrier is needed. */
  create(actor: string): Promise<Proposed | null> {
    return this.proposals.run(() => {
      if (this.topology.hasSlots()) {
        refuse('ALREADY_EXISTS', 'force', 'The slots exist already. Forced, all of them would go OFFLINE.');
      }
      const slot: SlotRecord = {
        status: 'OFFLINE',
        group: null,
        targetGroup: null,
        operation: null,
        changedAt: new Date().toISOString(),
      };
      const value = collections.slots.encode({ slots: Array<SlotRecord>(SLOTS_PER_RECORD).fill(slot) });
      const ids = Array.from({ length: SLOT_COUNT / SLOTS_PER_RECORD }, (_, i) =>
        chunkId(i * SLOTS_PER_RECORD),
      );
      return {
        conditions: ids.map((id) => ({
          key: collections.slots.key(id),
          modRevision: this.topology.view.get(collections.slots, id)?.revision ?? 0n,
        })),
        operations: ids.map((id) => ({ put: collections.slots.key(id), value })),
        action: this.changed([0, SLOT_COUNT - 1], 'Created the slots, all OFFLINE', actor),
      };
    });
  }

  private changed([from, to]: readonly [number, number], description: string, actor: string) {
    return {
      type: from === to ? ('SLOT_CHANGED' as const) : ('MULTI_SLOT_CHANGED' as const),
      description,
      target: from === to ? `slot/${from}` : `slot/${from}-${to}`,
      actor,
      receivers: this.topology.activeProxies().map(({ record }) => record.id),
    };
  }
}

export function requireSlots(topology: Topology): void {
  if (!topology.hasSlots())
    refuse('PRECONDITION_FAILED', null, 'There are no slots yet; create them with initSlots.');
}

export function checkRange(from: number, to: number): void {
  if (!Number.isInteger(from) || from < 0 || from >= SLOT_COUNT) {
    refuse('INVALID_INPUT', 'from', `A slot's number is from 0 to ${SLOT_COUNT - 1}, not ${from}.`);
  }
  if (!Number.isInteger(to) || to < from || to >= SLOT_COUNT) {
    refuse('INVALID_INPUT', 'to', `The last slot is from ${from} to ${SLOT_COUNT - 1}, not ${to}.`);
  }
}

/** Conditions that these groups stay as they are; refuses when one is missing or has no master. */
export function groupConditions(topology: Topology, numbers: readonly number[], field: Field): Condition[] {
  return numbers.map((number) => {
    const group = topology.group(number) ?? refuse('NOT_FOUND', field, `There is no group ${number}.`);
    if (!topology.master(group.value)) {
      refuse('PRECONDITION_FAILED', field, `Group ${number} has no server yet; add one first.`);
    }
    return { key: collections.groups.key(number), modRevision: group.revision };
  });
}

/** Refuses slots that an operation has claimed. */
export function refuseClaimed(slots: readonly Slot[], field: string): void {
  const claimed = slots.filter((slot) => slot.operation !== null);
  const first = claimed[0];
  if (!first) return;
  refuse(
    'IN_USE',
    field,
    `Slots ${formatSlots(claimed.map((slot) => slot.number))} are part of operation ${first.operation}; wait for it ` +
      'or cancel it.',
  );
}
