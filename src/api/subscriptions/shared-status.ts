import { statusStream } from './pull-stream.js';

export interface StatusSource<K, T> {
  /** Keys of the objects there are now. */
  readonly keys: () => Iterable<K>;
  /** An object as it is now; undefined when it is gone. */
  readonly present: (key: K) => T | undefined;
  /** Registers for keys of objects that changed. */
  readonly subscribe: (changed: (key: K) => void) => () => void;
}

/**
 * Objects that many subscribers follow: however many there are, changes are watched once, and an object is
 * presented once for each of its states. All get the very same event, which is what lets its execution be
 * shared too (`shared-execution.ts`).
 */
export class SharedStatus<K, T> {
  private readonly listeners = new Set<(key: K) => void>();
  private readonly presented = new Map<K, T | undefined>();
  private close: () => void = () => undefined;

  constructor(private readonly source: StatusSource<K, T>) {}

  /** The wanted objects as they are, one event each, then each that changes. */
  stream(wanted: (key: K) => boolean): AsyncIterableIterator<T> {
    return statusStream<K, T>({
      keys: () => [...this.source.keys()].filter(wanted),
      present: (key) => this.present(key),
      subscribe: (changed) =>
        this.listen((key) => {
          if (wanted(key)) changed(key);
        }),
    });
  }

  private listen(listener: (key: K) => void): () => void {
    if (this.listeners.size === 0) this.close = this.source.subscribe((key) => this.changed(key));
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      this.close();
      this.presented.clear();
    };
  }

  private changed(key: K): void {
    this.presented.delete(key);
    for (const listener of this.listeners) listener(key);
  }

  private present(key: K): T | undefined {
    if (!this.presented.has(key)) this.presented.set(key, this.source.present(key));
    return this.presented.get(key);
  }
}
