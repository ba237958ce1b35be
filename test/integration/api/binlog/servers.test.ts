import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  changeSyncer,
  OUR_ID,
  OUR_UUID,
  SLAVE_PASSWORD,
  slaveAccount,
  sourceInput,
  untilCaughtUp,
} from '../../../harness/servers/binlog/binlog-api.js';
import type { Answer, BinlogServer } from '../../../harness/generated/answers.js';
import { createCertificates, type Certificates } from '../../../harness/servers/certificates.js';
import { RawReplica } from '../../../harness/checkers/raw-replica/raw-replica.js';
import type { MysqlServer } from '../../../harness/servers/mysql/server.js';
import { ServerSet } from '../../../harness/servers/mysql/server-set.js';
import { freePort } from '../../../harness/servers/ports.js';
import { QuorateMember } from '../../../harness/servers/quorate.js';
import { temporaryDirectory } from '../../../harness/servers/tmp.js';

const servers = new ServerSet();
const replicas: RawReplica[] = [];
let certificates: Certificates;
let source: MysqlServer;
let member: QuorateMember;
let port: number;

const FIELDS = `id name member { name } onEveryMember address user passwordSet tls state stateReason
  slaves { id connectionId serverId serverUuid hostName user flavour semiSync offset lagBytes binlogServer { name } }
  currentGtid executedGtidSet purgedGtidSet lastBinlogFile lastFilePosition revision`;
const ERRORS = 'userErrors { code path message } revision';

async function change(
  mutation: string,
  type: string,
  input: Record<string, unknown>,
): Promise<Answer['startBinlogServer']> {
  const text = `mutation ($input: ${type}!) { payload: ${mutation}(input: $input) { ${ERRORS} binlogServer { ${FIELDS} } } }`;
  const { data, errors } = await member.ask<{ payload: Answer['startBinlogServer'] }>(text, { input });
  if (!data) throw new Error(JSON.stringify(errors));
  return data.payload;
}

const start = (input: Record<string, unknown>) =>
  change('startBinlogServer', 'StartBinlogServerInput', input);
const stop = (name: string, more = {}) =>
  change('stopBinlogServer', 'StopBinlogServerInput', { name, ...more });
const remove = (name: string) => change('removeBinlogServer', 'RemoveBinlogServerInput', { name });

async function serverNamed(name: string): Promise<BinlogServer | null> {
  return (await member.run(`query ($n: String!) { binlogServer(name: $n) { ${FIELDS} } }`, { n: name }))
    .binlogServer;
}

/** With GTIDs it is one that was attached before, and tries until it is let in. */
async function attach(at: number, gtids = ''): Promise<RawReplica> {
  const account = { user: 'slave', password: SLAVE_PASSWORD };
  for (;;) {
    try {
      const replica = await RawReplica.connect({ port: at, flavour: 'mysql56', serverId: 77, ...account });
      replicas.push(replica);
      await replica.dump({ gtids });
      return replica;
    } catch (error) {
      if (gtids === '' || !/ECONNREFUSED/.test(String(error))) throw error;
    }
  }
}

/** Asks again until it is so. */
async function untilServer(name: string, isSo: (server: BinlogServer) => boolean): Promise<BinlogServer> {
  const text = `subscription ($n: String) { binlogServerStatus(name: $n) { ${FIELDS} } }`;
  const events = await member.follow(text, (event) => isSo(event.binlogServerStatus), { n: name });
  return events.at(-1)!.binlogServerStatus;
}

beforeAll(async () => {
  certificates = createCertificates(temporaryDirectory('certificates'), 'binlog');
  source = await servers.start({ flavour: 'mysql56' });
  await source.query('CREATE DATABASE shop');
  await source.query('CREATE TABLE shop.t (id INT PRIMARY KEY)');
  member = await QuorateMember.start();
  port = await freePort();
  await changeSyncer(member, 'startSyncer', sourceInput(source));
  await untilCaughtUp(member, source);
});
afterEach(() => {
  for (const replica of replicas.splice(0)) replica.close();
});
afterAll(async () => {
  await member?.stop();
  await servers.remove();
});

