import { delay } from '../../../src/common/async.js';
import type { Disk } from '../../../src/binlog/journal/disk.js';
import { Journal } from '../../../src/binlog/journal/journal.js';
import { JournalDamageError } from '../../../src/binlog/journal/journal-error.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { DIRECTORY, type Observer } from './observer.js';

const log = createLogger('silent');
const RETRY_MS = 500;
/** Small, so that a short history has many. */
const PAGE_BYTES = 1_024;
const CACHE_BYTES = 4_096;

/** A disk that is full now may not be later; files that are damaged stay so. */
export async function openJournal(
  who: string,
  disk: Disk,
  segmentBytes: number,
  observer: Observer,
): Promise<Journal> {
  const sizes = { segmentBytes, pageBytes: PAGE_BYTES, cacheBytes: CACHE_BYTES };
  for (;;) {
    try {
      return await Journal.open({ ...sizes, directory: DIRECTORY, log, disk });
    } catch (error) {
      if (error instanceof JournalDamageError) observer.damaged(who, error);
      observer.failed(error);
      await delay(RETRY_MS);
    }
  }
}
