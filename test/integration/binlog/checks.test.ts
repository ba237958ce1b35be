import { afterEach, describe, expect, test } from 'vitest';
import { BinlogCluster, expectEqual } from '../../harness/servers/binlog/binlog-cluster.js';
import { SYNCER_UUID, type BinlogStore } from '../../harness/servers/binlog/binlog-store.js';
import { FLAVOUR_NAMES, isMissing } from '../../harness/servers/mysql/flavours/flavours.js';
import type { FlavourName } from '../../harness/servers/mysql/flavours/flavour.js';
import { purge } from '../../harness/servers/mysql/purge.js';
import type { MysqlServer } from '../../harness/servers/mysql/server.js';
import { until } from '../../harness/until.js';

const OTHER_UUID = '31f00f00-e53e-11f1-a188-02fc00000001';
const THIRD_UUID = '33dbfaac-e53e-11f1-acc3-02fc00000001';

const cluster = new BinlogCluster();

afterEach(() => cluster.remove());

/** Waits until the source is refused, and tells why. */
async function refusal(store: BinlogStore): Promise<string> {
  await until('the source is refused', () => store.status.state === 'FAILED');
  return store.status.reason!;
}

async function commitSome(source: MysqlServer, database: string): Promise<void> {
  await source.query(`CREATE DATABASE ${database}`);
  await source.query(`CREATE TABLE ${database}.t (id INT PRIMARY KEY)`);
  for (const id of [1, 2, 3]) await source.query(`INSERT INTO ${database}.t VALUES (${id})`);
}

function resetStatement(flavour: FlavourName): string {
  return flavour === 'mysql97' ? 'RESET BINARY LOGS AND GTIDS' : 'RESET MASTER';
}

describe.each(FLAVOUR_NAMES)('a source, %s,', (flavour) => {
  describe.skipIf(isMissing(flavour))('is checked:', () => {
    const isMysql = flavour !== 'mariadb';

    test('what is wrong with its identity, its account and its settings is told, and mended there', async () => {
      const source = await cluster.server({ flavour });
      const store = await cluster.store();
      await store.follow(source, { serverId: String(source.serverId) });
      expect(await refusal(store)).toContain(`its server_id is ${source.serverId}`);

      if (isMysql) {
        const [row] = await source.query('SELECT @@GLOBAL.server_uuid AS uuid');
        await store.follow(source, { serverUuid: String(row!['uuid']).toUpperCase() });
        expect(await refusal(store)).toContain('its server_uuid is');
      }

      const sealedPassword = store.secrets.seal('wrong-password', 'syncer/password');
      await store.follow(source, { sealedPassword });
      expect(await refusal(store)).toMatch(/does not let the user 'repl' in: .*denied/);
      expect(store.status.reason).not.toContain('wrong-password');
      await store.follow(source, { user: 'nobody' });
      expect(await refusal(store)).toContain("the user 'nobody'");

      await source.query("CREATE USER 'poor'@'%' IDENTIFIED BY 'replpw'");
      await store.follow(source, { user: 'poor' });
      expect(await refusal(store)).toContain("GRANT REPLICATION SLAVE ON *.* TO 'poor'");

      if (flavour !== 'mysql56') {
        await source.query('CREATE ROLE nothing');
        await source.query("GRANT nothing TO 'poor'@'%'");
        await store.follow(source, { user: 'poor' });
        expect(await refusal(store)).toMatch(/GRANT REPLICATION SLAVE there/);
      }

      await store.follow(source);
      await commitSome(source, 'd');
      await store.reach(await source.gtidExecuted());
    });

    test('without a binlog it cannot be followed', async () => {
      const off = {
        mysql56: ['--gtid-mode=OFF', '--skip-enforce-gtid-consistency'],
        mysql97: [],
        mariadb: [],
      };
      const source = await cluster.server({
        flavour,
        args: ['--skip-log-bin', '--skip-log-slave-updates', ...off[flavour]],
      });
      const store = await cluster.store();
      await store.follow(source);
      expect(await refusal(store)).toContain('--log-bin');
    });

    test('what it has purged is not passed over', async () => {
      const source = await cluster.server({ flavour });
      const store = await cluster.store();
      await store.follow(source);
      await commitSome(source, 'd');
      await store.reach(await source.gtidExecuted());
      await store.unfollow();
      const { endOffset } = store.journal;
      await commitSome(source, 'e');
      await purge(source);
      await store.follow(source);
      expect(await refusal(store)).toContain('it has purged transactions that the journal needs');
      expect(store.journal.endOffset).toBe(endOffset);
    });

    test('an empty journal begins behind what is purged, and serves replicas that have that', async () => {
      const source = await cluster.server({ flavour });
      await commitSome(source, 'd');
      const purged = await source.gtidExecuted();
      await purge(source);
      const store = await cluster.store();
      await store.follow(source);
      await commitSome(source, 'e');
      await store.reach(await source.gtidExecuted());
      expect(String(store.journal.purgedGtidSet)).toBe(purged);

      const replica = await cluster.server({ flavour });
      await replica.query('CREATE DATABASE d');
      await replica.query('CREATE TABLE d.t (id INT PRIMARY KEY)');
      await replica.query('INSERT INTO d.t VALUES (1), (2), (3)');
      for (const statement of replica.flavour.words.startAfter(purged)) await replica.query(statement);
      await replica.replication.follow({ port: store.port });
      await expectEqual(source, store, replica);

      const tooOld = await cluster.replica(store, { flavour });
      await until('it is refused', async () => (await tooOld.replication.status()).ioError !== '');
      expect((await tooOld.replication.status()).ioError).toMatch(/purged|Could not find GTID state/);
    });

    test('an empty journal begins behind what it is told to', async () => {
      const source = await cluster.server({ flavour });
      await commitSome(source, 'd');
      const startAfterGtidSet = await source.gtidExecuted();
      await commitSome(source, 'e');
      const store = await cluster.store();
      await store.follow(source, { startAfterGtidSet: `${startAfterGtidSet}\n` });
      await store.reach(await source.gtidExecuted());
      expect(String(store.journal.purgedGtidSet)).toBe(startAfterGtidSet);
    });

    test('a start behind what it never had, or behind a set of the other flavour, is refused', async () => {
      const source = await cluster.server({ flavour });
      await commitSome(source, 'd');
      const store = await cluster.store();
      await store.follow(source, { startAfterGtidSet: isMysql ? `${OTHER_UUID}:1-3` : '7-77-777' });
      expect(await refusal(store)).toContain('the set to start after has transactions that it never had');
      await store.follow(source, { startAfterGtidSet: isMysql ? '0-1-1' : `${OTHER_UUID}:1-3` });
      expect(await refusal(store)).toContain('is of a');
      await store.follow(source, { flavour: isMysql ? 'MARIADB' : 'MYSQL' });
      expect(await refusal(store)).toContain('this one is');
      expect(store.journal.flavour).toBe(null);
    });

    test('that was reset while it was followed is refused, and nothing is overwritten', async () => {
      const source = await cluster.server({ flavour });
      const store = await cluster.store({ heartbeatMs: 300 });
      await store.follow(source);
      await commitSome(source, 'd');
      await commitSome(source, 'e');
      const before = await source.gtidExecuted();
      await store.reach(before);
      const { endOffset } = store.journal;
      await source.query(resetStatement(flavour));
      await source.query('CREATE DATABASE f');
      await source.restart();
      expect(await refusal(store)).toContain('was reset');
      expect(store.journal.endOffset).toBe(endOffset);
      expect(String(store.journal.executedGtidSet)).toBe(before);
    });

    test('that was reset while its connection went on is refused, also when it has as many transactions again', async () => {
      const source = await cluster.server({ flavour });
      const store = await cluster.store({ heartbeatMs: 200 });
      await store.follow(source);
      await commitSome(source, 'd');
      const before = await source.gtidExecuted();
      await store.reach(before);
      const { endOffset } = store.journal;
      await store.unfollow();
      await store.follow(source);
      await until('the syncer runs', () => store.status.state === 'RUNNING');
      await source.query(resetStatement(flavour));
      const reason = await refusal(store);
      expect(reason).toContain('was reset while it was followed');
      for (const database of ['f', 'g', 'h']) await commitSome(source, database);
      await source.rotate();
      await source.restart();
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(store.status).toMatchObject({ state: 'FAILED', reason });
      expect(store.journal.endOffset).toBe(endOffset);
      expect(store.executed).toBe(before);
      const replica = await cluster.replica(store, { flavour });
      await replica.replication.reach(before);
      expect(await replica.replication.status()).toMatchObject({ ioError: '', sqlError: '' });
    });

    test('statements instead of rows are a warning', async () => {
      const source = await cluster.server({ flavour, args: ['--binlog-format=MIXED'] });
      const store = await cluster.store();
      await store.follow(source);
      await commitSome(source, 'd');
      await store.reach(await source.gtidExecuted());
      expect(store.status.warnings.join()).toContain('MIXED');
    });
  });
});

