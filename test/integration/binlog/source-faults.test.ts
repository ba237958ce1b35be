import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { afterEach, describe, expect, test } from 'vitest';
import { SourceConnection } from '../../../src/binlog/syncer/source-connection.js';
import { SourceUnavailableError } from '../../../src/binlog/syncer/source-error.js';
import { BinlogCluster, expectEqual } from '../../harness/servers/binlog/binlog-cluster.js';
import type { BinlogStore } from '../../harness/servers/binlog/binlog-store.js';
import { REPL } from '../../harness/servers/mysql/accounts.js';
import { FLAVOUR_NAMES, isMissing } from '../../harness/servers/mysql/flavours/flavours.js';
import type { MysqlServer } from '../../harness/servers/mysql/server.js';
import { runWorkload } from '../../harness/servers/mysql/workload/workload.js';
import { Random } from '../../harness/random.js';
import { until } from '../../harness/until.js';

/** 50 for the long variant. */
const KILLS = Number(process.env['QUORATE_BINLOG_KILLS'] ?? 5);
/** 10 for the long variant. */
const CRASHES = Number(process.env['QUORATE_BINLOG_SOURCE_CRASHES'] ?? 1);
/** 60 for the long variant. */
const DOWN_SECONDS = Number(process.env['QUORATE_BINLOG_SOURCE_DOWN_SECONDS'] ?? 0);
/** For a test, and for what is left to be done when its load has ended. */
const PATIENCE_MS = 120_000 + 15_000 * KILLS + (60_000 + 2_000 * DOWN_SECONDS) * CRASHES;

const cluster = new BinlogCluster();

afterEach(() => cluster.remove());

/** Commits transactions of many rows until the signal aborts or the server is gone. */
async function commitLarge(source: MysqlServer, database: string, signal: AbortSignal): Promise<void> {
  const connection = await source.connect();
  try {
    await connection.query(`CREATE DATABASE ${database}`);
    await connection.query(
      `CREATE TABLE ${database}.t (id INT PRIMARY KEY AUTO_INCREMENT, data VARBINARY(3000))`,
    );
    const row = "(REPEAT('x', 2500))";
    while (!signal.aborted) {
      await connection.query('BEGIN');
      for (let i = 0; i < 8; i++)
        await connection.query(
          `INSERT INTO ${database}.t (data) VALUES ${Array.from({ length: 500 }, () => row).join(',')}`,
        );
      await connection.query('COMMIT');
      await connection.query(`DELETE FROM ${database}.t`);
    }
  } finally {
    connection.destroy();
  }
}

/** Of what a source was doing to a MyISAM table when it was killed, it may have done more than it has logged. */
function isReliable(table: string): boolean {
  const [, seed] = /^work_(\d+)_\d+\.myisam$/.exec(table) ?? [];
  return seed === undefined || Number(seed) % 2 === 0;
}

async function killDump(source: MysqlServer): Promise<void> {
  for (const { Id, Command } of await source.query('SHOW PROCESSLIST'))
    if (String(Command).startsWith('Binlog Dump'))
      await source.query(`KILL ${String(Id)}`).catch(() => undefined);
}

/** Breaks it anywhere, or within a transaction. */
async function breakOff(source: MysqlServer, store: BinlogStore, random: Random): Promise<void> {
  const before = store.status.reconnects;
  const inTransaction = random.below(2) === 0;
  await until('the syncer runs', () => store.status.state === 'RUNNING');
  if (inTransaction)
    await until('a transaction is under way', () => store.status.ingest?.isInTransaction === true);
  else await new Promise((resolve) => setTimeout(resolve, random.below(200)));
  await killDump(source);
  await until('the syncer has lost the source', () => store.status.reconnects > before);
}

