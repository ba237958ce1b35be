import { pause } from '../../common/async.js';
import type { Notifier } from '../../common/notifier.js';
import { CompactedError, CoordinatorUnavailableError } from '../errors.js';
import type { WatchBatch } from '../types.js';
import type { Store } from './store.js';

/** Revisions fetched at a time: all that a slow consumer ever holds in memory. */
const PAGE = 128;
const RETRY_MS = 250;

/** Follows the history on disk, so that a consumer may be as slow as it likes until history is compacted. */
export async function* followHistory(
  store: Store,
  committed: Notifier,
  prefix: string,
  afterRevision: bigint,
  signal: AbortSignal,
): AsyncGenerator<WatchBatch, void, undefined> {
  let position = afterRevision;
  while (!signal.aborted) {
    const newest = store.revision;
    let page: WatchBatch[];
    try {
      page = await store.history(position, PAGE);
    } catch (error) {
      if (!(error instanceof CoordinatorUnavailableError)) throw error;
      await pause(RETRY_MS, signal);
      continue;
    }
    // Asked after the page was read: it may have been compacted meanwhile.
    if (position < store.compactRevision) throw new CompactedError(store.compactRevision);

    for (const batch of page) {
      const changes = batch.changes.filter((change) => change.key.startsWith(prefix));
      if (changes.length > 0) yield { revision: batch.revision, changes };
      position = batch.revision;
    }
    if (page.length > 0) continue;
    if (position < newest) position = newest;
    if (store.revision === newest) await committed.wait(signal);
  }
}