test.skipIf(isMissing('mysql97'))('a journal of MySQL is not continued from MariaDB', async () => {
  const store = await cluster.store();
  await store.follow(await cluster.server({ flavour: 'mysql97' }));
  await until('it runs', () => store.status.state === 'RUNNING');
  await store.follow(await cluster.server({ flavour: 'mariadb' }));
  expect(await refusal(store)).toContain('the journal is of a MYSQL source, this one is MARIADB');
});

test.each(['mysql56', 'mysql97'] as const)('%s without GTIDs cannot be followed', async (flavour) => {
  if (isMissing(flavour)) return;
  const args = ['--gtid-mode=OFF', ...(flavour === 'mysql56' ? ['--skip-enforce-gtid-consistency'] : [])];
  const store = await cluster.store();
  await store.follow(await cluster.server({ flavour, args }));
  expect(await refusal(store)).toContain('its gtid_mode is OFF');
});

test.each(['mysql56', 'mysql97'] as const)(
  '%s tells a purged set of several sources over several lines',
  async (flavour) => {
    if (isMissing(flavour)) return;
    const source = await cluster.server({ flavour });
    await source.query(`SET GLOBAL gtid_purged = '${OTHER_UUID}:1-5:7,\n${THIRD_UUID}:1-3'`);
    const store = await cluster.store();
    await store.follow(source);
    await commitSome(source, 'd');
    await store.reach(await source.gtidExecuted());
    expect(String(store.journal.purgedGtidSet)).toBe(`${OTHER_UUID}:1-5:7,${THIRD_UUID}:1-3`);
    const again = await cluster.store();
    await again.follow(source, {
      startAfterGtidSet: `\n${OTHER_UUID}:1-5:7,\r\n ${THIRD_UUID}:1-3 ,\n`,
      serverUuid: SYNCER_UUID,
    });
    await again.reach(await source.gtidExecuted());
  },
);
