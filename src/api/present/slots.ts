import type { PlannedMove } from '../../redis/migration/plan.js';
import type { Slot as SlotState } from '../../redis/topology/topology.js';
import type { Services } from '../context.js';
import { Slot, type SlotMove, type SlotRange } from '../types/redis.js';
import { groupPresenter } from './groups.js';
import { presentOperationId } from './operations.js';

export function presentSlots(slots: readonly SlotState[], services: Services): Slot[] {
  const group = groupPresenter(services);
  return slots.map((slot) =>
    Object.assign(new Slot(), {
      id: `slot/${slot.number}`,
      number: slot.number,
      group: group(slot.group),
      groupNumber: slot.group,
      status: slot.status,
      targetGroup: group(slot.targetGroup),
      operation: slot.operation === null ? null : presentOperationId(slot.operation, services),
      lastChangedAt: new Date(slot.changedAt),
      revision: slot.revision,
    } satisfies Slot),
  );
}

/** All slots, neighbours that are alike taken together. */
export function presentSlotRanges(services: Services): SlotRange[] {
  const group = groupPresenter(services);
  const ranges: (SlotRange & { key: string })[] = [];
  for (const slot of services.topology.slots()) {
    const key = `${slot.status} ${slot.group} ${slot.targetGroup}`;
    const last = ranges[ranges.length - 1];
    if (last?.key === key) last.to = slot.number;
    else {
      ranges.push({
        key,
        from: slot.number,
        to: slot.number,
        status: slot.status,
        group: group(slot.group),
        targetGroup: group(slot.targetGroup),
      });
    }
  }
  return ranges;
}

export function presentMove({ slot, from, to }: PlannedMove): SlotMove {
  return { slot, fromGroup: from, toGroup: to };
}
