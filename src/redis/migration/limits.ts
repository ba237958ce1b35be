import { delay } from '../../common/async.js';
import type { MigrationLimits } from '../topology/records.js';

/** Spreads work over time: at most `rate` units a second, with a burst of a tenth of a second. */
class TokenBucket {
  private available = 0;
  private refilledAt = performance.now();

  /** Takes units, which may overdraw once; resolves when the debt is paid. */
  async take(units: number, rate: number, signal: AbortSignal): Promise<void> {
    const now = performance.now();
    this.available = Math.min(rate / 10, this.available + ((now - this.refilledAt) * rate) / 1_000);
    this.refilledAt = now;
    this.available -= units;
    if (this.available < 0) await delay((-this.available / rate) * 1_000, signal);
  }
}

/** Holds a move back so that the source's other clients hardly notice it. One per source server. */
export class Throttle {
  private readonly keys = new TokenBucket();
  private readonly bytes = new TokenBucket();

  /** @param limits asked anew each time, so that a change holds at once */
  constructor(private readonly limits: () => MigrationLimits) {}

  get countsBytes(): boolean {
    return this.limits().bytesPerSecond !== null;
  }

  /** Before moving that much. `latencyMs` is what the source took for a trivial command just now. */
  async admit(keys: number, bytes: number, latencyMs: number, signal: AbortSignal): Promise<void> {
    const limits = this.limits();
    if (limits.keysPerSecond !== null) await this.keys.take(keys, limits.keysPerSecond, signal);
    if (limits.bytesPerSecond !== null) await this.bytes.take(bytes, limits.bytesPerSecond, signal);
    const excess = limits.sourceLatencyMs === null ? 0 : latencyMs - limits.sourceLatencyMs;
    if (excess > 0) await delay(Math.min(1_000, excess * 10), signal);
  }
}
