import { afterEach, expect, test } from 'vitest';
import { Committer } from '../../../src/binlog/replication/committer.js';
import { SourcePositions } from '../../../src/binlog/replication/source-positions.js';
import { Quorum } from '../../../src/binlog/replication/quorum.js';
import { START_KEY, TERMS_KEY } from '../../../src/binlog/replication/records.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { alone } from '../../harness/servers/binlog/binlog-store.js';
import { BinlogCluster } from '../../harness/servers/binlog/binlog-cluster.js';
import { runWorkload } from '../../harness/servers/mysql/workload/workload.js';
import { until } from '../../harness/until.js';

const cluster = new BinlogCluster();

afterEach(() => cluster.remove());

test('a member that loses the leadership under load ends, and commits nothing more', async () => {
  const source = await cluster.server({ flavour: 'mariadb' });
  const store = await cluster.store();
  await store.follow(source);
  const stop = new AbortController();
  const work = runWorkload(source, { seed: 1, transactions: 1e6, signal: stop.signal });
  await until('some work is done', () => (store.status.ingest?.transactions ?? 0) > 100);
  store.coordinator.hold();
  const committed = store.journal.committedOffset;
  await until('more is durable than is committed', () => store.journal.endOffset > committed + 100_000);
  const resigned = store.leadership.resign();
  store.coordinator.release();
  await resigned;
  await until('the syncer tells it', () => store.status.state === 'RETRYING');
  stop.abort();
  await work;
  await store.unfollow();
  expect(store.status.state).toBe('STOPPED');
});

test('a start whose outcome was not known is found, not taken for that of another member', async () => {
  const source = await cluster.server({ flavour: 'mariadb' });
  await source.query('CREATE DATABASE d');
  const store = await cluster.store();
  store.coordinator.loseAnswer(START_KEY);
  await store.follow(source);
  await store.reach(await source.gtidExecuted());
});

test('a new term whose outcome was not known is found, and commits go on under it', async () => {
  const source = await cluster.server({ flavour: 'mariadb' });
  const store = await cluster.store();
  await store.follow(source);
  await source.query('CREATE DATABASE d');
  await source.query('CREATE TABLE d.t (id INT PRIMARY KEY, data LONGBLOB)');
  await store.reach(await source.gtidExecuted());
  await source.query("INSERT INTO d.t VALUES (1, REPEAT('x', 90000000))");
  await until('a transaction is under way', () => store.status.ingest?.isInTransaction === true);
  store.coordinator.loseAnswer(TERMS_KEY);
  await store.unfollow();
  await store.follow(source);
  await store.reach(await source.gtidExecuted());
  expect(store.journal.term).toMatchObject({ generation: 1 });
});

test('a term that was begun while the leadership ended is over at once', async () => {
  const { coordinator, leadership, journal } = await cluster.store();
  await leadership.resign();
  const term = { epoch: String(leadership.epoch), generation: 0, base: 0 };
  const options = { coordinator, leadership, journal, log: createLogger('silent'), ...alone('m1') };
  const committer = new Committer(
    options,
    new Quorum(),
    term,
    1n,
    0n,
    new SourcePositions({ offset: 0, source: null }),
  );
  expect(committer.signal.aborted).toBe(true);
  await committer.idle();
});
