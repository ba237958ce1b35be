import { Repeater } from '@graphql-yoga/subscription';
import { fairTurn } from './fair-turns.js';

/** Where a subscription's events come from. */
export interface PullSource<T> {
  /** Registers for "there may be more"; returns the way to end it. Called when the first event is wanted. */
  open(wake: () => void): () => void;
  /** The next event, or undefined when there is none at present. Throwing ends the stream with the error. */
  next(): T | undefined;
}

let open = 0;

/** How many streams have a source open at present: those that some client is subscribed to. */
export function openStreams(): number {
  return open;
}

/**
 * A subscription's stream. Nothing is queued: the source is asked for its next event only when the client
 * takes one, so a slow client costs no memory, and changes it did not see in time come to it as one.
 *
 * A Repeater, not an async generator: the latter cannot be ended while it waits for an idle source, and
 * would leak when the client leaves.
 */
export function pullStream<T>(source: PullSource<T>): AsyncIterableIterator<T> {
  return new Repeater<T>(async (push, stop) => {
    let ended = false;
    let wake: () => void = () => undefined;
    const close = source.open(() => wake());
    open++;
    void stop.then(() => {
      ended = true;
      wake();
    });
    try {
      for (await fairTurn(); !ended; await fairTurn()) {
        const event = source.next();
        if (event !== undefined) await push(event);
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      close();
      open--;
      stop();
    }
  });
}

/**
 * The present state of some objects first, one event each, then each object that changed. What changes
 * several times before it is taken comes once, as it is then.
 */
export function statusStream<K, T>(options: {
  /** Keys of the objects there are now. */
  keys: () => Iterable<K>;
  /** An object as it is now; undefined when it is gone, which is no event. */
  present: (key: K) => T | undefined;
  /** Registers for keys of objects that changed. */
  subscribe: (changed: (key: K) => void) => () => void;
}): AsyncIterableIterator<T> {
  const due = new Set<K>();
  return pullStream<T>({
    open: (wake) => {
      const close = options.subscribe((key) => {
        due.add(key);
        wake();
      });
      for (const key of options.keys()) due.add(key);
      return close;
    },
    next: () => {
      for (const key of due) {
        due.delete(key);
        const event = options.present(key);
        if (event !== undefined) return event;
      }
      return undefined;
    },
  });
}
