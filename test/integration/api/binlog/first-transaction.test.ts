import { createConnection } from 'mysql2/promise';
import { afterEach, describe, expect, test } from 'vitest';
import {
  changeSyncer,
  SLAVE_PASSWORD,
  slaveAccount,
  sourceInput,
  untilCaughtUp,
  untilSyncer,
} from '../../../harness/servers/binlog/binlog-api.js';
import type { FlavourName } from '../../../harness/servers/mysql/flavours/flavour.js';
import { FLAVOUR_NAMES, isMissing } from '../../../harness/servers/mysql/flavours/flavours.js';
import { RawReplica } from '../../../harness/checkers/raw-replica/raw-replica.js';
import type { MysqlServer } from '../../../harness/servers/mysql/server.js';
import { ServerSet } from '../../../harness/servers/mysql/server-set.js';
import { freePort } from '../../../harness/servers/ports.js';
import { QuorateMember } from '../../../harness/servers/quorate.js';
import { until } from '../../../harness/until.js';

const FIRST = 'a store that begins behind what its source has';
const SLAVE = { user: 'slave', password: SLAVE_PASSWORD };
/** Where a replica tells how often it has heard that all is well. */
const HEARTBEATS: Readonly<Record<FlavourName, string>> = {
  mysql56: "SHOW STATUS LIKE 'Slave_received_heartbeats'",
  mysql97: 'SELECT COUNT_RECEIVED_HEARTBEATS AS Value FROM performance_schema.replication_connection_status',
  mariadb: "SHOW STATUS LIKE 'Slave_received_heartbeats'",
};

const servers = new ServerSet();
const members: QuorateMember[] = [];
const raw: RawReplica[] = [];

afterEach(async () => {
  for (const replica of raw.splice(0)) replica.close();
  for (const member of members.splice(0)) await member.kill();
  await servers.remove();
});

async function startMember(dataDir?: string): Promise<QuorateMember> {
  const member = await QuorateMember.start(dataDir === undefined ? {} : { dataDir });
  members.push(member);
  return member;
}

/** A member whose journal has begun behind all that the source has, with a binlog server. */
async function begun(source: MysqlServer): Promise<{ member: QuorateMember; port: number; has: string }> {
  const member = await startMember();
  const has = await source.gtidExecuted();
  const started = await changeSyncer(
    member,
    'startSyncer',
    sourceInput(source, has === '' ? {} : { startAfterGtidSet: has }),
  );
  expect(started.userErrors).toEqual([]);
  await untilSyncer(member, ({ state }) => state === 'RUNNING');
  const port = await freePort();
  await member.run(
    'mutation ($input: StartBinlogServerInput!) { startBinlogServer(input: $input) { userErrors { code } } }',
    {
      input: slaveAccount('b1', port),
    },
  );
  await untilListening(member);
  return { member, port, has };
}

async function untilListening(member: QuorateMember): Promise<void> {
  await member.follow(
    'subscription { binlogServerStatus(name: "b1") { state } }',
    ({ binlogServerStatus: { state } }) => state === 'RUNNING',
  );
}

async function asked(port: number, sql: string): Promise<unknown> {
  const connection = await createConnection({ host: '127.0.0.1', port, ...SLAVE });
  try {
    const [[row]] = (await connection.query(sql)) as unknown as [Record<string, unknown>[]];
    return Object.values(row!)[0];
  } finally {
    connection.destroy();
  }
}

