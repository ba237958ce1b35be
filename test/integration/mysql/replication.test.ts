import { afterEach, describe, expect, test } from 'vitest';
import { createCertificates } from '../../harness/servers/certificates.js';
import { REPL } from '../../harness/servers/mysql/accounts.js';
import { FLAVOUR_NAMES, isMissing } from '../../harness/servers/mysql/flavours/flavours.js';
import type { MysqlServer } from '../../harness/servers/mysql/server.js';
import { ServerSet } from '../../harness/servers/mysql/server-set.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';

const servers = new ServerSet();

afterEach(() => servers.remove());

async function makeTable(server: MysqlServer): Promise<void> {
  await server.query('CREATE DATABASE d');
  await server.query('CREATE TABLE d.t (id INT PRIMARY KEY)');
}

async function statusValue(server: MysqlServer, pattern: string): Promise<number> {
  const [row] = await server.query(`SHOW GLOBAL STATUS LIKE '${pattern}'`);
  return Number(row!['Value']);
}

describe.each(FLAVOUR_NAMES)('%s', (flavour) => {
  describe.skipIf(isMissing(flavour))('as source and replica', () => {
    test('begins without GTIDs, and keeps its data and its place when it is killed, stopped or hangs', async () => {
      const source = await servers.start({ flavour });
      const replica = await servers.start({ flavour });
      expect([await source.gtidExecuted(), await replica.gtidExecuted()]).toEqual(['', '']);
      await replica.replication.follow(source);
      await makeTable(source);
      await source.query('INSERT INTO d.t VALUES (1)');

      await source.kill();
      await source.restart();
      await source.query('INSERT INTO d.t VALUES (2)');
      await source.rotate();
      await replica.replication.reach(await source.gtidExecuted());
      await replica.restart();
      source.freeze();
      source.thaw();
      await source.query('INSERT INTO d.t VALUES (3)');
      await replica.replication.reach(await source.gtidExecuted());

      expect(await replica.query('SELECT id FROM d.t')).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
      expect((await source.binlogFiles()).map(({ name }) => name)).toEqual([
        'binlog.000001',
        'binlog.000002',
        'binlog.000003',
      ]);
    });

    test('waiting for a replica fails with what stopped it', async () => {
      const source = await servers.start({ flavour });
      const replica = await servers.start({ flavour });
      await replica.replication.follow(source);
      await makeTable(source);
      await replica.replication.reach(await source.gtidExecuted());
      await replica.query('SET SESSION sql_log_bin = 0');
      for (const server of [replica, source]) await server.query('INSERT INTO d.t VALUES (1)');
      await expect(replica.replication.reach(await source.gtidExecuted())).rejects.toThrow(
        /cannot apply: .*Duplicate entry '1'/,
      );
      await replica.replication.forget();
      await expect(replica.replication.status()).rejects.toThrow('It is no replica.');
    });

    test('follows a file and position too', async () => {
      const source = await servers.start({ flavour });
      const replica = await servers.start({ flavour });
      await makeTable(source);
      await replica.replication.follow({ port: source.port, position: { file: 'binlog.000001', offset: 4 } });
      await replica.replication.reach(await source.gtidExecuted());
      expect(await replica.query('SELECT id FROM d.t')).toEqual([]);
    });
  });

  describe.skipIf(flavour === 'mysql56' || isMissing(flavour))('with more than 5.6 has', () => {
    test('waits for its semi-sync replica', async () => {
      const source = await servers.start({ flavour, semiSync: 'source', durable: true });
      const replica = await servers.start({ flavour, semiSync: 'replica' });
      await replica.replication.follow(source);
      await replica.replication.reach('');
      await until(async () => (await statusValue(source, 'Rpl_semi_sync_%_clients')) === 1);
      await makeTable(source);
      await source.query('INSERT INTO d.t VALUES (1)');
      expect(await statusValue(source, 'Rpl_semi_sync_%_yes_tx')).toBe(3);
    });

    test('demands TLS of its replicas when told to', async () => {
      const tls = createCertificates(temporaryDirectory('tls'), flavour);
      const source = await servers.start({ flavour, tls });
      const replica = await servers.start({ flavour });
      await source.query(`ALTER USER '${REPL.user}'@'%' REQUIRE X509`);
      await makeTable(source);
      await replica.replication.follow(source);
      await until(async () => (await replica.replication.status()).ioError !== '');
      await replica.replication.stop();

      await replica.replication.follow({ port: source.port, tls });
      await replica.replication.reach(await source.gtidExecuted());
    });
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('It did not come about.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
