import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { slotOfKey } from '../../../src/redis/key-slot.js';
import { change, moveUntil, startMove } from '../../harness/servers/moves.js';
import { freePort } from '../../harness/servers/ports.js';
import type { QuorateMember } from '../../harness/servers/quorate.js';
import { RedisServer } from '../../harness/servers/redis.js';
import { RespClient } from '../../harness/servers/redis-client.js';
import { startShardedRedis, type ShardedRedis } from '../../harness/servers/sharded-redis.js';
import { TcpRelay } from '../../harness/servers/tcp-relay.js';

const within = { timeout: 30_000 };

let cluster: ShardedRedis;
let member: QuorateMember;
/** Of group 1. */
let master: RedisServer;
let replica: RedisServer;
let relay: TcpRelay;
/** Where the cluster reaches the master. */
let address: string;
const strangers: RedisServer[] = [];

beforeAll(async () => {
  cluster = await startShardedRedis({
    groups: 2,
    proxies: 2,
    memberArgs: ['--barrier-timeout', '2000'],
  });
  [member] = cluster.members as [QuorateMember];
  [master] = cluster.servers as [RedisServer];
  replica = await RedisServer.start();
  relay = await TcpRelay.start(master.port);
  address = master.address;
  await change(member, `addServer(input: { group: 1, address: "${replica.address}" })`);
});

afterAll(async () => {
  await relay?.stop();
  await replica?.stop();
  await Promise.all(strangers.map((server) => server.stop()));
  await cluster?.stop();
});

interface Refusal {
  readonly code: string;
  readonly path: readonly string[];
  readonly message: string;
}

interface Updated {
  readonly server: { readonly address: string } | null;
  readonly userErrors: readonly Refusal[];
}

async function update(from: string, fields: string): Promise<Updated> {
  const { data } = await member.ask<{ updateServer: Updated }>(
    `mutation { updateServer(input: { group: 1, address: "${from}", ${fields} }) {
      server { address } userErrors { code path message } } }`,
  );
  return data!.updateServer;
}

async function addresses(): Promise<string[]> {
  const { groups } = await member.run<{ groups: { servers: { address: string }[] }[] }>(
    '{ groups { servers { address } } }',
  );
  return groups.flatMap(({ servers }) => servers.map((server) => server.address)).sort();
}

async function problems(): Promise<string[]> {
  const { cluster: shown } = await member.run<{ cluster: { problems: { code: string }[] } }>(
    '{ cluster { problems { code } } }',
  );
  return shown.problems.map(({ code }) => code);
}

async function stranger(args: readonly string[] = []): Promise<RedisServer> {
  const server = await RedisServer.start({ args });
  strangers.push(server);
  return server;
}

async function infoOf(port: number, section: string): Promise<string> {
  const client = await RespClient.connect(port);
  const info = await client.ask('INFO', section);
  client.close();
  return info;
}

/** Clients of both proxies that send pipelines, each of which counts up in order, until they are stopped. */
async function keepCounting(): Promise<() => Promise<number>> {
  const clients = cluster.proxies.map((proxy) => new Redis({ port: proxy.port, retryStrategy: null }));
  let isWanted = true;
  let rounds = 0;
  const counting = clients.map(async (client, who) => {
    for (let i = 1; isWanted; i += 10) {
      const pipeline = client.pipeline();
      for (let j = 0; j < 10; j++) pipeline.set(`count:${who}:${j % 2}`, i + j).incr(`sum:${who}`);
      const replies = (await pipeline.exec())!;
      const bad = replies.filter(([error]) => error !== null).map(([error]) => error!.message);
      expect(bad).toEqual([]);
      expect(await client.get(`count:${who}:1`)).toBe(String(i + 9));
      expect(replies.at(-1)![1]).toBe(i + 9);
      rounds++;
    }
    await client.del(`sum:${who}`);
    client.disconnect();
  });
  await expect.poll(() => rounds, within).toBeGreaterThan(10);
  return async () => {
    const seen = rounds;
    await expect.poll(() => rounds, within).toBeGreaterThan(seen + 20);
    isWanted = false;
    await Promise.all(counting);
    return rounds;
  };
}

