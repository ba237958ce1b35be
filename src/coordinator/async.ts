import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { abortReason, raceAbort } from '../common/async.js';

/**
 * Resolves after `ms` milliseconds. With an aborted signal it resolves at once: whoever waits asks the signal
 * what to do next. The timer does not keep the process alive.
 */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? { ref: false } : { ref: false, signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}

/** The promise's outcome, or a rejection with the signal's reason if there is a signal and it aborts first. */
export function abortable<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  return signal === undefined ? promise : raceAbort(promise, signal);
}

/** Wakes everyone who waits. A waiter that checks its condition right before `wait` misses nothing. */
export class Notifier {
  private readonly waiters = new Set<() => void>();

  notify(): void {
    const waiters = [...this.waiters];
    this.waiters.clear();
    for (const wake of waiters) wake();
  }

  /** Resolves at the next `notify()`, or when the signal aborts. */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const wake = () => {
        this.waiters.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.waiters.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}

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

/** A controller whose signal has any number of listeners: Node.js takes more than ten for a leak. */
export function sharedAbortController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
