/**
 * An iterator over what `produce` yields, ended by any of `signals` and by `return()`.
 *
 * A bare async generator queues `return()` behind a pending `next()`; a consumer that gives up while nothing
 * happens would wait for the next change. Here `return()` aborts the signal that `produce` waits on.
 */
export function abortableIterator<T>(
  produce: (signal: AbortSignal) => AsyncGenerator<T, void, undefined>,
  signals: readonly (AbortSignal | undefined)[],
): AsyncIterableIterator<T> {
  const ended = new AbortController();
  const given = signals.filter((signal) => signal !== undefined);
  const signal = AbortSignal.any([ended.signal, ...given]);
  const generator = produce(signal);

  const iterator: AsyncIterableIterator<T> = {
    async next() {
      if (signal.aborted) {
        await generator.return();
        return { done: true, value: undefined };
      }
      const result = await generator.next();
      // What arrives together with the end is not handed out: after an abort nobody expects another value.
      return signal.aborted ? { done: true, value: undefined } : result;
    },
    async return() {
      ended.abort();
      await generator.return();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return iterator;
    },
  };
  return iterator;
}
