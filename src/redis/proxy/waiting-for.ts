import type { ZombieKeeper } from './backend/zombies.js';
import type { SlotGate } from './slot-gate.js';

/** Slots as ranges: `3, 7-9`. */
export function formatSlots(slots: readonly number[]): string {
  const sorted = [...slots].sort((a, b) => a - b);
  const ranges: string[] = [];
  for (let i = 0; i < sorted.length;) {
    let last = i;
    while (last + 1 < sorted.length && sorted[last + 1] === sorted[last]! + 1) last++;
    ranges.push(last === i ? String(sorted[i]) : `${sorted[i]}-${sorted[last]}`);
    i = last + 1;
  }
  return ranges.join(', ');
}

/** A sentence that says what keeps the newest table from being acknowledged; null when nothing does. */
export function describeWaiting(gate: SlotGate, zombies: ZombieKeeper): string | null {
  const slotsByReason = new Map<string, number[]>();
  for (const slot of gate.waitingSlots) {
    for (const reason of reasons(slot, gate, zombies)) {
      const slots = slotsByReason.get(reason);
      if (slots === undefined) slotsByReason.set(reason, [slot]);
      else slots.push(slot);
    }
  }
  if (slotsByReason.size === 0) return null;
  return [...slotsByReason]
    .map(([reason, slots]) => `${slots.length === 1 ? 'slot' : 'slots'} ${formatSlots(slots)}: ${reason}`)
    .join('; ');
}

function reasons(slot: number, gate: SlotGate, zombies: ZombieKeeper): string[] {
  const lost = zombies.reasonsFor(slot);
  if (lost.length > 0) {
    return lost.map(
      ({ address, why }) => `${address} may still execute requests whose connection was lost (${why})`,
    );
  }
  const { owner, target } = gate.route(slot);
  const servers = [owner, target].filter((server) => server !== null).map((server) => server.address);
  return [`${servers.join(' or ')} has not answered all requests in flight`];
}
