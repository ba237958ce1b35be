const FIRST_MS = 50;
const LONGEST_MS = 2000;

/** Spaces out attempts that fail: 50 ms, then twice as long each time, at most 2 s. */
export class Backoff {
  private delay = 0;
  private until = 0;

  /** How long to wait before the next attempt, in milliseconds. */
  get delayMs(): number {
    return this.delay;
  }

  isOver(now: number): boolean {
    return now >= this.until;
  }

  fail(now: number): void {
    this.delay = this.delay === 0 ? FIRST_MS : Math.min(this.delay * 2, LONGEST_MS);
    this.until = now + this.delay;
  }

  reset(): void {
    this.delay = 0;
    this.until = 0;
  }
}
