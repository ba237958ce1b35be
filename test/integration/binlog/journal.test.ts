import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  JournalDivergedError,
  JournalError,
  JournalPurgedError,
} from '../../../src/binlog/journal/journal-error.js';
import type { Journal } from '../../../src/binlog/journal/journal.js';
import { parseGtidSet, type Flavour } from '../../../src/binlog/protocol/gtid/gtid-set.js';
import { MariadbGtidSet } from '../../../src/binlog/protocol/gtid/mariadb-gtid-set.js';
import { scanAll } from '../../harness/binlog/events.js';
import { Feeder, RandomSource, setOf, UUIDS, type Transaction } from '../../harness/binlog/history.js';
import {
  cleanJournals,
  closeJournal,
  filledJournal,
  journalDirectory,
  openJournal,
  readAll,
  write,
} from '../../harness/servers/binlog/journals.js';
import { Random } from '../../harness/random.js';

afterEach(cleanJournals);

const FLAVOURS = ['MYSQL', 'MARIADB'] as const;

/** What stands in the files, heads left out. */
function transactionsIn(journal: Journal): Buffer {
  return Buffer.concat(
    journal.segments().map(({ name }) => {
      const bytes = readFileSync(join(journal.directory, name)).subarray(4);
      return Buffer.concat(
        scanAll(bytes)
          .slice(2)
          .map(({ raw }) => raw),
      );
    }),
  );
}

/** All that is known of its segments. */
function textOf(journal: Journal): string {
  const segments = journal.segments().map(({ previousGtidSet, addedGtidSet, ...rest }) => ({
    ...rest,
    // The file's own time may be some milliseconds later.
    arrivedAt: null,
    sets: [String(previousGtidSet), String(addedGtidSet)],
  }));
  return JSON.stringify(segments);
}

function bytesOf(transactions: readonly Transaction[]): Buffer {
  return Buffer.concat(transactions.map(({ bytes }) => bytes));
}

/** A slave's own set, when it has the first `count` transactions. */
function slaveSet(flavour: Flavour, transactions: readonly Transaction[], count: number) {
  const set = setOf(flavour, transactions.slice(0, count));
  return set instanceof MariadbGtidSet ? set.position() : set;
}

