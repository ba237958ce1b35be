import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { RedisServer, type RedisServerOptions } from '../../harness/servers/redis.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';

/** One member with the embedded coordinator, and real servers that tests start as they need them. */
let member: QuorateMember;
const servers: RedisServer[] = [];

beforeAll(async () => {
  member = await QuorateMember.start();
});

afterAll(async () => {
  await Promise.all([member?.kill(), ...servers.map((server) => server.stop())]);
});

async function startServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const server = await RedisServer.start(options);
  servers.push(server);
  return server;
}

/** One command to a server, answered as on the wire. */
async function tell(server: RedisServer, ...words: string[]): Promise<string> {
  const client = await server.client();
  return client.ask(...words).finally(() => client.close());
}

interface UserError {
  readonly code: string;
  readonly path: readonly string[];
  readonly message: string;
}

/** Runs a mutation that is to be refused for one reason. */
async function refusal(mutation: string): Promise<UserError> {
  const { data, errors } = await member.ask<
    Record<string, { userErrors: UserError[]; revision: string | null }>
  >(`mutation { ${mutation} { userErrors { code path message } revision } }`);
  if (errors || !data) throw new Error(`${mutation}: ${JSON.stringify(errors)}`);
  const [payload] = Object.values(data);
  expect(payload!.userErrors).toHaveLength(1);
  expect(payload!.revision).toBeNull();
  return payload!.userErrors[0]!;
}

async function change(mutation: string): Promise<void> {
  await member.run(`mutation { ${mutation} { userErrors { code message } } }`);
}

function addServer(group: number, address: string, more = ''): string {
  return `addServer(input: { group: ${group}, address: "${address}" ${more} })`;
}

interface Server {
  readonly address: string;
  readonly role: string;
  readonly replicaReads: boolean;
  readonly reachable: boolean;
  readonly keys: string | null;
  readonly usedMemory: string | null;
  readonly engine: string | null;
  readonly version: string | null;
  readonly masterLinkUp: boolean | null;
  readonly replicationLag: string | null;
  readonly problem: string | null;
}
interface Group {
  readonly number: number;
  readonly revision: string;
  readonly slotCount: number;
  readonly master: { readonly address: string } | null;
  readonly servers: readonly Server[];
}
const GROUP = `number revision slotCount master { address } servers {
  address role replicaReads reachable keys usedMemory engine version masterLinkUp replicationLag problem
}`;

async function group(number: number): Promise<Group> {
  return (await member.run<{ group: Group }>(`{ group(number: ${number}) { ${GROUP} } }`)).group;
}

/** The group once it is as expected, from the subscription. */
async function untilGroup(number: number, predicate: (group: Group) => boolean): Promise<Group> {
  const events = await member.follow<{ groupStatus: Group }>(
    `subscription { groupStatus(number: ${number}) { ${GROUP} } }`,
    ({ groupStatus }) => predicate(groupStatus),
  );
  return events[events.length - 1]!.groupStatus;
}

