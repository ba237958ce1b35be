import { delay } from './async.js';

/** How long a new limit may go unnoticed by a wait for the old one, in milliseconds. */
const LOOK_MS = 250;

/** Spreads work over time: at most `rate` units a second, with a burst of a tenth of a second. */
export class TokenBucket {
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
