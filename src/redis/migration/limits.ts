import type { Redis } from 'ioredis';
import { delay } from '../../common/async.js';
import { TokenBucket } from '../../common/token-bucket.js';
import type { MigrationLimits } from '../topology/records.js';

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
