import type { Condition, WriteOperation } from '../../coordinator/types.js';
import { SLOT_COUNT } from '../slots.js';
import { SLOTS_PER_RECORD, topologyCollections as collections, type SlotRecord } from './records.js';
import { chunkId, type Topology } from './topology.js';

/** New content of some slots; `changedAt` is filled in. */
export type SlotChanges = ReadonlyMap<number, Omit<SlotRecord, 'changedAt'>>;

export interface Writes {
  readonly conditions: Condition[];
  readonly operations: WriteOperation[];
}

/**
 * The part of a transaction that changes these slots, on condition that no slot of the same records has
 * changed since the view was read.
 */
export function slotWrites(topology: Topology, changes: SlotChanges): Writes {
  const changedAt = new Date().toISOString();
  const writes: Writes = { conditions: [], operations: [] };
  for (const id of new Set([...changes.keys()].map(chunkId))) {
    const chunk = topology.view.get(collections.slots, id);
    if (!chunk) throw new Error(`Slot record ${id} does not exist.`);
    const first = Number(id) * SLOTS_PER_RECORD;
    const slots = chunk.value.slots.map((slot, index) => {
      const change = changes.get(first + index);
      return change ? { ...slot, ...change, changedAt } : slot;
    });
    writes.conditions.push({ key: collections.slots.key(id), modRevision: chunk.revision });
    writes.operations.push({ put: collections.slots.key(id), value: collections.slots.encode({ slots }) });
  }
  return writes;
}

/** That no slot changes, or begins to refer to a group, between the look at the view and the commit. */
export function slotsUnchanged(topology: Topology): Condition[] {
  const conditions: Condition[] = [];
  for (let slot = 0; slot < SLOT_COUNT; slot += SLOTS_PER_RECORD) {
    const chunk = topology.view.get(collections.slots, chunkId(slot));
    conditions.push({ key: collections.slots.key(chunkId(slot)), modRevision: chunk?.revision ?? 0n });
  }
  return conditions;
}

/** `0-63,70` of ascending numbers, for descriptions. */
export function formatSlots(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < sorted.length;) {
    let j = i;
    while (j + 1 < sorted.length && sorted[j + 1] === (sorted[j] as number) + 1) j++;
    parts.push(i === j ? `${sorted[i]}` : `${sorted[i]}-${sorted[j]}`);
    i = j + 1;
  }
  return parts.length > 8 ? `${parts.slice(0, 8).join(',')},… (${sorted.length} slots)` : parts.join(',');
}
