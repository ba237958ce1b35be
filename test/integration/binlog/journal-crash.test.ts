import {
  closeSync,
  cpSync,
  existsSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { JournalDamageError } from '../../../src/binlog/journal/journal-error.js';
import { RandomSource, setOf } from '../../harness/binlog/history.js';
import {
  cleanJournals,
  closeJournal,
  filledJournal,
  journalDirectory,
  openJournal,
  readAll,
  write,
} from '../../harness/servers/binlog/journals.js';
import { TestProcess } from '../../harness/servers/process.js';
import { Random } from '../../harness/random.js';

afterEach(cleanJournals);

const WRITER = new URL('./journal-child.ts', import.meta.url).pathname;
const FLAVOURS = ['MYSQL', 'MARIADB'] as const;

function cutFile(path: string, size: number): void {
  const file = openSync(path, 'r+');
  ftruncateSync(file, size);
  closeSync(file);
}

function flip(path: string, at: number): void {
  const file = openSync(path, 'r+');
  const byte = readFileSync(path)[at]!;
  writeSync(file, Buffer.from([byte ^ 0x10]), 0, 1, at);
  closeSync(file);
}

function copyOf(directory: string): string {
  const copy = journalDirectory();
  cpSync(directory, copy, { recursive: true });
  return copy;
}

describe.each(FLAVOURS)('a journal of %s after a crash', (flavour) => {
  test('ends with the last whole transaction, wherever its newest file was cut', async () => {
    const source = new RandomSource(flavour, new Random(21));
    const all = Array.from({ length: 90 }, () => source.transaction(40));
    const directory = journalDirectory();
    const { journal, ends } = await filledJournal(directory, source, all, 15_000);
    const newest = journal.segments().at(-1)!;
    const content = await readAll(journal);
    const header = (await journal.seek(setOf(flavour, []))).segment!.header.bytes;
    await closeJournal(journal);
    const own = ends.filter((end) => end > newest.startOffset).slice(0, 4);
    const last = own.at(-1)! - newest.startOffset;
    for (let size = last; size >= header + 200; size -= size > last - 300 ? 1 : 7) {
      const path = join(directory, newest.name);
      cutFile(path, size);
      const expected = ends.findLast((end) => end <= newest.startOffset + size)!;
      const again = await openJournal(directory, 15_000);
      expect(again.endOffset).toBe(expected);
      if (size % 50 === 0) {
        await again.commit(again.endOffset);
        expect((await readAll(again)).equals(content.subarray(0, expected))).toBe(true);
        expect(String(again.executedGtidSet)).toBe(
          String(setOf(flavour, all.slice(0, ends.indexOf(expected) + 1))),
        );
      }
      await closeJournal(again);
      if (expected <= newest.startOffset) break;
    }
  });

  test('forgets a tail of zeros or garbage that was never synced', async () => {
    const source = new RandomSource(flavour, new Random(22));
    const directory = journalDirectory();
    const { journal } = await filledJournal(directory, source, source.transactions(40));
    const [path, end] = [join(directory, journal.segments().at(-1)!.name), journal.endOffset];
    await closeJournal(journal);
    const { size } = statSync(path);
    for (const tail of [
      Buffer.alloc(9000),
      Buffer.alloc(3),
      Buffer.alloc(9000, 0x5a),
      source.transaction().bytes.subarray(0, 60),
    ]) {
      writeFileSync(path, Buffer.concat([readFileSync(path).subarray(0, size), tail]));
      const again = await openJournal(directory);
      expect(again.endOffset).toBe(end);
      expect(statSync(path).size).toBe(size);
      await closeJournal(again);
    }
  });

  test('is refused when a byte is wrong anywhere but at the end, and told which', async () => {
    const source = new RandomSource(flavour, new Random(23));
    const directory = journalDirectory();
    const { journal, ends } = await filledJournal(directory, source, source.transactions(120), 20_000);
    const segments = journal.segments();
    await closeJournal(journal);
    const newest = segments.at(-1)!;
    const beforeLast = ends.at(-3)! - newest.startOffset;
    const random = new Random(24);
    for (let i = 0; i < 60; i++) {
      const at = 40 + random.below(beforeLast - 60);
      const copy = copyOf(directory);
      flip(join(copy, newest.name), at);
      await expect(openJournal(copy), `byte ${at}`).rejects.toThrow(JournalDamageError);
      await expect(openJournal(copy)).rejects.toThrow(newest.name);
    }
  });

  test('is refused when a file is missing, short, or of another history', async () => {
    const source = new RandomSource(flavour, new Random(25));
    const directory = journalDirectory();
    const { journal } = await filledJournal(directory, source, source.transactions(200), 20_000);
    const names = journal.segments().map(({ name }) => name);
    await closeJournal(journal);
    const damaged = async (change: (copy: string) => void, message: string | RegExp) => {
      const copy = copyOf(directory);
      change(copy);
      await expect(openJournal(copy)).rejects.toThrow(message);
      await expect(openJournal(copy)).rejects.toThrow(JournalDamageError);
    };
    await damaged((copy) => rmSync(join(copy, names[1]!)), `${names[1]}: the file is missing`);
    await damaged((copy) => rmSync(join(copy, names[0]!)), `${names[0]}: the file is missing`);
    await damaged((copy) => cutFile(join(copy, names[1]!), 9000), names[1]!);
    await damaged((copy) => cpSync(join(copy, names[1]!), join(copy, names[2]!)), `${names[2]}`);
    await damaged((copy) => flip(join(copy, 'journal.state'), 30), /journal\.state: its checksum is wrong/);
    const copy = copyOf(directory);
    rmSync(join(copy, 'journal.state'));
    await expect(openJournal(copy)).rejects.toThrow(/has binlog files but no journal\.state/);
  });

  test('goes on with the segment before, when the newest one has no whole transaction', async () => {
    const source = new RandomSource(flavour, new Random(28));
    const all = source.transactions(30);
    const directory = journalDirectory();
    const journal = await openJournal(directory, 1000);
    await journal.begin(flavour);
    const writer = await journal.openWriter();
    await write(writer, source, all);
    const names = readdirSync(directory).filter((name) => /^quorate-binlog\.\d+$/.test(name));
    // So much of a transaction that is not whole that its segment has a file.
    writer.setFormat(source.builder.format(), 'source.000002');
    const rows = source.builder.rows(500_000);
    for (let i = 0; i < 8; i++) writer.append(rows, 0, rows.length);
    await writer.writable(AbortSignal.timeout(20_000));
    const crashed = copyOf(directory);
    expect(readdirSync(crashed).filter((name) => /^quorate-binlog\.\d+$/.test(name)).length).toBe(
      names.length + 1,
    );
    const newest = join(crashed, `binlog.${String(names.length + 1).padStart(6, '0')}`);
    const again = await openJournal(crashed, 1_000_000);
    expect(again.endOffset).toBe(journal.endOffset);
    expect(existsSync(newest)).toBe(false);
    const next = await again.openWriter();
    await write(next, source, source.transactions(5));
    await again.commit(again.endOffset);
    expect(existsSync(newest)).toBe(false);
    expect((await readAll(again)).length).toBe(again.endOffset);
    await closeJournal(again);
    expect((await openJournal(crashed)).endOffset).toBe(again.endOffset);
  });

  test('makes an index again that is missing or damaged', async () => {
    const source = new RandomSource(flavour, new Random(26));
    const all = source.transactions(200);
    const directory = journalDirectory();
    const { journal } = await filledJournal(directory, source, all, 20_000);
    const names = journal.segments().map(({ name }) => name);
    await closeJournal(journal);
    const index = (i: number): string => join(directory, `${names[i]}.index`);
    const before = readFileSync(index(0), 'utf8');
    rmSync(index(0));
    flip(index(1), 40);
    writeFileSync(index(2), '');
    const again = await openJournal(directory, 20_000);
    await again.commit(again.endOffset);
    expect(readFileSync(index(0), 'utf8')).toBe(before);
    expect(String(again.executedGtidSet)).toBe(String(setOf(flavour, all)));
    expect((await again.seek(setOf(flavour, []))).segment!.name).toBe(names[0]);
  });

  test('finishes what a purge or a new segment left half done', async () => {
    const source = new RandomSource(flavour, new Random(27));
    const directory = journalDirectory();
    const { journal } = await filledJournal(directory, source, source.transactions(200), 20_000);
    const before = copyOf(directory);
    const second = journal.segments()[2]!;
    await journal.purge(journal.planPurge({ toSegment: second.name }));
    const end = journal.endOffset;
    await closeJournal(journal);
    // The state has moved, the files are still there.
    cpSync(join(directory, 'journal.state'), join(before, 'journal.state'));
    writeFileSync(join(before, 'quorate-binlog.000099.new'), 'half a head');
    const again = await openJournal(before);
    expect([again.startOffset, again.endOffset]).toEqual([second.startOffset, end]);
    expect(readdirSync(before).sort()).toEqual(readdirSync(directory).sort());
  });
});

describe('crashes at random', () => {
  test.each([31, 32, 33, 34, 35, 36])(
    'lose nothing that was durable and keep nothing that is not whole (seed %d)',
    async (seed) => {
      const random = new Random(seed);
      const flavour = random.pick(FLAVOURS);
      const source = new RandomSource(flavour, random);
      const directory = journalDirectory();
      let journal = await openJournal(directory, 30_000);
      await journal.begin(flavour);
      // What the journal has to hold, and what its bytes were before.
      let kept: ReturnType<RandomSource['transactions']> = [];
      let content: Buffer = Buffer.alloc(0);
      for (let round = 0; round < 15; round++) {
        const writer = await journal.openWriter();
        const more = source.transactions(random.between(1, 40));
        const ends = await write(writer, source, more, `a.${round >> 2}`);
        if (random.below(2) === 0) writer.append(source.builder.rows(random.below(4000)), 0, 19);
        await closeJournal(journal);
        const durable = random.below(more.length + 1);
        const path = join(
          directory,
          readdirSync(directory)
            .filter((name) => /^quorate-binlog\.\d+$/.test(name))
            .sort()
            .at(-1)!,
        );
        const { size } = statSync(path);
        const start = ends.at(-1)! - size;
        // A crash may cut what was not synced: here, anything in the newest file behind some boundary.
        const boundaries = ends.filter((end, i) => i >= durable && end > start + 2000);
        const boundary = boundaries.length > 0 ? random.pick(boundaries) : ends.at(-1)!;
        const next = ends.find((end) => end > boundary) ?? boundary;
        cutFile(path, boundary - start + random.below(Math.max(1, next - boundary)));
        if (random.below(3) === 0)
          writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(random.below(5000))]));
        kept = [...kept, ...more.slice(0, ends.indexOf(boundary) + 1)];
        journal = await openJournal(directory, 30_000);
        expect(journal.endOffset).toBe(boundary);
        await journal.commit(boundary);
        const bytes = await readAll(journal);
        expect(bytes.length).toBe(boundary);
        expect(bytes.subarray(0, content.length).equals(content)).toBe(true);
        expect(String(journal.executedGtidSet)).toBe(String(setOf(flavour, kept)));
        content = bytes;
        // Of the source, what was lost comes again: as other transactions with later numbers here.
      }
    },
  );
});

describe('a process that is killed while it writes', () => {
  test.each([1, 2, 3, 4, 5])('has on disk what it said is durable (%d)', async (seed) => {
    const directory = journalDirectory();
    let durable = 0;
    const child = new TestProcess({
      command: process.execPath,
      args: ['--import', 'tsx', WRITER, directory, String(seed)],
      onLine: (line) => {
        const [word, offset] = line.split(' ');
        if (word === 'durable') durable = Number(offset);
      },
    });
    const enough = 200_000 + seed * 400_000;
    while (durable < enough && child.isRunning) await new Promise((resolve) => setTimeout(resolve, 5));
    await child.end('SIGKILL');
    expect(durable, child.output).toBeGreaterThanOrEqual(enough);
    const journal = await openJournal(directory);
    expect(journal.endOffset).toBeGreaterThanOrEqual(durable);
    await journal.commit(journal.endOffset);
    expect((await readAll(journal)).length).toBe(journal.endOffset);
  });
});
