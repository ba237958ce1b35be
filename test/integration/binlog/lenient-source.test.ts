import { afterEach, describe, expect, test } from 'vitest';
import { BinlogCluster } from '../../harness/servers/binlog/binlog-cluster.js';
import { verifyJournal } from '../../../src/binlog/journal/verify.js';
import { checksums } from '../../harness/checkers/mysql/checksum.js';
import type { BinlogStore } from '../../harness/servers/binlog/binlog-store.js';
import type { MysqlServer } from '../../harness/servers/mysql/server.js';
import { until } from '../../harness/until.js';

const LENIENT = { flavour: 'mariadb', args: ['--gtid-strict-mode=OFF'] } as const;

const cluster = new BinlogCluster();

afterEach(() => cluster.remove());

async function created(): Promise<MysqlServer> {
  const source = await cluster.server(LENIENT);
  await source.query('CREATE DATABASE d');
  await source.query('CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, tag INT)');
  return source;
}

async function insertAs(source: MysqlServer, settings: Record<string, number>, tag: number): Promise<void> {
  const connection = await source.connect();
  for (const [name, value] of Object.entries(settings))
    await connection.query(`SET SESSION ${name} = ${value}`);
  await connection.query(`INSERT INTO d.t (tag) VALUES (${tag})`);
  connection.destroy();
}

async function insert(source: MysqlServer, ...tags: number[]): Promise<void> {
  for (const tag of tags) await source.query(`INSERT INTO d.t (tag) VALUES (${tag})`);
}

/** The last thing that a source commits, told by a row: a position says little where numbers go up and down. */
async function expectSame(
  source: MysqlServer,
  store: BinlogStore,
  ...replicas: MysqlServer[]
): Promise<void> {
  const wanted = await checksums(source);
  for (const replica of replicas) {
    await until('the replica is like the source', async () => {
      const { ioError, sqlError } = await replica.replication.status();
      expect({ ioError, sqlError }).toEqual({ ioError: '', sqlError: '' });
      return JSON.stringify(await checksums(replica)) === JSON.stringify(wanted);
    });
  }
  // What the source has may all be there before the source has answered.
  await until('the source is followed', () => store.status.state === 'RUNNING');
  expect(store.status).toMatchObject({ state: 'RUNNING', reason: null });
  expect((await verifyJournal(store.journal.directory)).problems).toEqual([]);
}

/** Numbers that are smaller than those before, and one that was there already. */
async function goBack(source: MysqlServer): Promise<void> {
  await insert(source, 1, 2, 3, 4, 5);
  await insertAs(source, { gtid_seq_no: 40 }, 40);
  await insertAs(source, { gtid_seq_no: 20 }, 20);
  await insertAs(source, { gtid_seq_no: 4 }, 44);
}

describe('a MariaDB source without gtid_strict_mode', () => {
  test('that gives smaller numbers, and the same again, is followed on like by a direct replica', async () => {
    const source = await created();
    const log: string[] = [];
    const store = await cluster.store({ heartbeatMs: 100, onLog: (line) => log.push(line) });
    await store.follow(source);
    const replica = await cluster.replica(store, LENIENT);
    const direct = await cluster.server(LENIENT);
    await direct.replication.follow({ port: source.port });
    await goBack(source);
    await expectSame(source, store, direct, replica);
    await insert(source, 6);
    await source.rotate();
    await insertAs(source, { gtid_seq_no: 30 }, 30);
    await insert(source, 7);
    await expectSame(source, store, direct, replica);
    expect(log.join('')).not.toMatch(/reset|again/);
  });

  test.each(['the connection', 'the process'])(
    'no transaction is stored twice, and none is left out, when %s is lost in between',
    async (what) => {
      const source = await created();
      let store = await cluster.store({ heartbeatMs: 100 });
      const { directory } = store;
      const again = async (): Promise<void> => {
        await store.unfollow();
        if (what === 'the process') {
          await cluster.stopStore(store, { keep: true });
          store = await cluster.store({ directory, heartbeatMs: 100 });
        }
      };
      await store.follow(source);
      const total = (): number => store.status.received.transactions;
      await goBack(source);
      await until('all has come', () => total() === 10);
      await again();
      await store.follow(source);
      await until('it runs', () => store.status.state === 'RUNNING');
      await insertAs(source, { gtid_seq_no: 21 }, 21);
      await until('the next has come', () => total() === (what === 'the process' ? 1 : 11));
      await again();
      await insertAs(source, { gtid_seq_no: 5 }, 55);
      await insert(source, 8);
      await store.follow(source);
      await until('the next have come', () => total() === (what === 'the process' ? 2 : 13));
      const replica = await cluster.replica(store, LENIENT);
      await expectSame(source, store, replica);
    },
  );

  test('a slave that has stopped before the smaller numbers gets them', async () => {
    const source = await created();
    const store = await cluster.store({ segmentBytes: 1 });
    await store.follow(source);
    const replica = await cluster.replica(store, LENIENT);
    await insert(source, 1, 2, 3);
    await insertAs(source, { gtid_seq_no: 40 }, 40);
    await expectSame(source, store, replica);
    await replica.replication.stop();
    await insertAs(source, { gtid_seq_no: 20 }, 20);
    await until('it has come', () => store.status.received.transactions === 7);
    await replica.replication.start();
    // Where it stands at the smaller number, MariaDB's own servers send it more than it lacks, and so do ours.
    await insert(source, 5);
    await expectSame(source, store, replica);
    await replica.replication.stop();
    await insert(source, 6, 7);
    await insertAs(source, { gtid_seq_no: 30 }, 30);
    await until('they have come', () => store.status.received.transactions === 11);
    await store.unfollow();
    await store.follow(source);
    await replica.replication.start();
    await expectSame(source, store, replica);
  });
});

describe('a MariaDB source that forgets a domain', () => {
  test.each(['runs', 'is stopped meanwhile'])('is followed on by a syncer that %s', async (how) => {
    const source = await created();
    const store = await cluster.store({ heartbeatMs: 100 });
    await store.follow(source);
    await insertAs(source, { gtid_domain_id: 7 }, 7);
    await insert(source, 1);
    const replica = await cluster.replica(store, LENIENT);
    await expectSame(source, store, replica);
    await source.rotate();
    await insert(source, 2);
    await expectSame(source, store, replica);
    if (how !== 'runs') await store.unfollow();
    const { name } = (await source.binlogFiles()).at(-1)!;
    await until('the domain is forgotten', async () => {
      await source.query(`PURGE BINARY LOGS TO '${name}'`);
      return source.query('FLUSH BINARY LOGS DELETE_DOMAIN_ID=(7)').then(
        () => true,
        () => false,
      );
    });
    expect(String((await source.query('SELECT @@gtid_binlog_state AS state'))[0]!['state'])).not.toMatch(
      /(^|,)7-/,
    );
    if (how === 'runs') {
      // By now it has looked at the source's state more than once.
      await until('it has been told of the new file', () => store.status.ingest?.sourceFile !== name);
      await insert(source, 3);
      await store.unfollow();
    }
    await store.follow(source);
    await insert(source, 4);
    await expectSame(source, store, replica);
  });
});
