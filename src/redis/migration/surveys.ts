import { QuorateError } from '../../common/errors.js';
import type { Topology } from '../topology/topology.js';
import type { Throttles } from './limits.js';
import { survey, type Survey } from './survey.js';

/** Keys may grow after they were measured; what is older than this is looked at once more. */
const FRESH_MS = 30_000;

/** The surveys of one operation: one of all its keys at first, later one for each batch when it has aged. */
export class Surveys {
  private readonly bySource = new Map<number, Survey>();

  constructor(
    private readonly topology: Topology,
    private readonly throttles: Throttles,
  ) {}

  /** Looks at all keys of these slots of a group anew, and keeps what it saw for the batches to come. */
  async take(group: number, slots: readonly number[], signal: AbortSignal): Promise<Survey> {
    const source = this.topology.masterEndpoint(group);
    if (!source) throw new QuorateError('NO_MASTER', `Group ${group} has no master.`);
    const taken = await survey({
      source,
      slots: new Set(slots),
      maxKeyBytes: this.topology.limits().maxKeyBytes,
      throttle: this.throttles.of(source.address),
      signal,
    });
    this.bySource.set(group, taken);
    return taken;
  }

  /** Before a batch sets out: no key of it is too big, as of a moment ago. */
  async refresh(group: number, slots: readonly number[], signal: AbortSignal): Promise<void> {
    const last = this.bySource.get(group);
    const fresh = last !== undefined && performance.now() - last.at < FRESH_MS;
    if (fresh && last.complete && slots.every((slot) => last.slots.has(slot))) return;
    await this.take(group, slots, signal);
  }

  /** The newest one of a group, however old; it need not know all keys, nor all slots. */
  latest(group: number): Survey | undefined {
    return this.bySource.get(group);
  }
}
