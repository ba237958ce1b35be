import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SourceTls } from '../../../src/binlog/syncer/source-options.js';
import { SYNCER_KEY_CONTEXT, SYNCER_PASSWORD_CONTEXT } from '../../../src/binlog/syncer/syncer-record.js';
import { BinlogCluster } from '../../harness/servers/binlog/binlog-cluster.js';
import type { BinlogStore } from '../../harness/servers/binlog/binlog-store.js';
import { createCertificates, type Certificates } from '../../harness/servers/certificates.js';
import { isMissing } from '../../harness/servers/mysql/flavours/flavours.js';
import type { MysqlServer } from '../../harness/servers/mysql/server.js';
import { TcpRelay } from '../../harness/servers/tcp-relay.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';
import { until } from '../../harness/until.js';

const cluster = new BinlogCluster();
const relays: TcpRelay[] = [];
let own: Certificates;
let foreign: Certificates;

beforeAll(() => {
  const directory = temporaryDirectory('certificates');
  own = createCertificates(directory, 'own');
  foreign = createCertificates(directory, 'foreign');
});

afterEach(async () => {
  for (const relay of relays.splice(0)) await relay.stop();
  await cluster.remove();
});

function tls(store: BinlogStore, mode: SourceTls['mode'], ca?: Certificates, client?: Certificates) {
  return {
    mode,
    ca: ca ? String(ca.ca) : null,
    cert: client ? String(client.cert) : null,
    sealedKey: client ? store.secrets.seal(String(client.key), SYNCER_KEY_CONTEXT) : null,
  };
}

async function runs(store: BinlogStore, source: MysqlServer): Promise<void> {
  await until('it runs', () => {
    if (store.status.state === 'FAILED') throw new Error(store.status.reason!);
    return store.status.state === 'RUNNING';
  });
  await source.query(`CREATE DATABASE d${Date.now()}`);
  await store.reach(await source.gtidExecuted());
}

async function refusal(store: BinlogStore): Promise<string> {
  await until('the source is refused', () => store.status.state === 'FAILED');
  return store.status.reason!;
}

/** From now on the source lets nobody in who does not encrypt. */
async function demandTls(source: MysqlServer): Promise<void> {
  await source.query("ALTER USER 'repl'@'%' REQUIRE SSL");
}

/** With a password of its own, which the account proves by that plugin. */
async function pluginAccount(
  source: MysqlServer,
  library: string,
  plugin: string,
  how: string,
): Promise<string> {
  const user = `by_${plugin}`;
  await source.query(`INSTALL SONAME '${library}'`);
  await source.query(`CREATE USER ${user}@'%' IDENTIFIED VIA ${plugin} ${how}`);
  await source.query(`GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO ${user}@'%'`);
  return user;
}

describe.skipIf(isMissing('mariadb'))('a source account that proves its password by another plugin', () => {
  test.each([
    ['auth_ed25519', 'ed25519', "USING PASSWORD('secret')", 'client_ed25519'],
    ['auth_pam', 'pam', '', 'dialog'],
  ])('of %s is refused with the name of the plugin and what to do', async (library, plugin, how, named) => {
    const source = await cluster.server({ flavour: 'mariadb' });
    const user = await pluginAccount(source, library, plugin, how);
    const store = await cluster.store();
    await store.follow(source, {
      user,
      sealedPassword: store.secrets.seal('secret', SYNCER_PASSWORD_CONTEXT),
    });
    const reason = await refusal(store);
    expect(reason).toContain(
      `the user '${user}' to prove its password by the plugin ${named}, which Quorate does not speak`,
    );
    expect(reason).toContain('mysql_native_password or caching_sha2_password');
    expect(reason).not.toContain('TODO');
  });
});