describe.each(FLAVOURS)('a journal of %s', (flavour) => {
  test('holds what was written, byte for byte, over several segments and after it was opened again', async () => {
    const source = new RandomSource(flavour, new Random(1));
    const all = source.transactions(300);
    const directory = journalDirectory();
    const { journal } = await filledJournal(directory, source, all);
    expect(journal.segments().length).toBeGreaterThan(3);
    expect(transactionsIn(journal).equals(bytesOf(all))).toBe(true);
    expect(String(journal.executedGtidSet)).toBe(String(setOf(flavour, all)));
    expect(journal.lastGtid).toBe(all.at(-1)!.gtid);
    const before = { end: journal.endOffset, segments: textOf(journal) };
    const files = await readAll(journal);
    await closeJournal(journal);

    const again = await openJournal(directory);
    expect([again.endOffset, again.committedOffset]).toEqual([before.end, 0]);
    expect(String(again.executedGtidSet)).toBe('');
    await again.commit(before.end);
    expect(textOf(again)).toBe(before.segments);
    expect(String(again.executedGtidSet)).toBe(String(setOf(flavour, all)));
    expect(again.lastGtid).toBe(all.at(-1)!.gtid);
    expect((await readAll(again)).equals(files)).toBe(true);
    expect(files.length).toBe(again.endOffset);
  });

  test('is the same byte for byte on every member that is given the same transactions', async () => {
    const source = new RandomSource(flavour, new Random(16));
    const format = source.builder.format();
    const all = source.transactions(150);
    const contents: Buffer[] = [];
    for (const pieceBytes of [37, 4096, 1_000_000]) {
      const journal = await openJournal(journalDirectory(), 20_000);
      await journal.begin(flavour);
      const writer = await journal.openWriter();
      writer.setFormat(format, 'source.000001');
      const feeder = new Feeder(writer, flavour);
      for (const [i, { bytes }] of all.entries()) {
        await feeder.push(bytes, pieceBytes);
        if (i % (pieceBytes % 10) === 0) await writer.flush();
      }
      await writer.close();
      await journal.commit(journal.endOffset);
      contents.push(await readAll(journal));
    }
    expect(contents[1]!.equals(contents[0]!)).toBe(true);
    expect(contents[2]!.equals(contents[0]!)).toBe(true);
  });

  test('makes the next segment say what all those before hold', async () => {
    const source = new RandomSource(flavour, new Random(2));
    const all = source.transactions(200);
    const { journal } = await filledJournal(journalDirectory(), source, all, 20_000);
    let count = 0;
    for (const { previousGtidSet, addedGtidSet, minTimestamp, maxTimestamp, name } of journal.segments()) {
      const events = scanAll(readFileSync(join(journal.directory, name)).subarray(4));
      const ended = events.filter(({ type }) => type === 33 || type === 162).length;
      const own = all.slice(count, count + ended);
      expect(String(previousGtidSet)).toBe(String(setOf(flavour, all.slice(0, count))));
      expect(String(addedGtidSet)).toBe(String(setOf(flavour, own)));
      expect(minTimestamp!.getTime()).toBe(Math.min(...own.map(({ timestamp }) => timestamp)) * 1000);
      expect(maxTimestamp!.getTime()).toBe(Math.max(...own.map(({ timestamp }) => timestamp)) * 1000);
      expect(events[1]!.logPos).toBe(4 + events[0]!.size + events[1]!.size);
      count += ended;
    }
    expect(count).toBe(all.length);
  });

  test('counts as executed what is committed, at whatever boundary, also after it was opened again', async () => {
    const source = new RandomSource(flavour, new Random(3));
    const all = source.transactions(120);
    const directory = journalDirectory();
    const journal = await openJournal(directory);
    await journal.begin(flavour);
    const writer = await journal.openWriter();
    const ends = await write(writer, source, all);
    for (const i of [0, 1, 17, 80]) {
      await journal.commit(ends[i]!);
      expect(String(journal.executedGtidSet)).toBe(String(setOf(flavour, all.slice(0, i + 1))));
      expect(journal.lastGtid).toBe(all[i]!.gtid);
    }
    await journal.commit(ends[3]!);
    expect(journal.committedOffset).toBe(ends[80]);
    await expect(journal.commit(ends[90]! + 1)).rejects.toThrow(/is not between two transactions/);
    await expect(journal.commit(ends.at(-1)! + 1)).rejects.toThrow(JournalError);
    await closeJournal(journal);
    const again = await openJournal(directory);
    await expect(again.commit(ends[90]! - 1)).rejects.toThrow(/is not between two transactions/);
    for (const i of [5, 17, 81, 119]) {
      await again.commit(ends[i]!);
      expect(String(again.executedGtidSet)).toBe(String(setOf(flavour, all.slice(0, i + 1))));
      expect(again.lastGtid).toBe(all[i]!.gtid);
    }
  });

  test('tells a slave where to start: before the first transaction that it lacks, and not much before', async () => {
    const source = new RandomSource(flavour, new Random(4));
    const all = source.transactions(200);
    const { journal, ends } = await filledJournal(journalDirectory(), source, all, 30_000);
    for (let count = 0; count <= all.length; count += 7) {
      const { offset, segment } = await journal.seek(slaveSet(flavour, all, count));
      const begin = count === 0 ? 0 : ends[count - 1]!;
      const heads = 4000;
      expect(offset).toBeLessThanOrEqual(begin + heads);
      if (count < all.length) {
        expect(offset).toBeGreaterThanOrEqual(segment!.startOffset + segment!.header.bytes);
        expect(begin - offset).toBeLessThan(40_000);
        // Nothing that the slave lacks is left out.
        const rest = await readAll(journal, offset);
        expect(rest.includes(all[count]!.bytes)).toBe(true);
      }
    }
    expect((await journal.seek(slaveSet(flavour, all, all.length))).offset).toBe(journal.committedOffset);
  });

  test('is purged from the front, and says to a slave what it misses', async () => {
    const source = new RandomSource(flavour, new Random(5));
    const all = source.transactions(200);
    const directory = journalDirectory();
    const { journal, ends } = await filledJournal(directory, source, all, 20_000);
    const segments = journal.segments();
    const third = segments[2]!;
    expect(() => journal.planPurge({ toSegment: 'binlog.999999' })).toThrow(JournalError);
    const held = journal.planPurge({ toSegment: third.name }, segments[1]!.startOffset);
    expect([held.segments.length, held.isHeldBack]).toEqual([1, true]);
    const plan = journal.planPurge({ toSegment: third.name });
    expect(plan.bytes).toBe(third.startOffset);
    await journal.purge(plan);
    const check = async (purged: Journal) => {
      expect(purged.startOffset).toBe(third.startOffset);
      expect(String(purged.purgedGtidSet)).toBe(String(third.previousGtidSet));
      expect(purged.segments().map(({ name }) => name)).toEqual(segments.slice(2).map(({ name }) => name));
      await expect(purged.seek(slaveSet(flavour, all, 3))).rejects.toThrow(JournalPurgedError);
      const first = ends.findIndex((end) => end >= third.startOffset);
      expect((await purged.seek(slaveSet(flavour, all, first + 1))).segment!.name).toBe(third.name);
      expect(() => purged.reader(0)).toThrow(JournalPurgedError);
    };
    await check(journal);
    await closeJournal(journal);
    const again = await openJournal(directory);
    await again.commit(again.endOffset);
    await check(again);
    expect(String(again.executedGtidSet)).toBe(String(setOf(flavour, all)));
    const everything = again.planPurge({ keepBytes: 0 });
    expect(everything.segments).toHaveLength(again.segments().length - 1);
    expect(again.planPurge({ keepBytes: again.sizeBytes }).segments).toEqual([]);
    const old = again.planPurge({ olderThan: again.segments()[1]!.maxTimestamp! });
    expect(old.segments.length).toBeGreaterThan(0);
    for (const { maxTimestamp } of old.segments)
      expect(maxTimestamp!.getTime()).toBeLessThan(again.segments()[1]!.maxTimestamp!.getTime());
  });

  test('is truncated to any boundary, and goes on from there as if nothing had been behind', async () => {
    for (const [seed, cut] of [
      [6, 150],
      [7, 99],
      [8, 3],
    ] as const) {
      const source = new RandomSource(flavour, new Random(seed));
      const all = source.transactions(160);
      const directory = journalDirectory();
      const journal = await openJournal(directory, 20_000);
      await journal.begin(flavour);
      let writer = await journal.openWriter();
      const ends = await write(writer, source, all);
      await expect(journal.truncate(ends[cut]!)).rejects.toThrow(/has a writer already/);
      await writer.close();
      await journal.commit(ends[2]!);
      await expect(journal.truncate(ends[cut]! + 1)).rejects.toThrow(/is not between two transactions/);
      await expect(journal.truncate(ends[1]!)).rejects.toThrow(/is committed/);
      await journal.truncate(ends[cut]!);
      expect([journal.endOffset, journal.committedOffset]).toEqual([ends[cut], ends[2]]);
      writer = await journal.openWriter();
      const more = all.slice(cut + 1, cut + 9);
      await write(writer, source, more);
      await writer.close();
      await journal.commit(journal.endOffset);
      const kept = all.slice(0, cut + 9);
      expect(transactionsIn(journal).equals(bytesOf(kept))).toBe(true);
      expect(String(journal.executedGtidSet)).toBe(String(setOf(flavour, kept)));
      const content = await readAll(journal);
      await journal.truncate(ends[0]!, { force: true });
      expect([journal.endOffset, journal.committedOffset]).toEqual([ends[0], ends[0]]);
      expect(String(journal.executedGtidSet)).toBe(String(setOf(flavour, all.slice(0, 1))));
      await closeJournal(journal);
      const again = await openJournal(directory);
      await again.commit(ends[0]!);
      expect((await readAll(again)).equals(content.subarray(0, ends[0]))).toBe(true);
    }
  });

  test('answers which segments hold a time or a set', async () => {
    const source = new RandomSource(flavour, new Random(9));
    const all = source.transactions(150);
    const { journal } = await filledJournal(journalDirectory(), source, all, 20_000);
    const segments = journal.segments();
    const second = segments[1]!;
    expect(journal.segmentsAt(new Date(second.minTimestamp!.getTime() - 1000)).length).toBe(1);
    expect(journal.segmentsAt(new Date('2100-01-01'))).toEqual(segments);
    expect(journal.segmentsAt(new Date(0))).toEqual([]);
    expect(journal.segmentsCovering(second.addedGtidSet)).toEqual([second]);
    expect(journal.segmentsCovering(setOf(flavour, [all[0]!]))).toEqual([segments[0]]);
    const unknown = flavour === 'MYSQL' ? `${UUIDS[0]}:99999` : '0-1001-99999';
    expect(() => journal.segmentsCovering(parseGtidSet(flavour, unknown))).toThrow(unknown);
    await journal.purge(journal.planPurge({ toSegment: second.name }));
    expect(() => journal.segmentsCovering(setOf(flavour, [all[0]!]))).toThrow(all[0]!.gtid);
    expect(journal.segmentsCovering(second.addedGtidSet)).toEqual([second]);
  });

  test('begins behind what is purged at the source', async () => {
    const source = new RandomSource(flavour, new Random(10));
    const [before, after] = [source.transactions(20), source.transactions(20)];
    const directory = journalDirectory();
    const journal = await openJournal(directory);
    await expect(journal.openWriter()).rejects.toThrow(/has not begun/);
    await journal.begin(flavour, setOf(flavour, before), { offset: 7000, segment: 12 });
    const writer = await journal.openWriter();
    await write(writer, source, after);
    await journal.commit(journal.endOffset);
    expect(journal.segments()[0]!.name).toBe('quorate-binlog.000012');
    expect(journal.startOffset).toBe(7000);
    expect(String(journal.executedGtidSet)).toBe(String(setOf(flavour, [...before, ...after])));
    expect(String(journal.purgedGtidSet)).toBe(String(setOf(flavour, before)));
    await expect(journal.begin(flavour)).rejects.toThrow(/has begun already/);
    await closeJournal(journal);
    expect((await openJournal(directory)).startOffset).toBe(7000);
  });
});

