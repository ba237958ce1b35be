import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  changeSyncer,
  SLAVE_PASSWORD,
  slaveAccount,
  sourceInput,
  untilCaughtUp,
} from '../../../harness/servers/binlog/binlog-api.js';
import type { Answer, Payload, Slave } from '../../../harness/generated/answers.js';
import { startEtcd, type EtcdCluster } from '../../../harness/servers/etcd.js';
import { RawReplica } from '../../../harness/checkers/raw-replica/raw-replica.js';
import type { MysqlServer } from '../../../harness/servers/mysql/server.js';
import { ServerSet } from '../../../harness/servers/mysql/server-set.js';
import { freePort } from '../../../harness/servers/ports.js';
import { QuorateMember } from '../../../harness/servers/quorate.js';
import { temporaryDirectory } from '../../../harness/servers/tmp.js';
import { makeToken } from '../../../harness/servers/tokens.js';

const ARGS = ['--session-ttl', '2000', '--journal-segment-size', '4096'];
const SLAVE = 'id serverId connectionId member { name } binlogServer { name }';

const servers = new ServerSet();
let etcd: EtcdCluster;
let source: MysqlServer;
let leader: QuorateMember;
let follower: QuorateMember;
let replica: RawReplica;

type Changed = Payload & Partial<Answer['startBinlogServer'] & Answer['purgeJournal']>;

/** What a mutation without further fields answers. */
async function change(member: QuorateMember, call: string, fields = ''): Promise<Changed> {
  const { data, errors } = await member.ask<{ payload: Changed }>(
    `mutation { payload: ${call} { userErrors { code path message } ${fields} } }`,
  );
  if (!data) throw new Error(JSON.stringify(errors));
  return data.payload;
}

async function startServer(name: string, port: number, member: string | null): Promise<Changed> {
  const { address, user, password } = slaveAccount(name, port);
  const where = member === null ? '' : `member: "${member}",`;
  const input = `{ name: "${name}", address: "${address}", ${where} user: "${user}", password: "${password}" }`;
  return change(leader, `startBinlogServer(input: ${input})`);
}

async function untilRunning(name: string): Promise<void> {
  await leader.follow(
    `subscription { binlogServerStatus(name: "${name}") { state } }`,
    ({ binlogServerStatus: { state } }) => state === 'RUNNING',
  );
}

async function slavesSeenBy(member: QuorateMember): Promise<readonly Slave[]> {
  return (await member.run(`{ slaves { ${SLAVE} } }`)).slaves;
}

async function untilSlaves(
  member: QuorateMember,
  isSo: (slaves: readonly Slave[]) => boolean,
): Promise<readonly Slave[]> {
  const events = await member.follow(`subscription { slaveStatus { lagBytes ${SLAVE} } }`, (event) =>
    isSo(event.slaveStatus),
  );
  return events.at(-1)!.slaveStatus;
}

async function attach(port: number): Promise<RawReplica> {
  const account = { user: 'slave', password: SLAVE_PASSWORD };
  const attached = await RawReplica.connect({ port, flavour: 'mysql56', serverId: 79, ...account });
  await attached.dump({ gtids: '' });
  return attached;
}

let atLeader: number;
let atFollower: number;

beforeAll(async () => {
  source = await servers.start({ flavour: 'mysql56' });
  await source.query('CREATE DATABASE shop');
  await source.query('CREATE TABLE shop.t (id INT PRIMARY KEY AUTO_INCREMENT, text LONGTEXT)');
  etcd = await startEtcd();
  const tokens = join(temporaryDirectory('tokens'), 'tokens.yaml');
  const common = {
    ...{ etcd: etcd.endpoints, args: [...ARGS, '--tokens', tokens] },
    token: await makeToken(tokens, 'ADMIN', 'me'),
  };
  leader = await QuorateMember.start({ name: 'm1', ...common });
  const { secretKey } = leader;
  follower = await QuorateMember.start({ name: 'm2', secretKey, ...common });
  await changeSyncer(leader, 'startSyncer', sourceInput(source));
  await untilCaughtUp(follower, source);
  [atLeader, atFollower] = [await freePort(), await freePort()];
});
afterAll(async () => {
  replica?.close();
  await Promise.all([leader, follower].map((member) => member?.kill()));
  await servers.remove();
  await etcd?.stop();
});

