import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { JournalWriteError } from '../../../src/binlog/journal/journal-error.js';
import { Feeder, RandomSource, setOf, UUIDS } from '../../harness/binlog/history.js';
import {
  cleanJournals,
  journalDirectory,
  openJournal,
  readAll,
  write,
} from '../../harness/servers/binlog/journals.js';
import { Random } from '../../harness/random.js';
import { removeSmallDisks, smallDisk } from '../../harness/faults/small-disk.js';

afterEach(async () => {
  await cleanJournals();
  removeSmallDisks();
});

test('a full disk fails the writer and nothing else; with space again it goes on where it was', async (context) => {
  const disk = smallDisk(8);
  if (disk === null) return context.skip('needs the right to mount a tmpfs');
  const filler = join(disk, 'filler');
  writeFileSync(filler, Buffer.alloc(4 * 1024 * 1024));
  const source = new RandomSource('MYSQL', new Random(71));
  const journal = await openJournal(join(disk, 'journal'), 1_000_000);
  await journal.begin('MYSQL');
  const writer = await journal.openWriter();
  const failures: Error[] = [];
  writer.onFailure((error) => failures.push(error));
  const kept = source.transactions(50);
  const ends = await write(writer, source, kept);
  await journal.commit(journal.endOffset);
  const more = Array.from({ length: 1000 }, () => source.transaction(20_000));
  const sizes: number[] = [];
  const writing = async (): Promise<void> => {
    const feeder = new Feeder(writer, 'MYSQL');
    for (const { bytes } of more) {
      await feeder.push(bytes);
      sizes.push(writer.boundaryOffset);
    }
    await writer.flush();
  };
  await expect(writing()).rejects.toThrow(JournalWriteError);
  expect(writer.error!.message).toMatch(/^Could not write .*binlog\.\d+.*: ENOSPC/);
  expect(failures).toEqual([writer.error]);
  expect(() => writer.append(Buffer.alloc(20), 0, 20)).toThrow(JournalWriteError);
  await writer.close();
  const durable = journal.endOffset;
  expect(durable).toBeGreaterThanOrEqual(ends.at(-1)!);
  expect((await readAll(journal)).length).toBe(ends.at(-1));

  rmSync(filler);
  expect(statfsSync(disk).bavail).toBeGreaterThan(0);
  const next = await journal.openWriter();
  expect(journal.endOffset).toBe(durable);
  const last = source.transactions(20);
  await write(next, source, last);
  await journal.commit(journal.endOffset);
  const written = [...kept, ...more.filter((_, i) => (sizes[i] ?? Infinity) <= durable), ...last];
  expect(String(journal.executedGtidSet)).toBe(String(setOf('MYSQL', written)));
  expect((await readAll(journal)).length).toBe(journal.endOffset);
});

test('memory stays flat while one huge transaction is written and read', async () => {
  const bytes = Number(process.env['QUORATE_TEST_HUGE_BYTES'] ?? 200_000_000);
  const journal = await openJournal(journalDirectory(), 1e9);
  await journal.begin('MYSQL');
  const source = new RandomSource('MYSQL', new Random(72));
  const writer = await journal.openWriter();
  writer.setFormat(source.builder.format(), 'a.000001');
  const feeder = new Feeder(writer, 'MYSQL');
  const rows = source.builder.rows(8000);
  await feeder.push(Buffer.concat([source.builder.gtid(UUIDS[0]!, 1n), source.builder.query('BEGIN')]));
  const before = process.memoryUsage().rss;
  let highest = before;
  const look = (): void => {
    highest = Math.max(highest, process.memoryUsage().rss);
  };
  const piece = Buffer.concat(new Array<Buffer>(16).fill(rows));
  for (let written = 0; written < bytes; written += piece.length) {
    await feeder.push(piece);
    look();
  }
  expect(journal.endOffset).toBe(0);
  await feeder.push(source.builder.xid());
  await writer.flush();
  await journal.commit(journal.endOffset);
  const reader = journal.reader(0);
  while (reader.offset < journal.endOffset) {
    await reader.read(AbortSignal.timeout(20_000));
    look();
  }
  await reader.close();
  expect(journal.endOffset).toBeGreaterThan(bytes);
  expect(highest - before).toBeLessThan(120 * 1024 * 1024);
});