describe.each(['mysql97', 'mariadb'] as const)('a source, %s,', (flavour) => {
  describe.skipIf(isMissing(flavour))('over TLS', () => {
    test('is verified as far as it is asked for', async () => {
      const source = await cluster.server({ flavour, tls: own });
      await demandTls(source);
      const store = await cluster.store();
      for (const mode of ['PREFERRED', 'REQUIRED'] as const) {
        await store.follow(source, { tls: tls(store, mode) });
        await runs(store, source);
      }
      for (const mode of ['VERIFY_CA', 'VERIFY_IDENTITY'] as const) {
        await store.follow(source, { tls: tls(store, mode, own) });
        await runs(store, source);
        await store.follow(source, { tls: tls(store, mode, foreign) });
        expect(await refusal(store)).toContain('The certificate of the source');
        await store.follow(source, { tls: tls(store, mode) });
        expect(await refusal(store)).toContain('The certificate of the source');
      }
      await store.follow(source, { tls: tls(store, 'DISABLED') });
      expect(await refusal(store)).toContain("does not let the user 'repl' in");
    });

    test('by a name that its certificate does not tell is refused only when the identity is asked for', async () => {
      const source = await cluster.server({ flavour, tls: own });
      const relay = await TcpRelay.start(source.port, '127.0.0.2');
      relays.push(relay);
      const store = await cluster.store();
      const sourceAddress = relay.address;
      await store.follow(source, { sourceAddress, tls: tls(store, 'VERIFY_IDENTITY', own) });
      expect(await refusal(store)).toContain('The certificate of the source');
      await store.follow(source, { sourceAddress, tls: tls(store, 'VERIFY_CA', own) });
      await runs(store, source);
    });

    test('may demand a certificate of ours', async () => {
      const source = await cluster.server({ flavour, tls: own });
      await source.query("ALTER USER 'repl'@'%' REQUIRE X509");
      const store = await cluster.store();
      await store.follow(source, { tls: tls(store, 'REQUIRED') });
      expect(await refusal(store)).toContain("does not let the user 'repl' in");
      await store.follow(source, { tls: tls(store, 'VERIFY_CA', own, own) });
      await runs(store, source);
    });
  });
});

test.each(['mysql56', 'mysql97', 'mariadb'] as const)(
  '%s without TLS is followed only when that may be',
  async (flavour) => {
    if (isMissing(flavour)) return;
    const source = await cluster.server({ flavour });
    const store = await cluster.store();
    await store.follow(source, { tls: tls(store, 'REQUIRED') });
    expect(await refusal(store)).toContain('offers no TLS');
    // The first login of the account there: caching_sha2_password needs the whole password, which RSA hides.
    await store.follow(source, { tls: tls(store, 'PREFERRED') });
    await runs(store, source);
  },
);

describe.each(['mysql97', 'mariadb'] as const)('semi-synchronous, a source, %s,', (flavour) => {
  describe.skipIf(isMissing(flavour))('waits', () => {
    test('for what is committed here, and no less', async () => {
      const source = await cluster.server({ flavour, semiSync: 'source' });
      const [name] =
        flavour === 'mysql97' ? ['rpl_semi_sync_source_timeout'] : ['rpl_semi_sync_master_timeout'];
      await source.query(`SET GLOBAL ${name} = 60000`);
      const store = await cluster.store();
      await store.follow(source, { semiSync: true });
      await runs(store, source);
      expect(store.status.isSemiSyncActive).toBe(true);

      store.coordinator.hold();
      let isDone = false;
      const writing = source.query('CREATE DATABASE held').then(() => (isDone = true));
      const { endOffset } = store.journal;
      await until('it is durable', () => store.journal.endOffset > endOffset);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(isDone).toBe(false);
      store.coordinator.release();
      await writing;
      expect(store.journal.committedOffset).toBe(store.journal.endOffset);
      for (let i = 0; i < 300; i++) await source.query(`CREATE OR REPLACE VIEW held.v AS SELECT ${i}`);
      await store.reach(await source.gtidExecuted());
      expect(store.status.reconnects).toBe(0);
    });

    test('no longer for what came before a connection was lost, once that is committed here', async () => {
      const source = await cluster.server({ flavour, semiSync: 'source' });
      const name = flavour === 'mysql97' ? 'rpl_semi_sync_source_timeout' : 'rpl_semi_sync_master_timeout';
      await source.query(`SET GLOBAL ${name} = 100000`);
      const store = await cluster.store({ heartbeatMs: 300 });
      await store.follow(source, { semiSync: true });
      await runs(store, source);
      store.coordinator.hold();
      const { endOffset } = store.journal;
      const connection = await source.connect();
      const writing = connection.query('CREATE DATABASE waiting');
      await until('it is durable', () => store.journal.endOffset > endOffset);
      for (const { Id, Command } of await source.query('SHOW PROCESSLIST'))
        if (String(Command).startsWith('Binlog Dump')) await source.query(`KILL ${String(Id)}`);
      store.coordinator.release();
      await until('the loss is noticed', () => store.status.reconnects > 0);
      await writing;
      connection.destroy();
      await store.reach(await source.gtidExecuted());
      expect(store.status.state).toBe('RUNNING');
    });

    test('for nobody when it is not asked to, or cannot, which is a warning', async () => {
      const source = await cluster.server({ flavour });
      const store = await cluster.store();
      await store.follow(source, { semiSync: true });
      await runs(store, source);
      expect(store.status.isSemiSyncActive).toBe(false);
      expect(store.status.warnings.join()).toContain('Semi-synchronous replication was asked for');
    });
  });
});
