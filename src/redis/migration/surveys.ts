import type { Topology } from '../topology/topology.js';
import type { Throttles } from './limits.js';
import type { Paces } from './pace.js';
import { survey, type Survey } from './survey.js';
import { requireMaster } from './masters.js';

/** Keys may grow after they were measured; those that are moved later than this are measured once more. */
const FRESH_MS = 30_000;

/** The surveys of one operation: one of all its keys at first, and one of a batch whose keys it could not keep. */
export class Surveys {
  private readonly bySource = new Map<number, Survey>();

  constructor(
    private readonly topology: Topology,
    private readonly throttles: Throttles,
    private readonly paces: Paces,
  ) {}

  /** Looks at all keys of these slots of a group anew, and keeps what it saw for the batches to come. */
  async take(group: number, slots: readonly number[], signal: AbortSignal): Promise<Survey> {
    const source = requireMaster(this.topology, group);
    const taken = await survey({
      source,
      slots: new Set(slots),
      maxKeyBytes: this.topology.limits().maxKeyBytes,
      throttle: this.throttles.of(source.address),
      pace: this.paces.of(source.address),
      signal,
    });
    this.bySource.set(group, taken);
    return taken;
  }

  /** Before a batch sets out: all its keys are listed, unless they are too many even for one batch. */
  async complete(group: number, slots: readonly number[], signal: AbortSignal): Promise<void> {
    const last = this.bySource.get(group);
    if (last?.complete === true && slots.every((slot) => last.slots.has(slot))) return;
    await this.take(group, slots, signal);
  }

  /** How much memory the keys of these slots took when they were looked at. */
  bytesOf(group: number, slots: readonly number[]): number {
    const bytes = this.bySource.get(group)?.bytes;
    return slots.reduce((sum, slot) => sum + (bytes?.get(slot) ?? 0), 0);
  }

  /** The newest one of a group, however old; it need not know all keys, nor all slots. */
  latest(group: number): Survey | undefined {
    return this.bySource.get(group);
  }
}

/** Whether the sizes of its keys are still good enough to move them by. */
export function isFresh({ at }: Survey): boolean {
  return performance.now() - at < FRESH_MS;
}
