import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after `ms`, or rejects with the signal's reason as soon as it aborts. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortReason(signal));
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(abortReason(signal as AbortSignal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

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

/** What an aborted signal was aborted with, always an Error. */
export function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('Aborted', { cause: signal.reason });
}

/**
 * The promise's outcome, or a rejection with the reason of the first signal that aborts before it.
 *
 * Leaves nothing behind in signals that live on. `AbortSignal.any` does: a signal that lives as long as the
 * process would remember every signal that was ever made from it.
 */
export function raceAbort<T>(promise: Promise<T>, ...signals: readonly AbortSignal[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      for (const signal of signals) signal.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      settle();
      const aborted = signals.find((signal) => signal.aborted);
      if (aborted) reject(abortReason(aborted));
    };
    promise
      .then(resolve, reject)
      .finally(settle)
      .catch(() => undefined);
    if (signals.some((signal) => signal.aborted)) return onAbort();
    for (const signal of signals) signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** The promise's outcome, or a rejection with the signal's reason if there is a signal and it aborts first. */
export function abortable<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  return signal === undefined ? promise : raceAbort(promise, signal);
}

/** Resolves when the signal aborts, or at once when it has. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** A controller whose signal has any number of listeners: Node.js takes more than ten for a leak. */
export function sharedAbortController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/** Waits that grow from `minMs` to `maxMs`, doubling, each with up to a quarter of jitter. */
export class Backoff {
  private attempt = 0;

  constructor(
    private readonly minMs: number,
    private readonly maxMs: number,
  ) {}

  /** The next wait, in milliseconds. */
  next(): number {
    const base = Math.min(this.maxMs, this.minMs * 2 ** Math.min(this.attempt++, 30));
    return base * (0.75 + Math.random() / 4);
  }

  reset(): void {
    this.attempt = 0;
  }
}
