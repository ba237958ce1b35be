import type { Redis } from 'ioredis';
import { delay } from '../../common/async.js';
import type { MigrationLimits } from '../topology/records.js';

/** How long a new limit may go unnoticed by a wait for the old one, in milliseconds. */
const LOOK_MS = 250;

/** Spreads work over time: at most `rate` units a second, with a burst of a tenth of a second. */
class TokenBucket {
  private available = 0;
  private refilledAt = performance.now();

  /** @param rate asked anew during a wait; null is no limit */
  constructor(private readonly rate: () => number | null) {}

  /** Takes units, which may overdraw once; resolves when the debt is paid or the limit lifted. */
  async take(units: number, signal: AbortSignal): Promise<void> {
    this.refill();
    this.available -= units;
    for (let rate = this.rate(); rate !== null && this.available < 0; rate = this.rate()) {
      await delay(Math.min(LOOK_MS, (-this.available / rate) * 1_000), signal);
      this.refill();
    }
  }

  private refill(): void {
    const rate = this.rate();
    const now = performance.now();
    const earned = ((now - this.refilledAt) * (rate ?? 0)) / 1_000;
    this.available = rate === null ? 0 : Math.min(rate / 10, this.available + earned);
    this.refilledAt = now;
  }
}

/** Holds a move back so that the source's other clients hardly notice it. One per source server. */
export class Throttle {
  private readonly keys: TokenBucket;
  private readonly bytes: TokenBucket;

  /** @param limits asked anew each time, so that a change holds at once */
  constructor(private readonly limits: () => MigrationLimits) {
    this.keys = new TokenBucket(() => limits().keysPerSecond);
    this.bytes = new TokenBucket(() => limits().bytesPerSecond);
  }

  /** Whether {@link admit} wants to know how long the source takes. */
  get watchesLatency(): boolean {
    return this.limits().sourceLatencyMs !== null;
  }

  /** Before moving that much. `latencyMs`: see {@link latencyOf}. */
  async admit(keys: number, bytes: number, latencyMs: number, signal: AbortSignal): Promise<void> {
    await this.keys.take(keys, signal);
    await this.bytes.take(bytes, signal);
    const { sourceLatencyMs } = this.limits();
    const excess = sourceLatencyMs === null ? 0 : latencyMs - sourceLatencyMs;
    if (excess > 0) await delay(Math.min(1_000, excess * 10), signal);
  }
}

/** What the source takes for a trivial command just now, in milliseconds; 0 when nobody wants to know. */
export async function latencyOf(source: Redis, throttle: Throttle): Promise<number> {
  if (!throttle.watchesLatency) return 0;
  const asked = performance.now();
  await source.ping();
  return performance.now() - asked;
}

/** The throttles of all sources. */
export class Throttles {
  private readonly bySource = new Map<string, Throttle>();

  constructor(private readonly limits: () => MigrationLimits) {}

  of(address: string): Throttle {
    let throttle = this.bySource.get(address);
    if (!throttle) this.bySource.set(address, (throttle = new Throttle(this.limits)));
    return throttle;
  }
}
