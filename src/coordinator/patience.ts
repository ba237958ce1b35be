import { Backoff, delay } from '../common/async.js';
import { CoordinatorRefusalError, isPassing, SessionLostError } from './errors.js';

/** Whether the same call may succeed later: the coordinator was not reached, and has not refused the request. */
export function isOutage(error: unknown): error is Error {
  if (error instanceof CoordinatorRefusalError) return false;
  return isPassing(error) || error instanceof SessionLostError;
}

export interface Patience {
  readonly signal: AbortSignal;
  /** Called after each attempt that an outage ended. */
  readonly onOutage: (error: Error) => void;
}

/**
 * The outcome of an action that may be repeated: it is tried again while the coordinator is out of reach.
 *
 * @throws what the action throws that is no outage, and the signal's reason
 */
export async function throughOutages<T>(action: () => Promise<T>, patience: Patience): Promise<T> {
  const { signal, onOutage } = patience;
  const backoff = new Backoff(200, 3_000);
  for (;;) {
    try {
      return await action();
    } catch (error) {
      signal.throwIfAborted();
      if (!isOutage(error)) throw error;
      onOutage(error);
      await delay(backoff.next(), signal);
    }
  }
}