describe('a slave that is ahead', () => {
  test('of MySQL is refused for the transactions of the source itself only', async () => {
    const source = new RandomSource('MYSQL', new Random(11));
    const { journal } = await filledJournal(journalDirectory(), source, source.transactions(50));
    const ahead = parseGtidSet('MYSQL', `${UUIDS[0]}:1-9999`);
    await expect(journal.seek(ahead, { serverUuid: UUIDS[0]! })).rejects.toThrow(JournalDivergedError);
    await expect(journal.seek(ahead, { serverUuid: UUIDS[1]! })).resolves.toBeDefined();
  });

  test('of MariaDB is refused in a domain that the journal has', async () => {
    const source = new RandomSource('MARIADB', new Random(12));
    const { journal } = await filledJournal(journalDirectory(), source, source.transactions(50));
    await expect(journal.seek(parseGtidSet('MARIADB', '0-1001-9999'))).rejects.toThrow(JournalDivergedError);
    await expect(journal.seek(parseGtidSet('MARIADB', '7-1001-9999'))).resolves.toBeDefined();
  });
});

describe('segments', () => {
  test('follow the source: another file or another format begins one, a resumed connection does not', async () => {
    const source = new RandomSource('MYSQL', new Random(13));
    const journal = await openJournal(journalDirectory(), 1e9);
    await journal.begin('MYSQL');
    const writer = await journal.openWriter();
    const count = () => journal.segments().length;
    await write(writer, source, source.transactions(3), 'a.000001');
    await write(writer, source, source.transactions(3), 'a.000001');
    expect(count()).toBe(1);
    await write(writer, source, [], 'a.000002');
    expect(count()).toBe(1);
    await write(writer, source, source.transactions(3), 'a.000002');
    expect(count()).toBe(2);
    const newer = new RandomSource('MYSQL', new Random(14), '8.4.9');
    await write(writer, newer, source.transactions(3), 'a.000002');
    expect(count()).toBe(3);
    await writer.close();
    const next = await journal.openWriter();
    await write(next, newer, source.transactions(3), 'a.000002');
    expect(count()).toBe(3);
  });
});

