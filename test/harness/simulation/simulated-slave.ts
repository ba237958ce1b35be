import { delay, sharedAbortController } from '../../../src/common/async.js';
import type { Journal } from '../../../src/binlog/journal/journal.js';
import { JournalError } from '../../../src/binlog/journal/journal-error.js';
import type { Observer } from './observer.js';

const PAUSE_MS = 100;

/** Reads what a journal has committed for as long as its process lives, from the beginning again now and then. */
export async function runSlave(who: string, journal: Journal, observer: Observer): Promise<void> {
  const { signal } = sharedAbortController();
  for (;;) {
    try {
      if (journal.flavour !== null) await readOn(who, journal, observer, signal);
    } catch (error) {
      if (!(error instanceof JournalError)) observer.failed(error);
    }
    await delay(PAUSE_MS);
  }
}

async function readOn(who: string, journal: Journal, observer: Observer, signal: AbortSignal): Promise<void> {
  const reader = journal.reader(journal.startOffset);
  try {
    for (;;) {
      const { bytes, start, end, offset } = await reader.read(signal);
      observer.served(who, offset, bytes.subarray(start, end));
    }
  } finally {
    await reader.close();
  }
}