describe.each(FLAVOUR_NAMES)(`${FIRST}, of %s`, (flavour) => {
  test.skipIf(isMissing(flavour))('lists its replicas and tells them that all is well', async () => {
    const source = await servers.start({ flavour });
    await source.query('CREATE DATABASE d');
    const { member, port, has } = await begun(source);
    const replica = await servers.start({ flavour });
    await replica.query('CREATE DATABASE d');
    for (const sql of replica.flavour.words.startAfter(has)) await replica.query(sql);
    await replica.replication.follow({ port, ...SLAVE, heartbeatSeconds: 0.2 });
    await until('it has heard of us', async () => {
      const [row] = await replica.query(HEARTBEATS[flavour]);
      return Number(row!['Value']) > 2;
    });
    const { slaves } = await member.run('{ slaves { serverId lagBytes lagSeconds currentGtid } }');
    expect(slaves).toEqual([
      { serverId: String(replica.serverId), lagBytes: '0', lagSeconds: 0, currentGtid: null },
    ]);
    await source.query('CREATE TABLE d.t (id INT PRIMARY KEY)');
    await source.query('INSERT INTO d.t VALUES (7)');
    await untilCaughtUp(member, source);
    await replica.replication.reach(await source.gtidExecuted());
    expect(await replica.replication.status()).toMatchObject({ io: 'running', ioError: '', sqlError: '' });
    expect(await replica.query('SELECT id FROM d.t')).toEqual([{ id: 7 }]);
  });

  test.skipIf(isMissing(flavour))(
    'is to clients as its source is, also after a restart without it',
    async () => {
      const source = await servers.start({ flavour });
      await source.query('CREATE DATABASE d');
      await source.query("SET GLOBAL binlog_row_image = 'MINIMAL'");
      const { member, port } = await begun(source);
      const [row] = await source.query('SELECT VERSION() AS version');
      const expectSource = async (): Promise<void> => {
        expect(await asked(port, 'SELECT VERSION()')).toBe(row!['version']);
        expect(await asked(port, 'SELECT @@binlog_row_image')).toBe('MINIMAL');
        expect(await asked(port, "SHOW VARIABLES LIKE 'binlog_row_image'")).toBe('binlog_row_image');
        const metadata = asked(port, 'SELECT @@GLOBAL.binlog_row_metadata');
        if (flavour === 'mysql56') await expect(metadata).rejects.toMatchObject({ errno: 1193 });
        else expect(await metadata).toBe(flavour === 'mariadb' ? 'NO_LOG' : 'MINIMAL');
      };
      await expectSource();
      await member.process.end('SIGTERM');
      await source.kill();
      const again = await startMember(member.dataDir);
      await again.follow(
        'subscription { binlogServerStatus(name: "b1") { state } }',
        ({ binlogServerStatus: { state } }) => state === 'RUNNING',
      );
      await expectSource();
    },
  );

  test.skipIf(isMissing(flavour))(
    'ends a replica that is disconnected while it waits, and tells it why',
    async () => {
      const source = await servers.start({ flavour });
      const { member, port, has } = await begun(source);
      const replica = await RawReplica.connect({ port, flavour, ...SLAVE, heartbeatSeconds: 0.05 });
      raw.push(replica);
      await replica.dump({ gtids: has });
      await until('heartbeats come', () => replica.events.length > 3);
      const { slaves } = await member.run('{ slaves { connectionId } }');
      await member.run(
        'mutation ($input: DisconnectSlaveInput!) { disconnectSlave(input: $input) { userErrors { code } } }',
        { input: { binlogServer: 'b1', connectionId: slaves[0]!.connectionId } },
      );
      expect(await replica.untilEnd()).toMatchObject({ code: 1053 });
      expect(replica.disorders).toEqual([]);
    },
  );
});

test('a replica that lacks what the store begins behind is refused at once', async () => {
  const source = await servers.start({ flavour: 'mysql56' });
  await source.query('CREATE DATABASE d');
  const { port } = await begun(source);
  const replica = await RawReplica.connect({ port, flavour: 'mysql56', ...SLAVE });
  raw.push(replica);
  await replica.dump({ gtids: '' });
  expect(await replica.untilEnd()).toMatchObject({ code: 1236 });
});

test('a binlog server of another cluster is refused as a source, with what to follow instead', async () => {
  const source = await servers.start({ flavour: 'mysql56' });
  const { port } = await begun(source);
  const other = await startMember();
  const { userErrors } = await changeSyncer(
    other,
    'startSyncer',
    sourceInput({ address: `127.0.0.1:${port}` }, SLAVE),
  );
  expect(userErrors).toMatchObject([{ code: 'SOURCE_REFUSED', path: ['input', 'sourceAddress'] }]);
  expect(userErrors[0]!.message).toMatch(
    /binlog server of Quorate.*Follow the server that writes the binlog/,
  );
});
