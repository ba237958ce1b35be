import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { EventType } from '../../../src/binlog/protocol/event/event-type.js';
import { BinlogCluster, expectEqual } from '../../harness/servers/binlog/binlog-cluster.js';
import { COMMON, OF_FLAVOUR, runAll, STATEMENTS, TABLES } from '../../harness/binlog/statements.js';
import type { FlavourName } from '../../harness/servers/mysql/flavours/flavour.js';
import { FLAVOUR_NAMES, isMissing } from '../../harness/servers/mysql/flavours/flavours.js';
import type { RawEvent } from '../../harness/checkers/raw-replica/events.js';
import {
  HEARTBEAT_V2_OR_ANNOTATIONS,
  NON_BLOCK,
  RawReplica,
  type DumpOptions,
} from '../../harness/checkers/raw-replica/raw-replica.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';

/** 2000 for the long variant: a million rows. */
const LARGE_MB = Number(process.env['QUORATE_BINLOG_LARGE_MB'] ?? 200);
const ALL = NON_BLOCK | HEARTBEAT_V2_OR_ANNOTATIONS;
/** Files may be loaded, and in MySQL 5.6 a row may be a tenth as large as the log. */
const ARGS = ['--secure-file-priv=', '--loose-innodb-log-file-size=256M'];
const MEGABYTE = 2 ** 20;
const PATIENCE_MS = 60_000 + 400 * LARGE_MB;
/** Caches, pages and packets that are under way: the same for a transaction of any size. */
const ROOM_MB = 120;

/** Differ from file to file, and our files are others than the source's. */
const OF_FILES: ReadonlySet<number> = new Set([
  ...[EventType.ROTATE, EventType.STOP, EventType.FORMAT_DESCRIPTION, EventType.PREVIOUS_GTIDS],
  ...[EventType.GTID_LIST, EventType.BINLOG_CHECKPOINT],
]);

const cluster = new BinlogCluster();
const raw: RawReplica[] = [];

afterEach(async () => {
  for (const replica of raw.splice(0)) replica.close();
  await cluster.remove();
});

/** What a client of that server gets of transactions. */
async function eventsOf(port: number, flavour: FlavourName, options: DumpOptions): Promise<RawEvent[]> {
  const replica = await RawReplica.connect({ port, flavour });
  raw.push(replica);
  await replica.dump({ flags: ALL, ...options });
  expect(await replica.untilEnd()).toBe('eof');
  expect(replica.disorders).toEqual([]);
  return replica.stored.filter(({ type }) => !OF_FILES.has(type));
}

/** Of an event in another file, position and so checksum are others. */
function withoutPosition({ bytes }: RawEvent): Buffer {
  const copy = Buffer.from(bytes.subarray(0, -4));
  copy.fill(0, 13, 17);
  return copy;
}

function expectSame(actual: readonly Buffer[], expected: readonly Buffer[]): void {
  expect(actual.length).toBe(expected.length);
  const at = expected.findIndex((bytes, i) => !bytes.equals(actual[i]!));
  expect(at < 0 ? '' : `${at}: ${actual[at]!.toString('hex', 0, 200)}`).toBe(
    at < 0 ? '' : `${at}: ${expected[at]!.toString('hex', 0, 200)}`,
  );
}

/** LOAD DATA of a file that is larger than a block of it in the binlog. */
function loadData(): string {
  const file = join(temporaryDirectory('load'), 'rows.txt');
  writeFileSync(file, Array.from({ length: 20_000 }, (_, i) => `${i}\tline ${i}`).join('\n'));
  return `LOAD DATA INFILE '${file}' INTO TABLE t (b, a)`;
}

describe.each(FLAVOUR_NAMES)('transactions of %s', (flavour) => {
  describe.skipIf(isMissing(flavour))('through the binlog server', () => {
    test('come in every form as the source wrote them, byte for byte, and replicas can apply them', async () => {
      const source = await cluster.server({ flavour, args: ARGS });
      const store = await cluster.store({ segmentBytes: 12 * MEGABYTE });
      await store.follow(source);
      await runAll(source, [...TABLES, ...COMMON]);
      const middle = await source.gtidExecuted();
      await source.rotate();
      await runAll(source, ['USE d', ...OF_FLAVOUR[flavour]]);
      await source.restart([...ARGS, '--binlog-row-event-max-size=2048', '--max-binlog-size=1M']);
      await runAll(source, ['USE d', ...STATEMENTS, loadData(), "INSERT INTO t (a) VALUES ('last')"]);
      const replica = await cluster.replica(store, { flavour, args: ARGS });
      await expectEqual(source, store, replica);

      for (const gtids of ['', middle]) {
        const ours = await eventsOf(store.port, flavour, { gtids });
        const theirs = await eventsOf(source.port, flavour, { gtids });
        expect(ours.length).toBeGreaterThan(30);
        expectSame(
          ours.map(({ bytes }) => bytes),
          theirs.map(({ bytes }) => bytes),
        );
      }
      const ours = await eventsOf(store.port, flavour, { gtids: null });
      const theirs = await eventsOf(source.port, flavour, { gtids: null });
      expectSame(ours.map(withoutPosition), theirs.map(withoutPosition));
    });
  });
});

describe.each(FLAVOUR_NAMES)('a transaction of %s that is larger than memory should hold', (flavour) => {
  test.skipIf(isMissing(flavour))(
    'passes through without being held',
    async () => {
      const source = await cluster.server({ flavour });
      const store = await cluster.store();
      await store.follow(source);
      const thousand = Array.from({ length: 1_000 }, (_, n) => `(${n})`).join(',');
      await runAll(source, [
        'CREATE DATABASE d',
        'CREATE TABLE d.numbers (n INT PRIMARY KEY) ENGINE=InnoDB',
        `INSERT INTO d.numbers VALUES ${thousand}`,
        'CREATE TABLE d.t (id INT PRIMARY KEY, data VARCHAR(3000)) ENGINE=InnoDB',
      ]);
      await store.reach(await source.gtidExecuted());
      const client = await RawReplica.connect({ port: store.port, flavour });
      raw.push(client);
      await client.dump({ countOnly: true });

      let most = 0;
      const measure = (): number => {
        const { rss } = process.memoryUsage();
        return (most = Math.max(most, rss));
      };
      const before = measure();
      const timer = setInterval(measure, 20);
      const inserts = Array.from(
        { length: LARGE_MB / 2 },
        (_, i) => `INSERT INTO d.t SELECT ${i * 1_000} + n, REPEAT('x', 2100) FROM d.numbers`,
      );
      await runAll(source, ['BEGIN', ...inserts, 'COMMIT']);
      await store.reach(await source.gtidExecuted(), PATIENCE_MS);
      await client.until(() => client.counter.size > LARGE_MB * MEGABYTE, PATIENCE_MS);
      clearInterval(timer);
      expect((most - before) / MEGABYTE).toBeLessThan(ROOM_MB);
    },
    2 * PATIENCE_MS,
  );
});