async function idOf(wanted: string): Promise<string | undefined> {
  const { groups } = await member.run<{ groups: { servers: { id: string; address: string }[] }[] }>(
    '{ groups { servers { id address } } }',
  );
  return groups.flatMap(({ servers }) => servers).find((server) => server.address === wanted)?.id;
}

describe('the id of a server', () => {
  test('tells nothing of where it is, and stays when it gets another address', async () => {
    const id = await idOf(address);
    expect(id).toMatch(/^server\/[0-9a-f-]{36}$/);
    expect((await update(address, `newAddress: "${relay.address}"`)).userErrors).toEqual([]);
    expect(await idOf(relay.address)).toBe(id);
    const { node } = await member.run<{ node: object }>(
      `{ node(id: "${id}") { ... on Server { address } } }`,
    );
    expect(node).toEqual({ address: relay.address });
    expect((await update(relay.address, `newAddress: "${address}"`)).userErrors).toEqual([]);
  });

  test('stays also when version 0.1.0, which stored none, has recorded the server', async () => {
    const key = '/quorate/default/groups/1';
    const etcd = cluster.etcd.first;
    const group = JSON.parse(await etcd.ctl('get', '--print-value-only', key));
    const given = await idOf(address);
    for (const server of group.servers) delete server.id;
    await etcd.ctl('put', key, JSON.stringify(group));
    await expect.poll(() => idOf(address)).not.toBe(given);
    const id = await idOf(address);
    expect(id).toMatch(/^server\/[0-9a-f]{32}$/);
    expect((await update(address, `newAddress: "${relay.address}"`)).userErrors).toEqual([]);
    expect(await idOf(relay.address)).toBe(id);
    expect((await update(relay.address, `newAddress: "${address}"`)).userErrors).toEqual([]);
    expect(await idOf(address)).toBe(id);
  });
});

describe('a master that is reached at another address', () => {
  test('is used there by all proxies and replicas, without a failed request', async () => {
    const stop = await keepCounting();
    expect(await update(address, `newAddress: "${relay.address}", dryRun: true`)).toEqual({
      server: { address },
      userErrors: [],
    });
    expect(await addresses()).toContain(address);
    expect(await update(address, `newAddress: "${relay.address}", expectedRevision: "1"`)).toMatchObject({
      userErrors: [{ code: 'CONFLICT' }],
    });
    expect(await update(address, `newAddress: "${relay.address}"`)).toEqual({
      server: { address: relay.address },
      userErrors: [],
    });
    address = relay.address;
    await stop();
    expect(await addresses()).not.toContain(master.address);
    expect(await infoOf(replica.port, 'replication')).toContain(`master_port:${relay.port}`);

    // And back, without a whole copy for the replica; then the former address leads nowhere.
    const goOn = await keepCounting();
    expect((await update(address, `newAddress: "${master.address}"`)).userErrors).toEqual([]);
    address = master.address;
    relay.cut();
    await goOn();
    relay.restore();
    await expect
      .poll(() => infoOf(replica.port, 'replication'), within)
      .toMatch(new RegExp(`master_port:${master.port}[^]*master_link_status:up`));
    expect(await infoOf(master.port, 'stats')).toContain('sync_full:1\r\n');
    await expect.poll(problems, within).toEqual([]);
  });

  test('is known by its run id where its port was changed, and nobody answers at the old one', async () => {
    const stop = await keepCounting();
    const port = await freePort();
    const admin = await master.client();
    expect(await admin.ask('CONFIG', 'SET', 'port', String(port))).toBe('+OK');
    expect((await update(address, `newAddress: "127.0.0.1:${port}"`)).userErrors).toEqual([]);
    await stop();
    const moved = await RespClient.connect(port);
    await moved.ask('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await (
      await keepCounting()
    )();
    expect(await moved.ask('CONFIG', 'SET', 'port', String(master.port))).toBe('+OK');
    expect((await update(`127.0.0.1:${port}`, `newAddress: "${address}"`)).userErrors).toEqual([]);
    moved.close();
    admin.close();
    await expect.poll(problems, within).toEqual([]);
  });

  test('is said to be used at the old address by a proxy that does not confirm, until that does', async () => {
    const late = cluster.proxies[1]!;
    late.process.signal('SIGSTOP');
    try {
      const refused = await update(address, `newAddress: "${relay.address}"`);
      expect(refused.userErrors).toMatchObject([{ code: 'TIMEOUT' }]);
      expect(refused.userErrors[0]!.message).toContain('p2');
      expect(refused.userErrors[0]!.message).toContain(`Keep ${address} as it is`);
    } finally {
      late.process.signal('SIGCONT');
    }
    const repeated = { server: { address: relay.address }, userErrors: [] };
    expect(await update(address, `newAddress: "${relay.address}"`)).toEqual(repeated);
    expect((await update(relay.address, `newAddress: "${address}"`)).userErrors).toEqual([]);
    await (
      await keepCounting()
    )();
  });
});

