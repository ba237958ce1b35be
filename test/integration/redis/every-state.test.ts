import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { change, moveUntil, startMove } from '../../harness/servers/moves.js';
import type { QuorateMember } from '../../harness/servers/quorate.js';
import { RedisServer } from '../../harness/servers/redis.js';
import { startShardedRedis, type ShardedRedis } from '../../harness/servers/sharded-redis.js';

let cluster: ShardedRedis;
let member: QuorateMember;
const more: RedisServer[] = [];

beforeAll(async () => {
  cluster = await startShardedRedis({
    groups: 2,
    proxies: 2,
    assignTo: [1],
    memberArgs: ['--barrier-timeout', '15000'],
    proxyArgs: ['--session-ttl', '4000'],
  });
  [member] = cluster.members as [QuorateMember];
});

afterAll(async () => {
  await cluster?.stop();
  await Promise.all(more.map((server) => server.stop()));
});

async function proxyState(name: string): Promise<string | undefined> {
  const { proxies } = await member.run<{ proxies: { name: string; state: string }[] }>(
    '{ proxies { name state } }',
  );
  return proxies.find((proxy) => proxy.name === name)?.state;
}

/** Codes of all problems, sorted. */
async function problems(): Promise<string[]> {
  const { cluster: shown } = await member.run<{ cluster: { problems: { code: string }[] } }>(
    '{ cluster { problems { code } } }',
  );
  return shown.problems.map(({ code }) => code).sort();
}

const within = { timeout: 30_000 };

describe('every state of an operation is left by a documented mutation', () => {
  /** Of a move that takes long enough to be met on its way. */
  async function begun(): Promise<string> {
    await change(
      member,
      'setMigrationLimits(input: { keysPerSecond: 20, slotsPerBatch: 8, parallelPairs: 1 })',
    );
    const client = await cluster.servers[0]!.client();
    for (let i = 0; i < 400; i++) await client.ask('SET', `key:${i}`, 'value');
    client.close();
    const id = await startMove(member, 'sourceGroup: 1, count: 512, targetGroup: 2');
    await moveUntil(member, id, ({ state, done }) => state === 'RUNNING' && Number(done) > 0);
    return id;
  }

  test('RUNNING, PAUSED and CANCELLING', async () => {
    const id = await begun();
    await change(member, `pauseOperation(input: { id: "${id}" })`);
    await moveUntil(member, id, ({ state }) => state === 'PAUSED');
    await change(member, `resumeOperation(input: { id: "${id}" })`);
    await moveUntil(member, id, ({ state }) => state === 'RUNNING');
    await change(member, `cancelOperation(input: { id: "${id}" })`);
    await change(
      member,
      'setMigrationLimits(input: { keysPerSecond: null, slotsPerBatch: 256, parallelPairs: 2 })',
    );
    const ended = await moveUntil(member, id, ({ state }) =>
      ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(state),
    );
    expect(ended.state).toBe('CANCELLED');
  });
});

describe('every state of a proxy is left by a documented mutation', () => {
  test('ONLINE and OFFLINE', async () => {
    await change(member, 'setProxyState(input: { name: "p2", state: OFFLINE })');
    await expect.poll(() => proxyState('p2'), within).toBe('OFFLINE');
    await change(member, 'setProxyState(input: { name: "p2", state: ONLINE })');
    await expect.poll(() => proxyState('p2'), within).toBe('ONLINE');
  });

  test('UNREACHABLE, when its process never comes back', async () => {
    await cluster.proxies[1]!.kill();
    await expect.poll(() => proxyState('p2'), within).toBe('UNREACHABLE');
    expect(await problems()).toContain('PROXY_UNREACHABLE');
    await change(member, 'removeProxy(input: { name: "p2", force: true })');
    await expect.poll(() => proxyState('p2'), within).toBeUndefined();
    expect(await problems()).toEqual([]);
  });
});

describe('every state of a server is left by a documented mutation', () => {
  test('a replica that never comes back is removed', async () => {
    const replica = await RedisServer.start();
    more.push(replica);
    await change(member, `addServer(input: { group: 2, address: "${replica.address}" })`);
    await replica.kill();
    await expect.poll(problems, within).toEqual(['REPLICA_BROKEN']);
    await change(member, `removeServer(input: { group: 2, address: "${replica.address}" })`);
    await expect.poll(problems, within).toEqual([]);
  });

  test('a master that never comes back gives its slots up, and is removed with its group', async () => {
    const { address } = cluster.servers[1]!;
    await cluster.servers[1]!.kill();
    await expect.poll(problems, within).toEqual(['MASTER_DOWN']);
    const { slotRanges } = await member.run<{
      slotRanges: { from: number; to: number; group: { number: number } }[];
    }>('{ slotRanges { from to group { number } } }');
    for (const { from, to, group } of slotRanges) {
      if (group.number !== 2) continue;
      await change(
        member,
        `assignSlots(input: { from: ${from}, to: ${to}, group: 1, force: true, acceptDataLoss: true, keysAtTarget: DISCARD })`,
      );
    }
    const owners = async (): Promise<number[]> => {
      const shown = await member.run<{ slotRanges: { group: { number: number } | null }[] }>(
        '{ slotRanges { group { number } } }',
      );
      return [...new Set(shown.slotRanges.map(({ group }) => group?.number ?? 0))];
    };
    await expect.poll(owners, within).toEqual([1]);
    await change(member, `removeServer(input: { group: 2, address: "${address}", force: true })`);
    await change(member, 'removeGroup(input: { number: 2 })');
    await expect.poll(problems, within).toEqual([]);
  });
});