describe('a transaction that is not whole', () => {
  test.each([100, 3_000_000])(
    'of %d bytes is thrown away, and its place is taken by the next one',
    async (size) => {
      for (const segmentBytes of [1e9, 1000]) {
        const source = new RandomSource('MYSQL', new Random(15));
        const directory = journalDirectory();
        const journal = await openJournal(directory, segmentBytes);
        await journal.begin('MYSQL');
        const writer = await journal.openWriter();
        const first = source.transactions(5);
        const ends = await write(writer, source, first);
        const torn = Buffer.concat([source.builder.gtid(UUIDS[0]!, 9999n), source.builder.query('BEGIN')]);
        const feeder = new Feeder(writer, 'MYSQL');
        await feeder.push(torn);
        await feeder.push(source.builder.rows(size));
        await writer.discard();
        expect(journal.endOffset).toBe(ends.at(-1));
        const second = source.transactions(5);
        await write(writer, source, second);
        await writer.close();
        await journal.commit(journal.endOffset);
        expect(transactionsIn(journal).equals(bytesOf([...first, ...second]))).toBe(true);
        expect((await readAll(journal)).length).toBe(journal.endOffset);
        await closeJournal(journal);
        expect((await openJournal(directory)).endOffset).toBe(journal.endOffset);
      }
    },
  );
});

describe('the directory', () => {
  test('belongs to one journal at a time', async () => {
    const directory = journalDirectory();
    const journal = await openJournal(directory);
    await expect(openJournal(directory)).rejects.toThrow(/is open already/);
    await closeJournal(journal);
    await openJournal(directory);
  });

  test('remembers the newest term, before and after the beginning', async () => {
    const directory = journalDirectory();
    let journal = await openJournal(directory);
    const reopen = async () => {
      await closeJournal(journal);
      journal = await openJournal(directory);
    };
    await journal.recordTerm({ epoch: '17', generation: 1, base: 0 });
    await reopen();
    expect(journal.term).toEqual({ epoch: '17', generation: 1, base: 0 });
    await journal.begin('MYSQL');
    await reopen();
    expect([journal.flavour, journal.term!.epoch]).toEqual(['MYSQL', '17']);
    await journal.recordTerm({ epoch: '18', generation: 2, base: 99 });
    await reopen();
    expect(journal.term).toEqual({ epoch: '18', generation: 2, base: 99 });
  });
});
