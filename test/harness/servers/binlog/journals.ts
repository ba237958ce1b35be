import { createLogger } from '../../../../src/telemetry/logger.js';
import { Journal } from '../../../../src/binlog/journal/journal.js';
import type { JournalWriter } from '../../../../src/binlog/journal/journal-writer.js';
import { removeTemporaryDirectory, temporaryDirectory } from '../tmp.js';
import { Feeder, type RandomSource, type Transaction } from '../../binlog/history.js';

const log = createLogger('silent');
const open = new Set<Journal>();
const directories: string[] = [];

export function journalDirectory(): string {
  const directory = temporaryDirectory('journal');
  directories.push(directory);
  return directory;
}

export async function openJournal(
  directory: string,
  segmentBytes = 50_000,
  cacheBytes?: number,
  pageBytes?: number,
): Promise<Journal> {
  const journal = await Journal.open({
    directory,
    segmentBytes,
    log,
    ...(cacheBytes !== undefined && { cacheBytes }),
    ...(pageBytes !== undefined && { pageBytes }),
  });
  open.add(journal);
  return journal;
}

/** Closes what a test has opened, and removes its files. */
export async function cleanJournals(): Promise<void> {
  for (const journal of open) await journal.close();
  open.clear();
  for (const directory of directories.splice(0)) removeTemporaryDirectory(directory);
}

export async function closeJournal(journal: Journal): Promise<void> {
  open.delete(journal);
  await journal.close();
}

/** Appends, durably; answers where each transaction ends. */
export async function write(
  writer: JournalWriter,
  source: RandomSource,
  transactions: readonly Transaction[],
  file = 'source.000001',
): Promise<number[]> {
  writer.setFormat(source.builder.format(), file);
  const feeder = new Feeder(writer, source.flavour);
  const ends: number[] = [];
  for (const { bytes } of transactions) {
    await feeder.push(bytes);
    ends.push(writer.boundaryOffset);
  }
  await writer.flush();
  return ends;
}

/** A journal with these transactions, all committed, without a writer. */
export async function filledJournal(
  directory: string,
  source: RandomSource,
  transactions: readonly Transaction[],
  segmentBytes?: number,
): Promise<{ journal: Journal; ends: number[] }> {
  const journal = await openJournal(directory, segmentBytes);
  await journal.begin(source.flavour);
  const writer = await journal.openWriter();
  const ends = await write(writer, source, transactions);
  await writer.close();
  await journal.commit(journal.endOffset);
  return { journal, ends };
}

/** All committed bytes from the offset on, and where segments began among them. */
export async function readAll(journal: Journal, offset = journal.startOffset): Promise<Buffer> {
  const reader = journal.reader(offset);
  const pieces: Buffer[] = [];
  try {
    while (reader.offset < journal.committedOffset) {
      const { bytes, start, end } = await reader.read(AbortSignal.timeout(20_000));
      pieces.push(Buffer.from(bytes.subarray(start, end)));
    }
  } finally {
    await reader.close();
  }
  return Buffer.concat(pieces);
}
