import { QuorateError } from '../../common/errors.js';
import type { RegisteredProxy, Topology } from './topology.js';

/** Some proxies did not acknowledge a change in time; it names each and says why, as far as known. */
export class BarrierTimeoutError extends QuorateError {
  readonly proxies: readonly string[];

  constructor(revision: bigint, timeoutMs: number, late: readonly RegisteredProxy[]) {
    const reasons = late.map((proxy) => `${proxy.record.id} (${describe(proxy)})`).join(', ');
    super(
      'BARRIER_TIMEOUT',
      `Not every proxy acknowledged revision ${revision} within ${timeoutMs} ms: ${reasons}. Mend it, or fence it ` +
        'by removing it with force.',
    );
    this.proxies = late.map((proxy) => proxy.record.id);
  }
}

/**
 * Waits until every proxy that may have requests under way has applied a revision (docs/slot-migration.md, section
 * "Barriers").
 */
export class Barrier {
  constructor(
    private readonly topology: Topology,
    private readonly timeoutMs: number,
  ) {}

  /** Rejects with a BarrierTimeoutError, or with the signal's reason. */
  async wait(revision: bigint, signal: AbortSignal): Promise<void> {
    const timeout = AbortSignal.timeout(this.timeoutMs);
    try {
      // A proxy that registers later reads a state at least this new before it serves, so only those
      // registered as of this revision matter; the view must have got there for the list to be complete.
      await this.topology.view.waitFor(revision, signal, timeout);
      await this.topology.view.until(() => this.late(revision).length === 0, signal, timeout);
    } catch (error) {
      if (signal.aborted || !timeout.aborted) throw error;
      throw new BarrierTimeoutError(revision, this.timeoutMs, this.late(revision));
    }
  }

  private late(revision: bigint): RegisteredProxy[] {
    return this.topology
      .activeProxies()
      .filter(({ ack }) => ack === undefined || BigInt(ack.revision) < revision);
  }
}

function describe({ alive, ack }: RegisteredProxy): string {
  if (!alive) return 'its session with the coordinator is lost';
  if (ack?.waitingFor) return ack.waitingFor;
  return ack ? `it is at revision ${ack.revision}` : 'it has not acknowledged anything yet';
}