describe('a server is not taken into a group', () => {
  let master: RedisServer;

  beforeAll(async () => {
    master = await startServer();
    await change('createGroup(input: { number: 1 })');
    await change('createGroup(input: { number: 2 })');
    await change(addServer(1, master.address));
  });

  const refused = async (group: number, address: string, more = ''): Promise<readonly [string, string]> => {
    const before = await groupRevision(group);
    const { code, path } = await refusal(addServer(group, address, more));
    expect(await groupRevision(group)).toBe(before);
    return [code, path.join('.')];
  };
  const groupRevision = async (number: number): Promise<string | undefined> =>
    (await group(number))?.revision;

  test('when nobody listens at its address, or it is none', async () => {
    const gone = await startServer();
    await gone.stop();
    expect(await refused(2, gone.address)).toEqual(['UNREACHABLE', 'input.address']);
    expect(await refused(2, 'nonsense')).toEqual(['INVALID_INPUT', 'input.address']);
  });

  test('when the group does not exist', async () => {
    expect(await refused(99, master.address)).toEqual(['NOT_FOUND', 'input.group']);
  });

  test('with a password that is wrong, missing or superfluous', async () => {
    const locked = await startServer({ password: 'right-password' });
    expect(await refused(2, locked.address, 'password: "wrong-password"')).toEqual([
      'INVALID_INPUT',
      'input.password',
    ]);
    expect(await refused(2, locked.address)).toEqual(['INVALID_INPUT', 'input.password']);
    const open = await startServer();
    expect(await refused(2, open.address, 'password: "needless-password"')).toEqual([
      'INVALID_INPUT',
      'input.password',
    ]);
    expect(member.process.output).not.toMatch(/(right|wrong|needless)-password/);
  });

  test('when it runs in cluster mode', async () => {
    const clustered = await startServer({ args: ['--cluster-enabled', 'yes'] });
    expect(await refused(2, clustered.address)).toEqual(['UNSUPPORTED', 'input.address']);
  });

  test("when it is somebody else's replica", async () => {
    const [stranger, replica] = [await startServer(), await startServer()];
    await tell(replica, 'REPLICAOF', '127.0.0.1', String(stranger.port));
    expect(await refused(2, replica.address)).toEqual(['PRECONDITION_FAILED', 'input.address']);
    expect(await refused(1, replica.address)).toEqual(['PRECONDITION_FAILED', 'input.address']);
    expect(await tell(replica, 'INFO', 'replication')).toContain(`master_port:${stranger.port}`);
  });

  test('when it is in a group already, under this name or another', async () => {
    expect(await refused(1, master.address)).toEqual(['ALREADY_EXISTS', 'input.address']);
    expect(await refused(2, master.address)).toEqual(['ALREADY_EXISTS', 'input.address']);
    expect(await refused(1, `localhost:${master.port}`)).toEqual(['ALREADY_EXISTS', 'input.address']);
    expect(await refused(2, `localhost:${master.port}`)).toEqual(['ALREADY_EXISTS', 'input.address']);
  });

  test('as a replica while it holds keys, which it keeps', async () => {
    const full = await startServer();
    await tell(full, 'SET', 'precious', 'value');
    expect(await refused(1, full.address)).toEqual(['PRECONDITION_FAILED', 'input.address']);
    expect(await tell(full, 'GET', 'precious')).toBe('$5\r\nvalue');
    expect(await tell(full, 'INFO', 'replication')).toContain('role:master');
  });

  test('when the group has changed since the caller looked', async () => {
    const server = await startServer();
    const { revision } = await group(1);
    await change(addServer(1, server.address, `expectedRevision: "${revision}"`));
    const late = await startServer();
    expect(await refused(1, late.address, `expectedRevision: "${revision}"`)).toEqual([
      'CONFLICT',
      'input.expectedRevision',
    ]);
    expect(await tell(late, 'INFO', 'replication')).toContain('role:master');
  });
});