test('every member says how the syncer is, on whichever it runs', async () => {
  for (const member of [leader, follower]) {
    const [first] = (
      await member.follow(
        'subscription { syncerStatus { state stateReason sourceVersion connectedAt lastBinlogFile } }',
        ({ syncerStatus: { state } }) => state === 'RUNNING',
      )
    ).slice(-1);
    expect(first!.syncerStatus).toMatchObject({ state: 'RUNNING', stateReason: null });
    expect(first!.syncerStatus.sourceVersion).toMatch(/^5\.6/);
    expect(first!.syncerStatus.connectedAt).not.toBeNull();
    expect(first!.syncerStatus.lastBinlogFile).not.toBeNull();
  }
});

describe('slaves of another member', () => {
  test('are seen at every member, in queries and subscriptions', async () => {
    for (const [name, port, member] of [
      ['b1', atLeader, 'm1'],
      ['b2', atFollower, 'm2'],
    ] as const) {
      expect(await startServer(name, port, member)).toEqual({ userErrors: [] });
      await untilRunning(name);
    }
    replica = await attach(atFollower);
    await replica.until(() => replica.stored.length > 1);
    for (const member of [leader, follower]) {
      const [slave] = await untilSlaves(member, (slaves) => slaves.length === 1);
      expect(slave).toMatchObject({
        ...{ serverId: '79', member: { name: 'm2' }, binlogServer: { name: 'b2' } },
        id: `slave/b2/m2/${slave!.connectionId}`,
      });
      const { node, binlogServers } = await member.run(
        'query ($id: ID!) { node(id: $id) { id } binlogServers { name state slaves { id } } }',
        { id: slave!.id },
      );
      expect(node).toEqual({ id: slave!.id });
      expect(binlogServers).toEqual([
        { name: 'b1', state: 'RUNNING', slaves: [] },
        { name: 'b2', state: 'RUNNING', slaves: [{ id: slave!.id }] },
      ]);
    }
  });

  test('keep what they still need from being purged, also while their member does not answer', async () => {
    replica.pause();
    for (let i = 0; i < 8; i++) {
      await source.query(`INSERT INTO shop.t (text) VALUES (REPEAT('x', 3000000))`);
      await source.query(`INSERT INTO shop.t (text) VALUES ('small')`);
    }
    await untilCaughtUp(leader, source);
    await untilCaughtUp(follower, source);
    await untilSlaves(leader, ([slave]) => Number(slave?.lagBytes) > 100_000);
    const refused = async (): Promise<void> => {
      const { userErrors } = await change(leader, 'purgeJournal(input: { keepBytes: "0" })');
      expect(userErrors).toMatchObject([{ code: 'IN_USE' }]);
      expect(userErrors[0]!.message).toMatch(
        /Slave \d+ of binlog server b2 \(server_id 79, .*\) at member m2 still/,
      );
    };
    await refused();
    const { pid } = follower.process;
    process.kill(pid, 'SIGSTOP');
    try {
      const events = await leader.follow(
        'subscription { binlogServerStatus(name: "b2") { state stateReason slaves { id } } }',
        ({ binlogServerStatus: { state } }) => state !== 'RUNNING',
      );
      const { state, stateReason, slaves } = events.at(-1)!.binlogServerStatus;
      expect(['UNREACHABLE', 'FAILED']).toContain(state);
      expect(stateReason).toMatch(/^Member m2 does not (run|answer)/);
      expect(slaves).toHaveLength(1);
      // What it was sent last second is no longer so, and nobody knows what is.
      const told = await leader.run('{ slaves { stale lagSeconds eventsPerSecond bytesPerSecond } }');
      expect(told.slaves).toEqual([
        { stale: true, lagSeconds: null, eventsPerSecond: null, bytesPerSecond: null },
      ]);
      const since = Date.now();
      const chart = await leader.follow(
        'subscription { throughputStatus { at sentBytesPerSecond } }',
        ({ throughputStatus }) => throughputStatus.some(({ at }: { at: string }) => Date.parse(at) > since),
      );
      expect(chart.at(-1)!.throughputStatus.at(-1)!.sentBytesPerSecond).toBe(0);
      await refused();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await leader.follow(
      'subscription { binlogServerStatus(name: "b2") { state } }',
      ({ binlogServerStatus: { state } }) => state === 'RUNNING',
    );
    await expect
      .poll(async () => (await leader.run('{ slaves { stale } }')).slaves)
      .toEqual([{ stale: false }]);
    const forced = await change(
      leader,
      'purgeJournal(input: { keepBytes: "0", force: true })',
      'segments { name }',
    );
    expect(forced.userErrors).toEqual([]);
    expect(forced.segments!.length).toBeGreaterThan(3);
    replica.close();
    await untilSlaves(leader, (slaves) => slaves.length === 0);
  });

  test.each(['m1', 'm2'])('are disconnected by a mutation sent to %s', async (name) => {
    const member = name === 'm1' ? leader : follower;
    const { journal } = await leader.run('{ journal { purgedGtidSet } }');
    const account = { user: 'slave', password: SLAVE_PASSWORD };
    replica = await RawReplica.connect({ port: atFollower, flavour: 'mysql56', serverId: 80, ...account });
    await replica.dump({ gtids: journal.purgedGtidSet });
    const [slave] = await untilSlaves(follower, (slaves) => slaves.length === 1);
    const call = (more: string) =>
      change(
        member,
        `disconnectSlave(input: { binlogServer: "b2", connectionId: "${slave!.connectionId}" ${more} })`,
        'slave { id }',
      );
    expect((await call('member: "m1"')).userErrors).toMatchObject([
      { code: 'NOT_FOUND', path: ['input', 'member'] },
    ]);
    expect(await call('')).toEqual({ userErrors: [], slave: { id: slave!.id } });
    await untilSlaves(leader, (slaves) => slaves.length === 0);
    expect((await call('')).userErrors).toMatchObject([
      { code: 'NOT_FOUND', path: ['input', 'connectionId'] },
    ]);
    expect(await slavesSeenBy(follower)).toEqual([]);
    replica.close();
  });

  test('are counted in where one binlog server runs on every member, which is as it is at the worst', async () => {
    // One machine has each port once: it can listen for one of the two only.
    const port = await freePort();
    await startServer('b3', port, null);
    const text = 'subscription { binlogServerStatus(name: "b3") { state stateReason onEveryMember } }';
    const seen = async (member: QuorateMember) => {
      const events = await member.follow(text, ({ binlogServerStatus: { state } }) => state === 'FAILED');
      return events.at(-1)!.binlogServerStatus;
    };
    const [here, there] = [await seen(leader), await seen(follower)];
    expect(here.stateReason).toMatch(/^Member m[12]: .*EADDRINUSE/);
    expect(there).toEqual(here);
    const { cluster } = await leader.run('{ cluster { problems { subject message } } }');
    expect(cluster.problems).toContainEqual({
      ...{ subject: 'binlogServer/b3', message: expect.stringContaining('EADDRINUSE') },
    });
    const { journal } = await leader.run('{ journal { purgedGtidSet } }');
    const account = { user: 'slave', password: SLAVE_PASSWORD };
    replica = await RawReplica.connect({ port, flavour: 'mysql56', serverId: 81, ...account });
    await replica.dump({ gtids: journal.purgedGtidSet });
    for (const member of [leader, follower])
      await untilSlaves(member, (slaves) => slaves.some(({ binlogServer }) => binlogServer.name === 'b3'));
    replica.close();
  });
});
