import { abortReason } from './async.js';

/** At most `limit` holders at a time; those who wait get their turn in the order of arrival. */
export class Semaphore {
  private readonly waiting = new Set<() => void>();
  private held = 0;

  constructor(private readonly limit: number) {}

  /** Resolves with a permit, to be given back by `release`; rejects with the reason of the first abort. */
  acquire(...signals: AbortSignal[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const aborted = signals.find((signal) => signal.aborted);
      if (aborted !== undefined) {
        reject(abortReason(aborted));
        return;
      }
      if (this.held < this.limit) {
        this.held += 1;
        resolve();
        return;
      }
      const settle = () => {
        this.waiting.delete(onTurn);
        for (const signal of signals) signal.removeEventListener('abort', onAbort);
      };
      const onTurn = () => {
        settle();
        resolve();
      };
      const onAbort = (event: Event) => {
        settle();
        reject(abortReason(event.target as AbortSignal));
      };
      this.waiting.add(onTurn);
      for (const signal of signals) signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  release(): void {
    const [next] = this.waiting;
    if (next === undefined) {
      this.held -= 1;
      return;
    }
    // The permit goes from hand to hand.
    next();
  }
}