describe('the servers of a group', () => {
  const secrets = ['first-servers-secret', 'second-servers-secret'] as const;
  let master: RedisServer;
  let replica: RedisServer;

  beforeAll(async () => {
    master = await startServer({ password: secrets[0] });
    replica = await startServer({ password: secrets[1] });
    for (let i = 0; i < 100; i++) await tell(master, 'SET', `key:${i}`, `value ${i}`);
    await change('createGroup(input: { number: 10 })');
  });

  test('the first becomes master, the next replicates and has its data when the answer comes', async () => {
    await change(addServer(10, master.address, `password: "${secrets[0]}", dataCenter: "dc1"`));
    await change(addServer(10, replica.address, `password: "${secrets[1]}"`));
    expect(await tell(replica, 'DBSIZE')).toBe(':100');
    const { servers, master: shown } = await group(10);
    expect(shown?.address).toBe(master.address);
    expect(servers.map(({ address, role }) => [address, role])).toEqual([
      [master.address, 'MASTER'],
      [replica.address, 'REPLICA'],
    ]);
  });

  test('stay replicas when they are started again, where they have a configuration file', async () => {
    const configFile = join(temporaryDirectory('redis-config'), 'redis.conf');
    writeFileSync(configFile, '');
    const [master, replica] = [await startServer(), await startServer({ configFile })];
    await change('createGroup(input: { number: 31 })');
    for (const { address } of [master, replica])
      await change(`addServer(input: { group: 31, address: "${address}" })`);
    await replica.restart();
    expect(await tell(replica, 'ROLE')).toContain('slave');
  });

  test('are shown with what they say of themselves', async () => {
    const { servers } = await untilGroup(10, ({ servers }) =>
      servers.every((server) => server.reachable && server.keys === '100' && server.replicationLag !== ''),
    );
    const [first, second] = servers as [Server, Server];
    expect(first).toMatchObject({ engine: 'redis', masterLinkUp: null, replicationLag: null, problem: null });
    expect(first.version).toMatch(/^\d+\.\d+/);
    expect(Number(first.usedMemory)).toBeGreaterThan(100_000);
    expect(second).toMatchObject({ masterLinkUp: true, problem: null });
    await untilGroup(10, ({ servers }) => servers[1]?.replicationLag === '0');
  });

  test('let proxies read from replicas when told so, one or all', async () => {
    const reads = async (): Promise<boolean[]> =>
      (await group(10)).servers.map((server) => server.replicaReads);
    await change(`setReplicaReads(input: { group: 10, address: "${replica.address}", enabled: true })`);
    expect(await reads()).toEqual([false, true]);
    await change('setReplicaReads(input: { group: 10, enabled: true })');
    expect(await reads()).toEqual([true, true]);
    await change('setReplicaReads(input: { group: 10, enabled: false })');
    expect(await reads()).toEqual([false, false]);
    const unknown = await refusal(
      'setReplicaReads(input: { group: 10, address: "127.0.0.1:1", enabled: true })',
    );
    expect([unknown.code, unknown.path.join('.')]).toEqual(['NOT_FOUND', 'input.address']);
    const missing = await refusal('setReplicaReads(input: { group: 98, enabled: true })');
    expect([missing.code, missing.path.join('.')]).toEqual(['NOT_FOUND', 'input.group']);
  });

  test('that die show up as a problem, and no more when they are back', async () => {
    interface Status {
      clusterStatus: { health: string; problems: { subject: string; severity: string; message: string }[] };
    }
    const STATUS = 'subscription { clusterStatus { health problems { subject severity message } } }';
    const subject = `server/${replica.address}`;
    await replica.kill();
    const down = await untilGroup(
      10,
      ({ servers }) => servers[1]?.problem?.includes('ECONNREFUSED') === true,
    );
    expect(down.servers[1]).toMatchObject({ reachable: false, keys: null });
    const events = await member.follow<Status>(STATUS, ({ clusterStatus }) =>
      clusterStatus.problems.some((problem) => problem.subject === subject),
    );
    expect(events[events.length - 1]!.clusterStatus.health).toBe('DEGRADED');

    await replica.restart();
    const back = await untilGroup(10, ({ servers }) => servers[1]?.reachable === true);
    expect(back.servers[1]?.problem).toMatch(/is a master/);
    await tell(replica, 'CONFIG', 'SET', 'masterauth', secrets[0]);
    await tell(replica, 'REPLICAOF', '127.0.0.1', String(master.port));
    await untilGroup(10, ({ servers }) => servers[1]?.problem === null && servers[1].masterLinkUp === true);
    await member.follow<Status>(STATUS, ({ clusterStatus }) =>
      clusterStatus.problems.every((problem) => problem.subject !== subject),
    );
  });

  test('never have their passwords shown: in answers, in the feed, in the log, or at rest', async () => {
    const answers = JSON.stringify([
      await group(10),
      await member.run('{ actions(first: 500) { nodes { type description target } } }'),
      await (await fetch(`${member.url}/metrics`)).text(),
    ]);
    expect(answers).toContain(master.address);
    for (const secret of secrets) {
      expect(answers).not.toContain(secret);
      expect(member.process.output).not.toContain(secret);
      expect(filesWith(member.dataDir, secret)).toEqual([]);
    }
    expect(filesWith(member.dataDir, master.address)).not.toEqual([]);
  });

  test('leave when a master has no slots and, unless forced, no replicas', async () => {
    const remove = (address: string, more = ''): string =>
      `removeServer(input: { group: 10, address: "${address}" ${more} })`;
    const unknown = await refusal(remove('127.0.0.1:1'));
    expect([unknown.code, unknown.path.join('.')]).toEqual(['NOT_FOUND', 'input.address']);
    const stale = await refusal(remove(replica.address, 'expectedRevision: "1"'));
    expect([stale.code, stale.path.join('.')]).toEqual(['CONFLICT', 'input.expectedRevision']);
    const followed = await refusal(remove(master.address));
    expect([followed.code, followed.path.join('.')]).toEqual(['IN_USE', 'input.address']);

    await change(remove(replica.address));
    expect(await tell(replica, 'INFO', 'replication')).toContain('role:slave');
    await change(addServer(10, replica.address, `password: "${secrets[1]}"`));
    await change(remove(master.address, 'force: true'));
    expect((await group(10)).master).toBeNull();
    await change(remove(replica.address));
    expect((await group(10)).servers).toEqual([]);
  });
});

