import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { change } from '../../harness/servers/moves.js';
import type { EtcdMember } from '../../harness/servers/etcd.js';
import type { QuorateMember } from '../../harness/servers/quorate.js';
import { startShardedRedis, type ShardedRedis } from '../../harness/servers/sharded-redis.js';

let cluster: ShardedRedis;
let member: QuorateMember;
let etcd: EtcdMember;

beforeAll(async () => {
  cluster = await startShardedRedis({
    groups: 2,
    proxies: 1,
    assignTo: [1],
    memberArgs: ['--barrier-timeout', '1500'],
  });
  [member] = cluster.members as [QuorateMember];
  etcd = cluster.etcd.first;
});

afterAll(() => cluster?.stop());

const keyOf = (key: string): string => `/quorate/default/${key}`;

async function stored(key: string): Promise<Record<string, unknown>> {
  return JSON.parse(await etcd.ctl('get', '--print-value-only', keyOf(key))) as Record<string, unknown>;
}

/** What a newer version would do: writes a record as it understands it. */
async function store(key: string, value: unknown): Promise<void> {
  await etcd.ctl('put', keyOf(key), JSON.stringify(value));
}

async function problems(): Promise<string[]> {
  const { cluster: state } = await member.run<{ cluster: { problems: { message: string }[] } }>(
    '{ cluster { problems { message } } }',
  );
  return state.problems.map(({ message }) => message);
}

async function refusal(mutation: string): Promise<string> {
  const { data } = await member.ask<Record<string, { userErrors: { message: string }[] }>>(
    `mutation { ${mutation} { userErrors { message } } }`,
  );
  return Object.values(data!)[0]!.userErrors[0]!.message;
}

test('what a newer version has written beside what this one knows outlives its changes', async () => {
  const group = await stored('groups/1');
  await store('groups/1', {
    ...group,
    epoch: 7,
    servers: (group['servers'] as object[]).map((server) => ({ ...server, priority: 50 })),
  });
  await change(member, 'setReplicaReads(input: { group: 1, enabled: true })');
  const after = await stored('groups/1');
  expect(after).toMatchObject({ epoch: 7, servers: [{ priority: 50, replicaReads: true }] });
});

test('a proxy acknowledges nothing behind a route that it cannot read, keeps its last routes, and says why', async () => {
  const client = new Redis({ port: cluster.proxies[0]!.port });
  await client.set('key', 'value');
  const slots = await stored('slots/15');
  const future = {
    ...slots,
    slots: (slots['slots'] as object[]).map((slot) => ({ ...slot, status: 'MIRRORED' })),
  };
  await store('slots/15', future);
  await expect.poll(problems).toContainEqual(expect.stringContaining('"slots/15" cannot be read'));
  const why = await refusal('assignSlots(input: { from: 0, to: 0, group: 2, force: true })');
  expect(why).toMatch(/p1 \(it is of version .*, and cannot follow: .*slots\/15/);
  expect(await client.get('key')).toBe('value');
  client.disconnect();

  await store('slots/15', slots);
  await expect.poll(problems).not.toContainEqual(expect.stringContaining('slots/15'));
  await change(member, 'assignSlots(input: { from: 0, to: 0, group: 2, force: true })');
});

test('what an older member or proxy would misunderstand is refused with the names of those', async () => {
  const level = async (): Promise<number> =>
    (await member.run<{ cluster: { featureLevel: number } }>('{ cluster { featureLevel } }')).cluster
      .featureLevel;
  expect(await level()).toBe(2);
  const proxy = await stored('proxies/p1');
  const { featureLevel, ...old } = proxy;
  expect(featureLevel).toBe(2);
  await store('proxies/p1', { ...old, version: '0.1.0' });
  await expect.poll(level).toBe(1);
  expect(await refusal('assignSlots(input: { from: 1, to: 1, group: 2, force: true })')).toMatch(
    /Update them first: proxy p1 \(0\.1\.0\)/,
  );
  await store('proxies/p1', proxy);
  await expect.poll(level).toBe(2);
});
