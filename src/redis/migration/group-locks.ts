import { abortReason } from '../../common/async.js';

/**
 * Lets moves run side by side as long as no two of them share a group, and no more than `limit()` at once.
 * Waiters are served in the order in which they could be.
 */
export class GroupLocks {
  private readonly busy = new Set<number>();
  private readonly waiting = new Set<() => void>();
  private running = 0;

  constructor(private readonly limit: () => number) {}

  /** Runs the work while both groups are its own. Rejects with the signal's reason if it aborts first. */
  async run<T>(groups: readonly number[], signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    while (this.running >= this.limit() || groups.some((group) => this.busy.has(group)))
      await this.change(signal);
    this.running++;
    groups.forEach((group) => this.busy.add(group));
    try {
      return await work();
    } finally {
      this.running--;
      groups.forEach((group) => this.busy.delete(group));
      const waiters = [...this.waiting];
      this.waiting.clear();
      waiters.forEach((wake) => wake());
    }
  }

  private change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(abortReason(signal));
      const onAbort = (): void => {
        this.waiting.delete(wake);
        reject(abortReason(signal));
      };
      const wake = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.waiting.add(wake);
    });
  }
}
