import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { BinlogCluster, expectEqual } from '../../harness/servers/binlog/binlog-cluster.js';
import { FLAVOUR_NAMES, isMissing } from '../../harness/servers/mysql/flavours/flavours.js';
import type { MysqlServer } from '../../harness/servers/mysql/server.js';
import { runWorkload } from '../../harness/servers/mysql/workload/workload.js';
import { until } from '../../harness/until.js';

const cluster = new BinlogCluster();

afterEach(() => cluster.remove());

async function setChecksum(source: MysqlServer, algorithm: 'CRC32' | 'NONE'): Promise<void> {
  await source.query(`SET GLOBAL binlog_checksum = ${algorithm}`);
}

describe.each(FLAVOUR_NAMES)('a source, %s, that writes no checksums', (flavour) => {
  describe.skipIf(isMissing(flavour))('for a while', () => {
    test('is followed on, while it is switched back and forth, and what is stored has checksums', async () => {
      const source = await cluster.server({ flavour });
      const store = await cluster.store();
      await store.follow(source);
      await source.query('CREATE DATABASE d');
      const replica = await cluster.server({ flavour });
      await replica.replication.follow({ port: store.port, heartbeatSeconds: 0.05 });
      await store.reach(await source.gtidExecuted());
      const first = store.journal.segments()[0]!.name;
      const byPosition = await cluster.server({ flavour });
      await byPosition.replication.follow({
        port: store.port,
        position: { file: first, offset: 4 },
        heartbeatSeconds: 0.05,
      });
      const stop = new AbortController();
      const work = runWorkload(source, { seed: 3, transactions: 1e6, connections: 2, signal: stop.signal });
      for (const algorithm of ['NONE', 'CRC32', 'NONE', 'CRC32', 'NONE'] as const) {
        const before = store.status.ingest?.transactions ?? 0;
        await setChecksum(source, algorithm);
        await until('more has come', () => (store.status.ingest?.transactions ?? 0) > before + 20);
      }
      stop.abort();
      await work;
      expect(store.status).toMatchObject({ state: 'RUNNING', reconnects: 0 });
      await expectEqual(source, store, replica);
      await byPosition.replication.reach(await source.gtidExecuted());
      for (const { name } of store.journal.segments()) {
        const file = readFileSync(join(store.journal.directory, name));
        const formatBytes = file.readUInt32LE(4 + 9);
        expect(file[4 + formatBytes - 5]).toBe(1);
      }
    });

    test('may do so from the beginning, and the journal says so', async () => {
      const source = await cluster.server({ flavour, args: ['--binlog-checksum=NONE'] });
      const store = await cluster.store({ heartbeatMs: 100 });
      await source.query('CREATE DATABASE d');
      await source.query('CREATE TABLE d.t (id INT PRIMARY KEY, data LONGBLOB)');
      await source.query("INSERT INTO d.t VALUES (1, REPEAT('x', 3000000))");
      await store.follow(source);
      const replica = await cluster.replica(store, { flavour });
      await expectEqual(source, store, replica);
      expect(store.status.warnings.join()).toContain('SET GLOBAL binlog_checksum = CRC32');

      // Once more from the middle of a file, and after the source has come back with them.
      await store.unfollow();
      await source.query("INSERT INTO d.t VALUES (2, '')");
      await store.follow(source);
      await expectEqual(source, store, replica);
      await source.restart(['--binlog-checksum=CRC32']);
      await source.query("INSERT INTO d.t VALUES (3, '')");
      await expectEqual(source, store, replica);
    });
  });
});

describe.each(['mysql97', 'mariadb'] as const)('a semi-synchronous source, %s,', (flavour) => {
  test.skipIf(isMissing(flavour))('is answered while it writes no checksums', async () => {
    const source = await cluster.server({ flavour, semiSync: 'source' });
    const store = await cluster.store();
    await store.follow(source, { semiSync: true });
    await until('it waits for the journal', () => store.status.isSemiSyncActive);
    await setChecksum(source, 'NONE');
    await source.query('CREATE DATABASE d');
    expect(store.executed).toBe(await source.gtidExecuted());
    expect(store.status.isSemiSyncActive).toBe(true);
  });
});

test.skipIf(isMissing('mysql97'))(
  'compressed transactions without checksums are stored as they are',
  async () => {
    const source = await cluster.server({
      flavour: 'mysql97',
      args: ['--binlog-transaction-compression=ON', '--binlog-checksum=NONE'],
    });
    const store = await cluster.store();
    await store.follow(source);
    await source.query('CREATE DATABASE d');
    await source.query('CREATE TABLE d.t (id INT PRIMARY KEY, data LONGBLOB)');
    await source.query("INSERT INTO d.t VALUES (1, REPEAT('x', 100000))");
    await expectEqual(source, store, await cluster.replica(store, { flavour: 'mysql97' }));
  },
);