describe('slots and groups', () => {
  let owner: RedisServer;

  const code = async (mutation: string): Promise<readonly [string, string]> => {
    const { code, path } = await refusal(mutation);
    return [code, path.join('.')];
  };
  const assign = (from: number, to: number, group: number | null, more = ''): string =>
    `assignSlots(input: { from: ${from}, to: ${to}, group: ${group} ${more} })`;

  beforeAll(async () => {
    const target = await startServer();
    owner = await startServer();
    await change('createGroup(input: { number: 20 })');
    await change('createGroup(input: { number: 21 })');
    await change('createGroup(input: { number: 22 })');
    await change(addServer(20, owner.address));
    await change(addServer(22, target.address));
  });

  test('the slots are created once, all OFFLINE', async () => {
    expect(await code(assign(0, 0, 20))).toEqual(['PRECONDITION_FAILED', '']);
    await change('initSlots');
    expect(await code('initSlots')).toEqual(['ALREADY_EXISTS', 'input.force']);
    const { slotRanges } = await member.run<{ slotRanges: unknown }>(
      '{ slotRanges { from to status group { number } } }',
    );
    expect(slotRanges).toEqual([{ from: 0, to: 1023, status: 'OFFLINE', group: null }]);
  });

  test('slots are assigned without their data only when they have no group, or by force', async () => {
    expect(await code(assign(0, 9, 97))).toEqual(['NOT_FOUND', 'input.group']);
    expect(await code(assign(0, 9, 21))).toEqual(['PRECONDITION_FAILED', 'input.group']);
    expect((await code(assign(5, 4, 20)))[0]).toBe('INVALID_INPUT');
    expect((await code(assign(0, 1024, 20)))[0]).toBe('INVALID_INPUT');
    await change(assign(0, 99, 20));
    expect(await code(assign(90, 110, 22))).toEqual(['PRECONDITION_FAILED', 'input.force']);
    await change(assign(90, 110, 22, 'force: true'));
    expect((await group(22)).slotCount).toBe(21);
    expect(await code(assign(90, 110, null))).toEqual(['PRECONDITION_FAILED', 'input.force']);
    await change(assign(90, 110, null, 'force: true'));
    expect((await group(22)).slotCount).toBe(0);
  });

  test('slots of an operation belong to it, whoever uses force', async () => {
    for (let i = 0; i < 200; i++) await tell(owner, 'SET', `key:${i}`, 'value');
    await change('setMigrationLimits(input: { keysPerSecond: 1 })');
    const { moveSlots } = await member.run<{ moveSlots: { operation: { id: string } } }>(
      'mutation { moveSlots(input: { from: 0, to: 49, targetGroup: 22 }) { operation { id } userErrors { message } } }',
    );
    expect(await code(assign(40, 60, 22, 'force: true'))).toEqual(['IN_USE', 'input.from']);
    expect(await code('initSlots(input: { force: true })')).toEqual(['IN_USE', 'input.force']);
    expect(await code('removeGroup(input: { number: 22 })')).toEqual(['IN_USE', 'input.number']);
    await change(`cancelOperation(input: { id: "${moveSlots.operation.id}" })`);
    await change('setMigrationLimits(input: { keysPerSecond: null })');
    await member.follow<{ operationProgress: { state: string } }>(
      'subscription ($id: ID) { operationProgress(id: $id) { state } }',
      ({ operationProgress }) => operationProgress.state === 'CANCELLED',
      { id: moveSlots.operation.id },
    );
    await change(assign(40, 60, 22, 'force: true'));
    const taken = assign(40, 60, 20, 'force: true');
    expect(await code(taken)).toEqual(['PRECONDITION_FAILED', 'input.keysAtTarget']);
    await change(assign(40, 60, 20, 'force: true, keysAtTarget: KEEP'));
  });

  test('a group goes when it has neither slots nor servers', async () => {
    expect(await code('removeGroup(input: { number: 97 })')).toEqual(['NOT_FOUND', 'input.number']);
    expect(await code('removeGroup(input: { number: 20 })')).toEqual(['IN_USE', 'input.number']);
    expect(
      await code(`removeServer(input: { group: 20, address: "${owner.address}", force: true })`),
    ).toEqual(['IN_USE', 'input.address']);
    await change('initSlots(input: { force: true })');
    expect(await code('removeGroup(input: { number: 20 })')).toEqual(['IN_USE', 'input.number']);
    await change(`removeServer(input: { group: 20, address: "${owner.address}" })`);
    expect(await code('removeGroup(input: { number: 20, expectedRevision: "1" })')).toEqual([
      'CONFLICT',
      'input.expectedRevision',
    ]);
    await change('removeGroup(input: { number: 20 })');
    expect(await group(20)).toBeNull();
    expect(await code('createGroup(input: { number: 21 })')).toEqual(['ALREADY_EXISTS', 'input.number']);
    expect(await code('createGroup(input: { number: 0 })')).toEqual(['INVALID_INPUT', 'input.number']);
  });
});

/** The files below a directory that contain these bytes. */
function filesWith(directory: string, text: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    if (statSync(path).isDirectory()) return filesWith(path, text);
    return readFileSync(path).includes(text) ? [path] : [];
  });
}
