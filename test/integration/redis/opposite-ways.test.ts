import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { slotOfKey } from '../../../src/redis/key-slot.js';
import { change, moveOutcome, moveUntil, startMove } from '../../harness/servers/moves.js';
import type { QuorateMember } from '../../harness/servers/quorate.js';
import { Random } from '../../harness/random.js';
import { checkPlacement, startShardedRedis, type ShardedRedis } from '../../harness/servers/sharded-redis.js';

/** As many as set out together, twice: so that some have moved while others are still on their way. */
const SLOTS = 64;
const KEYS_PER_SLOT = 30;
const READERS = 24;

let cluster: ShardedRedis;
let member: QuorateMember;

beforeEach(async () => {
  cluster = await startShardedRedis({ groups: 2, proxies: 1, assignTo: [1] });
  member = cluster.members[0]!;
});

afterEach(() => cluster?.stop());

/** Keys of slots `first` to `first + SLOTS - 1`, those of a slot side by side. */
function keysOf(first: number): string[] {
  const tags = new Map<number, string>();
  for (let i = 0; tags.size < SLOTS; i++) {
    const slot = slotOfKey(Buffer.from(`{${i}}`));
    if (slot >= first && slot < first + SLOTS) tags.set(slot, `{${i}}`);
  }
  return Array.from({ length: SLOTS }, (_, i) => tags.get(first + i)!).flatMap((tag) =>
    Array.from({ length: KEYS_PER_SLOT }, (_, i) => `${tag}:${i}`),
  );
}

async function fill(keys: readonly string[]): Promise<void> {
  const client = new Redis({ port: cluster.proxies[0]!.port });
  for (const key of keys) await client.set(key, `value of ${key}`);
  client.disconnect();
}

function move(first: number, targetGroup: number): Promise<string> {
  return startMove(member, `from: ${first}, to: ${first + SLOTS - 1}, targetGroup: ${targetGroup}`);
}

/** Reads keys again and again, and so brings over those that are still where they were. */
async function read(keys: readonly string[], seed: number, signal: AbortSignal): Promise<string[]> {
  const client = new Redis({ port: cluster.proxies[0]!.port });
  const wrong: string[] = [];
  const random = new Random(seed);
  while (!signal.aborted) {
    const key = random.pick(keys);
    const value = await client.get(key).catch(String);
    if (value !== `value of ${key}`) wrong.push(`${key}: ${value}`);
  }
  client.disconnect();
  return wrong;
}

/** How many commands of a server have ended with IOERR since it was started. */
function ioErrors(info: string): number {
  return Number(/^errorstat_IOERR:count=(\d+)/m.exec(info)?.[1] ?? 0);
}

/** Servers that feed each other with MIGRATE hang until one of them gives up: both count that, or one. */
async function failedMigrates(): Promise<number[]> {
  return Promise.all(
    cluster.servers.map(async (server) => {
      const client = await server.client();
      return client
        .ask('INFO', 'errorstats')
        .then(ioErrors)
        .finally(() => client.close());
    }),
  );
}

interface SlotChange {
  readonly number: number;
  readonly status: string;
  readonly group: { readonly number: number };
  readonly targetGroup: { readonly number: number } | null;
}

/** The ways that keys are brought over, `1>2` and the like, after each change from now until all slots rest. */
async function waysUntilRest(): Promise<string[]> {
  const underWay = new Map<number, string>();
  const ways: string[] = [];
  await member.follow<{ slotStatus: SlotChange[] }>(
    'subscription { slotStatus { number status group { number } targetGroup { number } } }',
    ({ slotStatus }) => {
      for (const { number, status, group, targetGroup } of slotStatus) {
        if (status === 'ONLINE') underWay.delete(number);
        else underWay.set(number, status === 'MIGRATE' ? `${group.number}>${targetGroup!.number}` : 'held');
      }
      ways.push([...new Set(underWay.values())].filter((way) => way !== 'held').join(' '));
      return underWay.size === 0;
    },
  );
  return ways;
}

test('keys that go back cross none that are still brought over', async () => {
  const keys = keysOf(0);
  await fill(keys);
  await change(member, `setMigrationLimits(input: { keysPerSecond: 300, slotsPerBatch: ${SLOTS} })`);
  const id = await move(0, 2);
  await moveUntil(member, id, ({ done }) => Number(done) > (SLOTS / 2) * KEYS_PER_SLOT + 100);
  const watching = Promise.allSettled([waysUntilRest()]);
  const stop = new AbortController();
  const readers = Array.from({ length: READERS }, (_, i) => read(keys, i, stop.signal));
  await change(member, `cancelOperation(input: { id: "${id}" })`);
  await change(member, 'setMigrationLimits(input: { keysPerSecond: null })');
  const end = await moveOutcome(member, id);
  stop.abort();
  expect((await Promise.all(readers)).flat()).toEqual([]);
  expect(end).toMatchObject({ state: 'CANCELLED', error: null });
  const [ways] = await watching;
  expect(new Set(ways.status === 'fulfilled' ? ways.value : [])).toEqual(new Set(['1>2', '', '2>1']));
  expect(await failedMigrates()).toEqual([0, 0]);
  expect((await checkPlacement(cluster, member)).size).toBe(keys.length);
}, 120_000);

test('slots do not set out against those of an operation that rests', async () => {
  const [first, second] = [keysOf(0), keysOf(512)];
  await change(member, 'assignSlots(input: { from: 512, to: 1023, group: 2, force: true })');
  await fill([...first, ...second]);
  await change(member, `setMigrationLimits(input: { keysPerSecond: 100, slotsPerBatch: ${SLOTS} })`);
  const there = await move(0, 2);
  await moveUntil(member, there, ({ done }) => Number(done) > 0);
  const back = await move(512, 1);
  await change(member, `pauseOperation(input: { id: "${there}" })`);
  const paused = await moveOutcome(member, back);
  expect(paused.state).toBe('PAUSED');
  expect(paused.error).toContain(`Operation ${there} has slots on their way`);
  await expect(move(512, 1)).rejects.toThrow(/IN_USE.*is part of operation/);
  await expect(change(member, 'moveSlots(input: { from: 700, to: 700, targetGroup: 1 })')).rejects.toThrow(
    new RegExp(`IN_USE.*Operation ${there} has slots on their way`),
  );

  await change(member, 'setMigrationLimits(input: { keysPerSecond: null })');
  await change(member, `resumeOperation(input: { id: "${there}" })`);
  expect(await moveOutcome(member, there)).toMatchObject({ state: 'SUCCEEDED', error: null });
  await change(member, `resumeOperation(input: { id: "${back}" })`);
  expect(await moveOutcome(member, back)).toMatchObject({ state: 'SUCCEEDED', error: null });
  expect(await failedMigrates()).toEqual([0, 0]);
  expect((await checkPlacement(cluster, member)).size).toBe(first.length + second.length);
}, 120_000);
