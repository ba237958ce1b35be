import type { Topology } from '../topology/topology.js';
import { countKeysBySlot } from './survey.js';

/** A count costs the server a SCAN of everything, so it is kept for a while and refused on large servers. */
const KEEP_MS = 10_000;
const MAX_KEYS = 2_000_000;
const COUNT_TIMEOUT_MS = 30_000;

interface Count {
  readonly at: number;
  readonly keys: Promise<Map<number, number> | undefined>;
}

/** How many keys slots hold, by asking the servers; for people who plan a move. */
export class SlotCounter {
  private readonly counts = new Map<string, Count>();

  constructor(private readonly topology: Topology) {}

  /** Null when the group has more keys than is worth counting, or its master does not answer. */
  async count(slot: number, group: number): Promise<number | null> {
    const master = this.topology.masterEndpoint(group);
    if (!master) return null;
    let count = this.counts.get(master.address);
    if (!count || performance.now() - count.at > KEEP_MS) {
      const keys = countKeysBySlot(master, AbortSignal.timeout(COUNT_TIMEOUT_MS), MAX_KEYS).catch(
        () => undefined,
      );
      count = { at: performance.now(), keys };
      this.counts.set(master.address, count);
    }
    const keys = await count.keys;
    return keys ? (keys.get(slot) ?? 0) : null;
  }
}
