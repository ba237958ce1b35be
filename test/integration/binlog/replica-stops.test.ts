import { afterEach, describe, expect, test } from 'vitest';
import { BinlogCluster, expectEqual } from '../../harness/servers/binlog/binlog-cluster.js';
import type { BinlogStore } from '../../harness/servers/binlog/binlog-store.js';
import { FLAVOUR_NAMES, isMissing } from '../../harness/servers/mysql/flavours/flavours.js';
import type { MysqlServer } from '../../harness/servers/mysql/server.js';
import { runWorkload } from '../../harness/servers/mysql/workload/workload.js';
import { Random } from '../../harness/random.js';
import { until } from '../../harness/until.js';

/** 50 for the long variant. */
const STOPS = Number(process.env['QUORATE_BINLOG_REPLICA_STOPS'] ?? 4);
const KILLS = Math.ceil(STOPS / 2);
const PATIENCE_MS = 120_000 + 10_000 * STOPS;

const cluster = new BinlogCluster();

afterEach(() => cluster.remove());

/** Each time when it has been sent something more; then at once, or a little later. */
async function again(
  times: number,
  store: BinlogStore,
  replica: MysqlServer,
  interrupt: () => Promise<void>,
): Promise<void> {
  const random = new Random(17);
  const sentUpTo = (): number =>
    store.server.slaves().find(({ serverId }) => serverId === replica.serverId)?.offset ?? 0;
  for (let i = 0; i < times; i++) {
    const before = sentUpTo();
    await until('it is sent something', () => sentUpTo() > before, PATIENCE_MS);
    await new Promise((resolve) => setTimeout(resolve, random.below(300)));
    await interrupt();
  }
}

describe.each(FLAVOUR_NAMES)('a replica, %s, of the binlog server', (flavour) => {
  describe.skipIf(isMissing(flavour))('under load', () => {
    test(
      'has what the source has after it was stopped and started again and again',
      async () => {
        const source = await cluster.server({ flavour });
        const store = await cluster.store({ segmentBytes: 4 * 2 ** 20 });
        await store.follow(source);
        await source.query('CREATE DATABASE d');
        const replica = await cluster.replica(store, { flavour });
        const stop = new AbortController();
        const work = runWorkload(source, {
          ...{ seed: 1, transactions: 1e6, connections: 2, signal: stop.signal },
        });
        await again(STOPS, store, replica, async () => {
          await replica.replication.stop();
          await replica.replication.start();
        });
        stop.abort();
        await work;
        await expectEqual(source, store, replica, PATIENCE_MS);
        expect(store.status.reconnects).toBe(0);
      },
      2 * PATIENCE_MS,
    );

    test(
      'has what the source has after it was killed again and again',
      async () => {
        const source = await cluster.server({ flavour });
        const store = await cluster.store({ segmentBytes: 4 * 2 ** 20 });
        await store.follow(source);
        await source.query('CREATE DATABASE d');
        const replica = await cluster.replica(store, { flavour, durable: true });
        const stop = new AbortController();
        const work = runWorkload(source, {
          ...{ seed: 2, transactions: 1e6, connections: 1, isCrashSafe: true, signal: stop.signal },
        });
        // A server that is killed while it makes a table may have it, and not know that it does.
        await until('the tables are made', () => (store.status.ingest?.transactions ?? 0) > 100);
        await replica.replication.reach(await source.gtidExecuted(), PATIENCE_MS);
        await again(KILLS, store, replica, async () => {
          await replica.kill();
          await replica.restart();
        });
        stop.abort();
        await work;
        await expectEqual(source, store, replica, PATIENCE_MS);
      },
      2 * PATIENCE_MS,
    );
  });
});
