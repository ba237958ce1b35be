import { Backoff } from '../../../common/async.js';

const FIRST_MS = 50;
const LONGEST_MS = 2_000;

/** When the next attempt is due, by the clock that it is given: attempts that fail are spaced out. */
export class RetrySchedule {
  private readonly backoff = new Backoff(FIRST_MS, LONGEST_MS);
  private dueAt = 0;

  isDue(now: number): boolean {
    return now >= this.dueAt;
  }

  fail(now: number): void {
    this.dueAt = now + this.backoff.next();
  }

  reset(): void {
    this.backoff.reset();
    this.dueAt = 0;
  }
}