describe('a new address is refused', () => {
  let before: string[];

  beforeEach(async () => {
    before = await addresses();
  });

  afterEach(async () => {
    expect(await addresses()).toEqual(before);
  });

  async function refusal(from: string, to: string): Promise<Refusal> {
    const { userErrors } = await update(from, `newAddress: "${to}"`);
    expect(userErrors).toHaveLength(1);
    return userErrors[0]!;
  }

  test('where another server of the cluster is, by whatever name', async () => {
    const { port } = cluster.servers[1]!;
    for (const to of [`127.0.0.1:${port}`, `localhost:${port}`, `localhost:${replica.port}`]) {
      expect(await refusal(address, to)).toMatchObject({
        code: 'ALREADY_EXISTS',
        path: ['input', 'newAddress'],
      });
    }
  });

  test('where our own proxy is', async () => {
    expect(await refusal(address, `127.0.0.1:${cluster.proxies[0]!.port}`)).toMatchObject({
      code: 'UNSUPPORTED',
      path: ['input', 'newAddress'],
    });
  });

  test('where nobody is, and where it is none', async () => {
    const unreachable = { code: 'UNREACHABLE', path: ['input', 'newAddress'] };
    expect(await refusal(address, `127.0.0.1:${await freePort()}`)).toMatchObject(unreachable);
    expect(await refusal(address, 'nowhere')).toMatchObject({ code: 'INVALID_INPUT' });
  });

  test('where another master is, and where a replica of the master or of another group is', async () => {
    const [other, own, foreign] = await Promise.all([
      stranger(),
      stranger(['--replicaof', `127.0.0.1 ${master.port}`]),
      stranger(['--replicaof', `127.0.0.1 ${cluster.servers[1]!.port}`]),
    ]);
    const proof = { code: 'PRECONDITION_FAILED', path: ['input', 'newAddress'] };
    for (const server of [other, own, foreign]) {
      expect(await refusal(address, server.address)).toMatchObject(proof);
      expect(await refusal(replica.address, server.address)).toMatchObject(proof);
    }
    expect((await refusal(address, other.address)).message).toContain('two processes');
  });

  test('while an operation has plans with its group', async () => {
    await change(member, 'setMigrationLimits(input: { keysPerSecond: 10, slotsPerBatch: 8 })');
    const client = await master.client();
    for (let i = 0; i < 400; i++) await client.ask('SET', `key:${i}`, 'value');
    client.close();
    const id = await startMove(member, 'from: 0, to: 99, targetGroup: 2');
    await moveUntil(member, id, ({ state, done }) => state === 'RUNNING' && Number(done) > 0);
    expect(await refusal(address, relay.address)).toMatchObject({ code: 'IN_USE' });
    await change(member, `pauseOperation(input: { id: "${id}" })`);
    await moveUntil(member, id, ({ state }) => state === 'PAUSED');
    expect((await refusal(address, relay.address)).message).toContain(id);
    await change(member, 'setMigrationLimits(input: { keysPerSecond: null, slotsPerBatch: 256 })');
    await change(member, `cancelOperation(input: { id: "${id}" })`);
    await moveUntil(member, id, ({ state }) => state === 'CANCELLED');
  });
});