describe('a binlog server', () => {
  test.each([
    ['name', { name: 'not a name' }],
    ['address', { address: 'nowhere' }],
    ['user', { user: '' }],
    ['password', { password: '' }],
    ['tls.cert', { tls: { mode: 'REQUIRED', key: 'a key' } }],
    ['tls.key', { tls: { cert: 'a certificate' } }],
  ])('is refused for a bad %s, with the path', async (path, bad) => {
    const payload = await start({ ...slaveAccount('b0', port), ...bad });
    expect(payload.userErrors).toMatchObject([
      { code: 'INVALID_INPUT', path: ['input', ...path.split('.')] },
    ]);
    expect(payload).toMatchObject({ revision: null, binlogServer: null });
  });

  test('is refused where it cannot be, and what it cannot do', async () => {
    const elsewhere = await start({ ...slaveAccount('b0', port), member: 'm9' });
    expect(elsewhere.userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'member'] }]);
    for (const mode of ['VERIFY_CA', 'VERIFY_IDENTITY']) {
      const verifying = await start({ ...slaveAccount('b0', port), tls: { mode } });
      expect(verifying.userErrors).toMatchObject([{ code: 'UNSUPPORTED', path: ['input', 'tls', 'mode'] }]);
    }
    for (const answer of [await stop('b0'), await remove('b0')])
      expect(answer.userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'name'] }]);
  });

  test('listens as soon as it was started, and tells what it is', async () => {
    const { userErrors, revision, binlogServer } = await start(slaveAccount('b1', port));
    expect(userErrors).toEqual([]);
    expect(binlogServer).toMatchObject({
      ...{ id: 'binlogServer/b1', name: 'b1', member: { name: 'm1' }, onEveryMember: true, tls: true },
      ...{ address: `127.0.0.1:${port}`, user: 'slave', passwordSet: true, state: 'RUNNING', slaves: [] },
      ...{ stateReason: null, revision, lastBinlogFile: 'quorate-binlog.000001' },
    });
    expect(Number(binlogServer!.lastFilePosition)).toBeGreaterThan(4);
    expect(binlogServer!.executedGtidSet).toBe(await source.gtidExecuted());
    const { node, binlogServers } = await member.run(
      `{ node(id: "binlogServer/b1") { id } binlogServers { name } }`,
    );
    expect([node, binlogServers]).toEqual([{ id: 'binlogServer/b1' }, [{ name: 'b1' }]]);
    const again = await start(slaveAccount('b1', port));
    expect(again.userErrors).toMatchObject([{ code: 'ALREADY_RUNNING', path: ['input', 'name'] }]);
    const same = await start(slaveAccount('b2', port));
    expect(same.userErrors).toMatchObject([{ code: 'IN_USE', path: ['input', 'address'] }]);
    const late = await stop('b1', { expectedRevision: '1' });
    expect(late.userErrors).toMatchObject([{ code: 'CONFLICT', path: ['input', 'expectedRevision'] }]);
  });

  test('lets in who has the password, and is the syncer to them', async () => {
    await expect(
      RawReplica.connect({ port, flavour: 'mysql56', user: 'slave', password: 'wrong' }),
    ).rejects.toThrow(/Access denied/);
    const replica = await attach(port);
    expect(
      await RawReplica.connect({ port, flavour: 'mysql56', user: 'slave', password: SLAVE_PASSWORD }).then(
        (other) => {
          replicas.push(other);
          return other.query('SELECT @@GLOBAL.server_id, @@GLOBAL.server_uuid');
        },
      ),
    ).toEqual([[OUR_ID, OUR_UUID]]);
    await replica.until(() => replica.stored.length > 4);
  });

  test('serves a real replica, and tells of it', async () => {
    const replica = await servers.start({ flavour: 'mysql56' });
    await replica.replication.follow({ port, user: 'slave', password: SLAVE_PASSWORD });
    await source.query('INSERT INTO shop.t VALUES (1), (2)');
    await replica.replication.reach(await source.gtidExecuted());
    const [{ serverUuid }] = [
      { serverUuid: String((await replica.query('SELECT @@server_uuid u'))[0]!['u']) },
    ];
    const server = await untilServer('b1', ({ slaves }) =>
      slaves.some((slave) => slave.serverUuid === serverUuid && slave.lagBytes === '0'),
    );
    const slave = server.slaves.find((each) => each.serverUuid === serverUuid);
    expect(slave).toMatchObject({
      ...{ serverId: String(replica.serverId), user: 'slave', flavour: 'MYSQL', semiSync: false },
      ...{ id: `slave/b1/m1/${slave!.connectionId}`, binlogServer: { name: 'b1' } },
    });
    const { slaves, node, none } = await member.run<Answer & { readonly none: Answer['slaves'] }>(
      `query ($id: ID!) { slaves(binlogServer: "b1") { id } node(id: $id) { id __typename } none: slaves(binlogServer: "b9") { id } }`,
      { id: slave!.id },
    );
    expect(slaves).toContainEqual({ id: slave!.id });
    expect(node).toEqual({ id: slave!.id, __typename: 'Slave' });
    expect(none).toEqual([]);
    await replica.remove();
  });

  test('loses a slave that is disconnected, and the feed says by whom', async () => {
    const replica = await attach(port);
    await replica.until(() => replica.stored.length > 4);
    const { slaves } = await untilServer('b1', (server) => server.slaves.some((s) => s.serverId === '77'));
    const { connectionId } = slaves.find((slave) => slave.serverId === '77')!;
    const text = `mutation ($id: BigInt!) { disconnectSlave(input: { binlogServer: "b1", connectionId: $id }) {
      ${ERRORS} slave { connectionId serverId } } }`;
    const { disconnectSlave: done } = await member.run(text, { id: connectionId });
    expect(done).toMatchObject({ userErrors: [], slave: { connectionId, serverId: '77' } });
    await expect(replica.until(() => false)).rejects.toThrow(/The stream has ended/);
    const { actions } = await member.run('{ actions(first: 500) { nodes { id revision description } } }');
    expect(actions.nodes.find(({ revision }) => revision === done.revision)!.description).toBe(
      `Disconnected slave ${connectionId} of binlog server b1`,
    );
    const { data } = await member.ask(text, { id: connectionId });
    expect(data!.disconnectSlave).toMatchObject({
      userErrors: [{ code: 'NOT_FOUND', path: ['input', 'connectionId'] }],
      slave: null,
    });
  });

  test('demands TLS when it is to, by a certificate that outlives the member', async () => {
    const own = await freePort();
    const { userErrors } = await start({ ...slaveAccount('b4', own), tls: { mode: 'REQUIRED' } });
    expect(userErrors).toEqual([]);
    const account = { host: '127.0.0.1', port: own, user: 'slave', password: SLAVE_PASSWORD };
    await expect(createConnection(account)).rejects.toMatchObject({ errno: 3159 });
    const ca = readFileSync(join(member.dataDir, 'binlog-tls', 'b4.crt'));
    await member.stop();
    member = await QuorateMember.start({ dataDir: member.dataDir });
    await untilServer('b4', ({ state }) => state === 'RUNNING');
    const connection = await createConnection({ ...account, ssl: { ca } });
    connection.destroy();
    expect((await remove('b4')).userErrors).toEqual([]);
  });

  test('runs again after a restart of the member, with its password', async () => {
    await member.stop();
    member = await QuorateMember.start({ dataDir: member.dataDir });
    await untilServer('b1', ({ state }) => state === 'RUNNING');
    await untilCaughtUp(member, source);
    const replica = await attach(port);
    await replica.until(() => replica.stored.length > 4);
  });

  test('listens after a crash of the member no sooner than it knows what is committed', async () => {
    await untilCaughtUp(member, source);
    const gtids = await source.gtidExecuted();
    await member.kill();
    member = await QuorateMember.launch({ dataDir: member.dataDir });
    const replica = await attach(port, gtids);
    await member.ready();
    await source.query('INSERT INTO shop.t VALUES (11)');
    // One that came too early would be told that it has what the source never had.
    await replica.until(() => replica.stored.length > 3);
  });

  test('stays stopped over a restart, and starts with other settings', async () => {
    const replica = await attach(port);
    const stopped = await stop('b1');
    expect(stopped).toMatchObject({ userErrors: [], binlogServer: { state: 'STOPPED', slaves: [] } });
    await expect(replica.until(() => false)).rejects.toThrow(/The stream has ended/);
    expect((await stop('b1')).userErrors).toMatchObject([{ code: 'NOT_RUNNING', path: ['input', 'name'] }]);
    await member.stop();
    member = await QuorateMember.start({ dataDir: member.dataDir });
    expect(await serverNamed('b1')).toMatchObject({ state: 'STOPPED' });
    await expect(attach(port)).rejects.toThrow(/ECONNREFUSED/);
    const other = await freePort();
    const { cert, key } = certificates;
    const tls = { mode: 'PREFERRED', cert: String(cert), key: String(key) };
    const started = await start({ ...slaveAccount('b1', other), member: 'm1', tls });
    expect(started).toMatchObject({
      userErrors: [],
      binlogServer: { state: 'RUNNING', onEveryMember: false, tls: true, address: `127.0.0.1:${other}` },
    });
    await untilCaughtUp(member, source);
    const secure = await RawReplica.connect({
      ...{ port: other, flavour: 'mysql56', user: 'slave', password: SLAVE_PASSWORD, tls: certificates },
    });
    replicas.push(secure);
    await secure.dump();
    await secure.until(() => secure.stored.length > 4);
  });

  test('that cannot listen says so among the problems, and listens once it can', async () => {
    const taken = await freePort();
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(taken, '127.0.0.1', resolve));
    const failed = await start(slaveAccount('b3', taken));
    expect(failed).toMatchObject({ userErrors: [], binlogServer: { state: 'FAILED' } });
    expect(failed.binlogServer!.stateReason).toMatch(/cannot listen.*EADDRINUSE/);
    const { cluster } = await member.run('{ cluster { problems { severity subject message } } }');
    expect(cluster.problems).toContainEqual({
      ...{ severity: 'WARNING', subject: 'binlogServer/b3', message: failed.binlogServer!.stateReason },
    });
    await new Promise((resolve) => blocker.close(resolve));
    await untilServer('b3', ({ state }) => state === 'RUNNING');
  });

  test('is gone when it is removed, also while it runs', async () => {
    const { userErrors, binlogServer } = await remove('b3');
    expect({ userErrors, binlogServer }).toEqual({ userErrors: [], binlogServer: null });
    expect(await serverNamed('b3')).toBeNull();
    const { binlogServers } = await member.run('{ binlogServers { name } }');
    expect(binlogServers).toEqual([{ name: 'b1' }]);
  });
});
