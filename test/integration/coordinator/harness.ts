import type { Change, Coordinator, WatchBatch } from '../../../src/coordinator/index.js';

/** One store to test against, empty at first. */
export interface Fixture {
  readonly coordinator: Coordinator;
  /** Another client of the same store; where there can be only one, the same. */
  other(): Promise<Coordinator>;
  /**
   * Cuts the coordinator off for good without a farewell, as a crash of its process does, and returns a
   * client with which to look at the store from then on.
   */
  abandon(): Promise<Coordinator>;
  dispose(): Promise<void>;
}

export type OpenFixture = () => Promise<Fixture>;

/** Takes `count` batches from a watch and ends it. */
export async function takeBatches(
  watch: AsyncIterableIterator<WatchBatch>,
  count: number,
): Promise<WatchBatch[]> {
  const batches: WatchBatch[] = [];
  while (batches.length < count) {
    const { done, value } = await watch.next();
    if (done === true) throw new Error(`The watch ended after ${batches.length} of ${count} batches.`);
    batches.push(value as WatchBatch);
  }
  await watch.return?.();
  return batches;
}

/** Reads a watch until a change satisfies `isLast`; returns every batch up to it and ends the watch. */
export async function takeUntil(
  watch: AsyncIterableIterator<WatchBatch>,
  isLast: (change: Change) => boolean,
): Promise<WatchBatch[]> {
  const batches: WatchBatch[] = [];
  for await (const batch of watch) {
    batches.push(batch);
    if (batch.changes.some(isLast)) return batches;
  }
  throw new Error('The watch ended early.');
}

/** Commits an unconditional put and returns its revision. */
export async function put(coordinator: Coordinator, key: string, value: string): Promise<bigint> {
  const result = await coordinator.commit({ conditions: [], operations: [{ put: key, value }] });
  if (!result.committed) throw new Error('An unconditional transaction was refused.');
  return result.revision;
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