describe('a server that was started again elsewhere', () => {
  test('is taken as a replica that has the data of its master, and as no other', async () => {
    await replica.kill();
    const [successor, foreign] = await Promise.all([
      stranger(['--replicaof', `127.0.0.1 ${master.port}`]),
      stranger(['--replicaof', `127.0.0.1 ${cluster.servers[1]!.port}`]),
    ]);
    for (const { port } of [successor, foreign])
      await expect.poll(() => infoOf(port, 'replication'), within).toContain('master_link_status:up');
    expect(await update(replica.address, `newAddress: "${foreign.address}"`)).toMatchObject({
      userErrors: [{ code: 'PRECONDITION_FAILED' }],
    });
    expect(await update(replica.address, `newAddress: "${successor.address}"`)).toEqual({
      server: { address: successor.address },
      userErrors: [],
    });
    await expect.poll(problems, within).toEqual([]);
  });

  test('is refused as a master, with a way that leads on and ends without a problem', async () => {
    const ranges = await slotsOfGroup1();
    const served = keyIn(ranges.at(-1)!.from);
    const client = await RespClient.connect(cluster.proxies[0]!.port);
    expect(await client.ask('SET', served, 'written before')).toBe('+OK');
    const successor = await stranger(['--replicaof', `127.0.0.1 ${master.port}`]);
    await expect.poll(() => infoOf(successor.port, 'replication'), within).toContain('master_link_status:up');
    const direct = await RespClient.connect(successor.port);
    await expect.poll(() => direct.ask('GET', served), within).toContain('written before');
    await master.kill();
    await expect.poll(problems, within).toContain('MASTER_DOWN');
    expect(await direct.ask('REPLICAOF', 'NO', 'ONE')).toBe('+OK');
    direct.close();

    const { userErrors } = await update(address, `newAddress: "${successor.address}"`);
    expect(userErrors).toMatchObject([{ code: 'PRECONDITION_FAILED', path: ['input', 'newAddress'] }]);
    expect(userErrors[0]!.message).toContain('assignSlots: force, acceptDataLoss, keysAtTarget KEEP');
    expect(await addresses()).toContain(address);

    await change(member, 'createGroup(input: { number: 3 })');
    await change(member, `addServer(input: { group: 3, address: "${successor.address}" })`);
    for (const { from, to } of ranges) {
      await change(
        member,
        `assignSlots(input: { from: ${from}, to: ${to}, group: 3, force: true, acceptDataLoss: true, keysAtTarget: KEEP })`,
      );
    }
    expect(await client.ask('GET', served)).toContain('written before');
    expect(await client.ask('SET', served, 'written behind')).toBe('+OK');
    client.close();
    const [, follower] = await serversOfGroup1();
    if (follower !== undefined)
      await change(member, `removeServer(input: { group: 1, address: "${follower}" })`);
    await change(member, `removeServer(input: { group: 1, address: "${address}", force: true })`);
    await change(member, 'removeGroup(input: { number: 1 })');
    await expect.poll(problems, within).toEqual([]);
  });
});

interface Range {
  readonly from: number;
  readonly to: number;
}

async function slotsOfGroup1(): Promise<Range[]> {
  const { slotRanges } = await member.run<{ slotRanges: (Range & { group: { number: number } | null })[] }>(
    '{ slotRanges { from to group { number } } }',
  );
  return slotRanges.filter(({ group }) => group?.number === 1);
}

function keyIn(slot: number): string {
  for (let i = 0; ; i++) if (slotOfKey(Buffer.from(`tag${i}`)) === slot) return `tag${i}`;
}

/** The master first. */
async function serversOfGroup1(): Promise<string[]> {
  const { groups } = await member.run<{
    groups: { number: number; servers: { address: string; role: string }[] }[];
  }>('{ groups { number servers { address role } } }');
  const { servers } = groups.find(({ number }) => number === 1)!;
  return servers.toSorted((a) => (a.role === 'MASTER' ? -1 : 1)).map((server) => server.address);
}
