import { afterEach, describe, expect, test } from 'vitest';
import { JournalError, JournalPurgedError } from '../../../src/binlog/journal/journal-error.js';
import type { JournalReader } from '../../../src/binlog/journal/journal-reader.js';
import type { Journal } from '../../../src/binlog/journal/journal.js';
import { RandomSource } from '../../harness/binlog/history.js';
import {
  cleanJournals,
  filledJournal,
  journalDirectory,
  openJournal,
  readAll,
  write,
} from '../../harness/servers/binlog/journals.js';
import { Random } from '../../harness/random.js';

afterEach(cleanJournals);

const SIGNAL = (): AbortSignal => AbortSignal.timeout(30_000);

/** Reads up to an offset that may not be committed yet; checks what the ranges say of themselves. */
async function follow(reader: JournalReader, end: number, pause: () => Promise<void>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let name: string | null = null;
  while (reader.offset < end) {
    const before = reader.offset;
    const range = await reader.read(SIGNAL());
    expect(range.offset).toBe(before);
    expect(range.isNewSegment).toBe(range.segment.name !== name);
    if (name !== null && range.isNewSegment) expect(range.offset).toBe(range.segment.startOffset);
    expect(range.offset + (range.end - range.start)).toBeLessThanOrEqual(range.segment.endOffset);
    name = range.segment.name;
    const copy = Buffer.from(range.bytes.subarray(range.start, range.end));
    await pause();
    // Nobody wrote over it in the meantime.
    expect(range.bytes.subarray(range.start, range.end).equals(copy)).toBe(true);
    pieces.push(copy);
  }
  return Buffer.concat(pieces);
}

async function begun(
  segmentBytes: number,
  cacheBytes?: number,
): Promise<{ journal: Journal; source: RandomSource }> {
  const journal = await openJournal(journalDirectory(), segmentBytes, cacheBytes);
  await journal.begin('MYSQL');
  return { journal, source: new RandomSource('MYSQL', new Random(61)) };
}

describe('readers', () => {
  test('see the same bytes, fast or slow, from the start or the middle, while it is written', async () => {
    // A cache of two pages: slow readers fall behind it.
    const { journal, source } = await begun(3_000_000, 2 * 1024 * 1024);
    const writer = await journal.openWriter();
    writer.onDurable((offset) => void journal.commit(offset));
    const all = Array.from({ length: 1500 }, () => source.transaction(source.builder.position % 20_000));
    const total = all.reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(total).toBeGreaterThan(8_000_000);
    const random = new Random(62);
    const pauses = [
      async () => undefined,
      async () => new Promise<void>((resolve) => setImmediate(resolve)),
      async () => new Promise<void>((resolve) => setTimeout(resolve, random.below(12))),
    ];
    const ends = await write(writer, source, all.slice(0, 200));
    const middle = ends[50]!;
    const starts = [0, 0, 0, middle];
    const readers = starts.map((start) => journal.reader(start));
    const following = readers.map((reader, i) => follow(reader, total, pauses[i % 3]!));
    await write(writer, source, all.slice(200));
    const end = journal.endOffset;
    const whole = await readAll(journal);
    expect(whole.length).toBe(end);
    for (const [i, reading] of following.entries()) {
      const bytes = await reading;
      const start = starts[i]!;
      expect(bytes.equals(whole.subarray(start, start + bytes.length))).toBe(true);
      expect(start + bytes.length).toBeGreaterThanOrEqual(total);
      await readers[i]!.close();
    }
  });

  test('pass over what they need not see, in the file and in memory, within and behind what was read ahead', async () => {
    const random = new Random(64);
    const source = new RandomSource('MYSQL', new Random(65));
    for (let round = 0; round < 20; round++) {
      const journal = await openJournal(journalDirectory(), 40_000, 9_000, 3_000);
      await journal.begin('MYSQL');
      const writer = await journal.openWriter();
      const ends = await write(writer, source, source.transactions(300));
      await journal.commit(ends.at(-1)!);
      const whole = await readAll(journal);
      const reader = journal.reader(0);
      while (reader.offset < whole.length) {
        const { bytes, start, end, offset, segment } = await reader.read(SIGNAL());
        expect(bytes.subarray(start, end).equals(whole.subarray(offset, offset + end - start))).toBe(true);
        const left = Math.min(segment.endOffset, journal.committedOffset) - reader.offset;
        if (random.below(2) === 0) reader.skip(random.below(Math.min(left, 8_000) + 1));
      }
      await reader.close();
      await writer.close();
    }
  });

  test('wait for what is committed, and see nothing beyond it', async () => {
    const { journal, source } = await begun(1e9);
    const writer = await journal.openWriter();
    const ends = await write(writer, source, source.transactions(10));
    const reader = journal.reader(0);
    const reading = reader.read(SIGNAL());
    expect(await Promise.race([reading, writer.flush().then(() => 'waiting')])).toBe('waiting');
    await journal.commit(ends[3]!);
    const { start, end, offset } = await reading;
    expect([offset, end - start]).toEqual([0, ends[3]]);
    const controller = new AbortController();
    const aborted = reader.read(controller.signal);
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await journal.commit(ends[9]!);
    expect((await reader.read(SIGNAL())).offset).toBe(ends[3]);
    await reader.close();
    await expect(reader.read(SIGNAL())).rejects.toThrow(/was closed/);
  });

  test('are told when what they read is purged or truncated', async () => {
    const source = new RandomSource('MYSQL', new Random(63));
    const { journal, ends } = await filledJournal(
      journalDirectory(),
      source,
      source.transactions(200),
      20_000,
    );
    const behind = journal.reader(0);
    const ahead = journal.reader(journal.endOffset);
    await behind.read(SIGNAL());
    const [first, second] = journal.segments();
    await journal.purge(journal.planPurge({ toSegment: journal.segments()[3]!.name }));
    await expect(behind.read(SIGNAL())).rejects.toThrow(JournalPurgedError);
    expect(behind.offset).toBe(second!.startOffset);
    expect(first!.startOffset).toBe(0);
    const waiting = ahead.read(SIGNAL());
    waiting.catch(() => undefined);
    await journal.truncate(ends[190]!, { force: true });
    await expect(waiting).rejects.toThrow(JournalError);
    await behind.close();
    await ahead.close();
  });
});

describe('a writer', () => {
  test('asks to wait when the disk is behind, and never holds more than a few pages', async () => {
    const { journal, source } = await begun(1e9);
    const writer = await journal.openWriter();
    writer.setFormat(source.builder.format(), 'a.000001');
    const bytes = source.builder.rows(900_000);
    let count = 0;
    while (writer.append(bytes, 0, bytes.length)) count++;
    expect(count).toBeLessThan(5);
    await writer.writable(SIGNAL());
    expect(journal.endOffset).toBe(0);
    await writer.discard();
    expect(journal.segments()).toEqual([]);
    await writer.close();
  });

  test('makes each commit durable at once, and many that come together with one sync', async () => {
    const { journal, source } = await begun(1e9);
    const writer = await journal.openWriter();
    const offsets: number[] = [];
    const end = writer.onDurable((offset) => offsets.push(offset));
    await write(writer, source, source.transactions(1));
    expect(offsets).toEqual([writer.boundaryOffset]);
    await write(writer, source, source.transactions(500));
    expect(offsets.length).toBeLessThan(50);
    expect(offsets.at(-1)).toBe(journal.endOffset);
    end();
    await writer.close();
    expect(() => writer.append(Buffer.alloc(20), 0, 20)).toThrow(/was closed/);
  });
});
