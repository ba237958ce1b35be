import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { EventType } from '../../../src/binlog/protocol/event/event-type.js';
import { BinlogCluster, expectEqual } from '../../support/binlog/binlog-cluster.js';
import type { FlavourName } from '../../support/mysql/flavours/flavour.js';
import { FLAVOUR_NAMES, isMissing } from '../../support/mysql/flavours/flavours.js';
import type { RawEvent } from '../../support/mysql/raw-replica/events.js';
import {
  HEARTBEAT_V2_OR_ANNOTATIONS,
  NON_BLOCK,
  RawReplica,
  type DumpOptions,
} from '../../support/mysql/raw-replica/raw-replica.js';
import type { MysqlServer } from '../../support/mysql/server.js';
import { temporaryDirectory } from '../../support/tmp.js';

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

const TABLES = [
  'CREATE DATABASE d',
  'USE d',
  'CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, a VARCHAR(200), b DOUBLE, at DATETIME) ENGINE=InnoDB',
  'CREATE TABLE m (id INT PRIMARY KEY AUTO_INCREMENT, a VARCHAR(200)) ENGINE=MyISAM',
  'CREATE TABLE big (id INT PRIMARY KEY, data LONGBLOB) ENGINE=InnoDB',
];

/** Each form that a transaction can have in any flavour. */
const COMMON = [
  "INSERT INTO m (a) VALUES ('one'), ('two')",
  "UPDATE m SET a = 'three'",
  'BEGIN',
  "INSERT INTO t (a) VALUES ('x')",
  'SAVEPOINT s',
  "INSERT INTO t (a) VALUES ('y')",
  'ROLLBACK TO s',
  "INSERT INTO t (a) VALUES ('z')",
  'COMMIT',
  "XA START 'one'",
  "INSERT INTO t (a) VALUES ('xa')",
  "XA END 'one'",
  "XA PREPARE 'one'",
  "XA COMMIT 'one'",
  "XA START 'two'",
  "INSERT INTO t (a) VALUES ('xa')",
  "XA END 'two'",
  "XA PREPARE 'two'",
  "XA ROLLBACK 'two'",
  "XA START 'three'",
  "INSERT INTO t (a) VALUES ('xa')",
  "XA END 'three'",
  "XA COMMIT 'three' ONE PHASE",
  'CREATE TEMPORARY TABLE temp_rows (id INT)',
  'INSERT INTO temp_rows VALUES (1)',
  'INSERT INTO t (a) SELECT id FROM temp_rows',
  'DROP TEMPORARY TABLE temp_rows',
  'CREATE TABLE other LIKE t',
  'ALTER TABLE other ADD COLUMN more INT',
  'CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1',
  'DROP FUNCTION f',
  'CREATE TRIGGER tr BEFORE INSERT ON other FOR EACH ROW SET NEW.more = 5',
  "INSERT INTO other (a) VALUES ('triggered')",
  'CREATE VIEW v AS SELECT id FROM t',
  'TRUNCATE TABLE other',
  'DROP TABLE other',
  "GRANT SELECT ON d.* TO 'repl'@'%'",
  'ANALYZE TABLE t',
  'FLUSH TABLES',
  "INSERT INTO big VALUES (1, REPEAT('x', 20000000))",
];

/** With INTVAR, RAND and USER_VAR events before them. */
const STATEMENTS = [
  "SET SESSION binlog_format = 'STATEMENT'",
  "INSERT INTO t (a, at) VALUES ('now', NOW())",
  "SET @value = 'from a variable'",
  'INSERT INTO t (a) VALUES (@value)',
  'INSERT INTO m (a) VALUES (@value)',
  'UPDATE t SET b = RAND() WHERE id = 1',
  'INSERT INTO m (id, a) SELECT NULL, RAND()',
  'BEGIN',
  "INSERT INTO t (a) VALUES ('first'), ('second')",
  'INSERT INTO t (a, b) VALUES (LAST_INSERT_ID(), RAND())',
  'COMMIT',
  'CREATE TEMPORARY TABLE temp_statements (id INT)',
  'DROP TEMPORARY TABLE temp_statements',
];

const OF_FLAVOUR: Readonly<Record<FlavourName, readonly string[]>> = {
  mysql56: [],
  mysql97: [
    'CREATE TABLE filled SELECT id, a FROM t',
    'SET SESSION binlog_transaction_compression = ON',
    "INSERT INTO t (a) VALUES (REPEAT('compressed', 10))",
    "INSERT INTO big VALUES (2, REPEAT('y', 18000000))",
    'SET SESSION binlog_transaction_compression = OFF',
    "SET SESSION gtid_next = 'AUTOMATIC:first_tag'",
    "INSERT INTO t (a) VALUES ('tagged')",
    "INSERT INTO m (a) VALUES ('tagged')",
    "SET SESSION gtid_next = 'AUTOMATIC:second_tag'",
    'CREATE TABLE tagged (id INT)',
    "SET SESSION gtid_next = 'AUTOMATIC'",
    "SET SESSION binlog_rows_query_log_events = ON, binlog_row_image = 'MINIMAL'",
    "UPDATE t SET a = 'minimal' WHERE id = 1",
    "SET SESSION binlog_rows_query_log_events = OFF, binlog_row_image = 'FULL'",
  ],
  mariadb: [
    'CREATE TABLE filled SELECT id, a FROM t',
    'CREATE OR REPLACE TABLE filled SELECT id, a FROM t',
    'CREATE SEQUENCE numbers',
    'SELECT NEXTVAL(numbers)',
    'SET GLOBAL log_bin_compress = ON, log_bin_compress_min_len = 10',
    "INSERT INTO t (a) VALUES (REPEAT('compressed', 10))",
    "INSERT INTO big VALUES (2, REPEAT('y', 18000000))",
    "CREATE TABLE commented (id INT) COMMENT 'a text that is long enough to be worth compressing, long enough'",
    'SET GLOBAL log_bin_compress = OFF',
    'SET SESSION gtid_domain_id = 3',
    "INSERT INTO t (a) VALUES ('another domain')",
    'SET SESSION gtid_domain_id = 0',
    'SET SESSION server_id = 4711',
    "INSERT INTO t (a) VALUES ('another server')",
    'BEGIN',
    "INSERT INTO t (a) VALUES ('rolled back')",
    "INSERT INTO m (a) VALUES ('kept')",
    'ROLLBACK',
    'START TRANSACTION',
    'CREATE TEMPORARY TABLE temp_inside (id INT) ENGINE=InnoDB',
    "INSERT INTO t (a) VALUES ('with a temporary table')",
    'DROP TEMPORARY TABLE temp_inside',
    'COMMIT',
  ],
};

/** LOAD DATA of a file that is larger than a block of it in the binlog. */
function loadData(): string {
  const file = join(temporaryDirectory('load'), 'rows.txt');
  writeFileSync(file, Array.from({ length: 20_000 }, (_, i) => `${i}\tline ${i}`).join('\n'));
  return `LOAD DATA INFILE '${file}' INTO TABLE t (b, a)`;
}

async function runAll(server: MysqlServer, statements: readonly string[]): Promise<void> {
  const connection = await server.connect();
  try {
    for (const statement of statements) {
      await connection.query(statement).catch((error: unknown) => {
        throw new Error(`${statement}: ${String(error)}`);
      });
    }
  } finally {
    connection.destroy();
  }
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