describe.each(FLAVOUR_NAMES)('a source, %s,', (flavour) => {
  describe.skipIf(isMissing(flavour))('that fails', () => {
    test(
      'ends the dump again and again: nothing is missing and nothing comes twice',
      { timeout: 2 * PATIENCE_MS },
      async () => {
        const source = await cluster.server({ flavour });
        const store = await cluster.store({ segmentBytes: 8 * 2 ** 20 });
        await store.follow(source);
        await source.query('CREATE DATABASE d');
        const replica = await cluster.replica(store, { flavour });
        const stop = new AbortController();
        const work = Promise.allSettled([
          runWorkload(source, { seed: 1, transactions: 1e6, connections: 2, signal: stop.signal }),
          commitLarge(source, 'large', stop.signal),
        ]);
        const random = new Random(11);
        for (let i = 0; i < KILLS; i++) await breakOff(source, store, random);
        stop.abort();
        await work;
        await expectEqual(source, store, replica, PATIENCE_MS);
        expect(store.status.reconnects).toBeGreaterThanOrEqual(KILLS);
      },
    );

    test(
      'is stopped, and crashes, under load: followed further into its new files',
      { timeout: 2 * PATIENCE_MS },
      async () => {
        const source = await cluster.server({ flavour });
        const store = await cluster.store();
        await store.follow(source);
        await source.query('CREATE DATABASE d');
        const replica = await cluster.replica(store, { flavour });
        // MySQL 5.6 may lose an XA COMMIT that its binlog has, also when it is stopped in order (XA is not safe before 5.7):
        // its replicas have it then, and so has ours. (A direct replica of a killed MariaDB is no model: it may get stuck
        // at the torn end of a file, which ours gets past.)
        const model = flavour === 'mysql56' ? await cluster.server({ flavour }) : source;
        if (model !== source) await model.replication.follow({ port: source.port });
        for (let i = 0; i < 2 * CRASHES; i++) {
          const stop = new AbortController();
          const work = Promise.allSettled([
            runWorkload(source, {
              ...{ seed: 20 + i, transactions: 1e6, connections: 2, signal: stop.signal },
            }),
            commitLarge(source, `large_${i}`, stop.signal),
          ]);
          await until('some work is done', () => (store.status.ingest?.transactions ?? 0) > 100);
          // See isReliable: the odd ones.
          if (i % 2 === 0) await source.stop();
          else await source.kill();
          stop.abort();
          await work;
          await new Promise((resolve) => setTimeout(resolve, DOWN_SECONDS * 1_000));
          await source.restart();
        }
        await source.query('CREATE DATABASE after_all');
        const isCompared = model === source ? isReliable : undefined;
        await expectEqual(source, store, replica, PATIENCE_MS, model, isCompared);
      },
    );

    test('was killed in the middle of an event: followed past it by one who still lacked what stands before it', async () => {
      const source = await cluster.server({ flavour });
      const store = await cluster.store();
      await store.follow(source);
      await source.query('CREATE DATABASE d');
      await source.query('CREATE TABLE d.t (id INT PRIMARY KEY)');
      await store.reach(await source.gtidExecuted());
      const replica = await cluster.replica(store, { flavour });
      await store.unfollow();
      for (let id = 0; id < 20; id++) await source.query(`INSERT INTO d.t VALUES (${id})`);
      const { name } = (await source.binlogFiles()).at(-1)!;
      await source.kill();
      const file = join(source.dataDirectory, name);
      appendFileSync(file, readFileSync(file).subarray(4, 4 + 40));
      await source.restart();
      await source.query('INSERT INTO d.t VALUES (20)');
      await store.follow(source);
      await expectEqual(source, store, replica);
    });

    test('begins a new file: replicas take heartbeats although its positions begin anew', async () => {
      const source = await cluster.server({ flavour });
      const store = await cluster.store();
      await store.follow(source);
      await source.query('CREATE DATABASE d');
      await source.query('CREATE TABLE d.t (id INT PRIMARY KEY, data LONGBLOB)');
      const replica = await cluster.server({ flavour });
      await replica.replication.follow({ port: store.port, heartbeatSeconds: 0.05 });
      let id = 0;
      for (const begin of [() => source.restart(), () => source.rotate()]) {
        await source.query(`INSERT INTO d.t VALUES (${id++}, REPEAT('x', 100000))`);
        await begin();
        await source.query(`INSERT INTO d.t VALUES (${id++}, 'x')`);
        const executed = await source.gtidExecuted();
        await replica.replication.reach(executed);
        await new Promise((resolve) => setTimeout(resolve, 500));
        expect(await replica.replication.status()).toMatchObject({ io: 'running', ioError: '' });
      }
      await expectEqual(source, store, replica);
    });

    test('hangs: it is given up, with the reason, and followed again when it goes on', async () => {
      const source = await cluster.server({ flavour });
      const store = await cluster.store({ heartbeatMs: 300 });
      await store.follow(source);
      await source.query('CREATE DATABASE d');
      await store.reach(await source.gtidExecuted());
      source.freeze();
      await until('the silence is noticed', () => store.status.state === 'RETRYING');
      expect(store.status.reason).toMatch(/silent for 0\.9 s/);
      source.thaw();
      await source.query('CREATE DATABASE e');
      await store.reach(await source.gtidExecuted());
      expect(store.status).toMatchObject({ state: 'RUNNING', reason: null });
    });

    test('hangs right after the login: no query waits for ever', async () => {
      const source = await cluster.server({ flavour });
      const signal = new AbortController().signal;
      const connection = await SourceConnection.open(
        {
          ...{ address: { host: '127.0.0.1', port: source.port }, ...REPL, connectTimeoutMs: 5_000 },
          ...{ answerTimeoutMs: 200, tls: { mode: 'DISABLED', ca: null, cert: null, key: null } },
        },
        signal,
      );
      source.freeze();
      const ask = async (): Promise<void> => {
        for (;;) await connection.query('SELECT 1', signal);
      };
      const failure: unknown = await ask().catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(SourceUnavailableError);
      expect(String(failure)).toMatch(/hangs/);
      connection.destroy();
      source.thaw();
    });
  });
});

test('a source that comes back as another version is followed further, and replicas are told what it is now', async () => {
  const source = await cluster.server({ flavour: 'mariadb' });
  const store = await cluster.store();
  await store.follow(source);
  await source.query('CREATE DATABASE before_it');
  const replica = await cluster.replica(store, { flavour: 'mariadb' });
  await source.restart(['--version=10.11.99-MariaDB-upgraded']);
  await source.query('CREATE DATABASE after_it');
  await expectEqual(source, store, replica);
  const connection = await createConnection({ host: '127.0.0.1', port: store.port, ...REPL });
  try {
    const [rows] = await connection.query('SELECT VERSION() AS version');
    expect(rows).toEqual([{ version: '10.11.99-MariaDB-upgraded' }]);
  } finally {
    connection.destroy();
  }
  const { directory } = store.journal;
  const formats = store.journal
    .segments()
    .map(({ name }) => readFileSync(join(directory, name)).toString('latin1', 0, 100));
  expect(formats.at(0)).not.toContain('10.11.99-MariaDB-upgraded');
  expect(formats.at(-1)).toContain('10.11.99-MariaDB-upgraded');
});
