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
  // Not AbortSignal.any: a signal that lives as long as the process would remember every iterator.
  const end = () => {
    for (const signal of signals) signal?.removeEventListener('abort', end);
    ended.abort();
  };
  for (const signal of signals) {
    if (signal?.aborted === true) end();
    else signal?.addEventListener('abort', end, { once: true });
  }
  const generator = produce(ended.signal);

  const finish = async (): Promise<IteratorResult<T>> => {
    end();
    await generator.return();
    return { done: true, value: undefined };
  };
  const iterator: AsyncIterableIterator<T> = {
    async next() {
      if (ended.signal.aborted) return finish();
      try {
        const result = await generator.next();
        // What arrives together with the end is not handed out: after an abort nobody expects another value.
        return result.done === true || ended.signal.aborted ? await finish() : result;
      } catch (error) {
        end();
        throw error;
      }
    },
    return: finish,
    [Symbol.asyncIterator]() {
      return iterator;
    },
  };
  return iterator;
}
