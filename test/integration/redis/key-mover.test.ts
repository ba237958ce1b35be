import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { slotOfKey } from '../../../src/redis/key-slot.js';
import { KeyList } from '../../../src/redis/migration/key-list.js';
import { GroupSize } from '../../../src/redis/migration/group-size.js';
import { moveKeys, moveListedKeys } from '../../../src/redis/migration/key-mover.js';
import type { KeyMove } from '../../../src/redis/migration/migrate-keys.js';
import { Throttle } from '../../../src/redis/migration/limits.js';
import { Pace } from '../../../src/redis/migration/pace.js';
import { survey } from '../../../src/redis/migration/survey.js';
import { DEFAULT_LIMITS } from '../../../src/redis/topology/records.js';
import { Redis } from 'ioredis';
import { RedisServer } from '../../harness/servers/redis.js';
import { TcpRelay } from '../../harness/servers/tcp-relay.js';

const never = new AbortController().signal;
/** Half of all slots are due. */
const slots = new Set(Array.from({ length: 512 }, (_, slot) => slot));
const isDue = (key: string): boolean => slots.has(slotOfKey(key));
const throttle = new Throttle(() => DEFAULT_LIMITS);
const pace = new Pace('the source', 'FAST', () => null);

let servers: RedisServer[];
let source: Redis;
let target: Redis;

beforeAll(async () => {
  servers = await Promise.all([RedisServer.start(), RedisServer.start()]);
  [source, target] = servers.map(({ port }) => new Redis({ port })) as [Redis, Redis];
});

afterAll(async () => {
  source.disconnect();
  target.disconnect();
  await Promise.all(servers.map((server) => server.stop()));
});

beforeEach(async () => {
  await source.flushall();
  await target.flushall();
});

function batch(settings: Partial<KeyMove> = {}): KeyMove {
  const [from, to] = servers.map(({ address }) => ({ address, password: null }));
  return {
    source: from!,
    target: to!,
    slots,
    size: new GroupSize(),
    connectionName: 'quorate-mover:1:test',
    mayAct: () => true,
    maxKeyBytes: () => DEFAULT_LIMITS.maxKeyBytes,
    throttle,
    pace,
    signal: never,
    onMoved: () => undefined,
    ...settings,
  };
}

async function fill(count: number, database = 0): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, i) => `key:${database}:${i}`);
  await source.select(database);
  const pipeline = source.pipeline();
  for (const key of keys) pipeline.set(key, `value of ${key}`);
  await pipeline.exec();
  await source.select(0);
  return keys;
}

function look(): ReturnType<typeof survey> {
  const { address } = servers[0]!;
  const { maxKeyBytes } = DEFAULT_LIMITS;
  return survey({ source: { address, password: null }, slots, maxKeyBytes, throttle, pace, signal: never });
}

test('moves the keys of a survey, those added since, in every database, and no others', async () => {
  const surveyed = [await fill(3_000, 0), await fill(500, 7)];
  const { keys, counts, complete } = await look();
  expect(complete).toBe(true);
  expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(
    surveyed.flat().filter(isDue).length,
  );
  const late = Array.from({ length: 300 }, (_, i) => `late:${i}`);
  for (const key of late) await source.set(key, `value of ${key}`);
  await source.select(3);
  await source.set('elsewhere', 'x');
  await source.select(0);
  await source.del(...surveyed[0]!.slice(0, 100));

  let moved = 0;
  const counting = batch({ onMoved: (some) => (moved += some.length) });
  await moveListedKeys(counting, keys, true);
  await moveKeys(counting);

  const left = [...surveyed[0]!.slice(100), ...late];
  for (const [client, wanted] of [
    [target, true],
    [source, false],
  ] as const) {
    const here = new Set(await client.keys('*'));
    expect(here).toEqual(new Set(left.filter((key) => isDue(key) === wanted)));
    await client.select(7);
    expect(await client.keys('*')).toHaveLength(surveyed[1]!.filter((key) => isDue(key) === wanted).length);
    await client.select(0);
  }
  expect(moved).toBeGreaterThanOrEqual(left.filter(isDue).length);
  const [some] = left.filter(isDue);
  expect(await target.get(some!)).toBe(`value of ${some}`);
});

test('no MIGRATE takes more than 320 keys, nor more than 1280 KiB unless one key does, by survey and by scan', async () => {
  const due = (await fill(2_000)).filter(isDue);
  for (const key of due.slice(0, 20)) await source.setrange(key, 400 * 1024, 'x');
  await source.setrange(due[20]!, 2 * 2 ** 20, 'x');
  for (const known of [(await look()).keys, null]) {
    const taken: { keys: number; bytes: number }[] = [];
    class Recorder extends Throttle {
      override admit(keys: number, bytes: number): Promise<void> {
        taken.push({ keys, bytes });
        return Promise.resolve();
      }
    }
    const recorded = batch({ throttle: new Recorder(() => DEFAULT_LIMITS) });
    if (known) await moveListedKeys(recorded, known, true);
    else await moveKeys(recorded);
    expect(taken.reduce((sum, { keys }) => sum + keys, 0)).toBe(due.length);
    expect(taken.filter(({ keys }) => keys > 320)).toEqual([]);
    expect(taken.filter(({ keys, bytes }) => keys > 1 && bytes > 320 * 4_096)).toEqual([]);
    expect(Math.max(...taken.map(({ bytes }) => bytes))).toBeGreaterThan(2 * 2 ** 20);
    expect(await source.dbsize()).toBe(2_000 - due.length);
    await moveKeys({ ...batch(), source: batch().target, target: batch().source });
  }
});

test('a survey that could not keep all keys moves them all the same', async () => {
  const due = (await fill(2_000)).filter(isDue);
  const known = new KeyList(1_000);
  for (const key of due) known.add(Buffer.from(key), 0, slotOfKey(key), 100);
  await moveListedKeys(batch(), known, true);
  await moveKeys(batch());
  expect((await target.keys('*')).sort()).toEqual(due.sort());
});

test('a key that is too big when it is met stays where it is and is named', async () => {
  const due = (await fill(200)).filter(isDue);
  await source.setrange(due[0]!, 1_000_000, 'x');
  await expect(moveKeys(batch({ maxKeyBytes: () => 500_000 }))).rejects.toMatchObject({
    code: 'BIG_KEYS',
    message: expect.stringContaining(`"${due[0]}" (database 0, slot ${slotOfKey(due[0]!)}, `),
  });
  expect(await source.strlen(due[0]!)).toBe(1_000_001);
  expect(await target.exists(due[0]!)).toBe(0);
  await moveKeys(batch({ maxKeyBytes: () => 3_000_000 }));
  expect(await target.strlen(due[0]!)).toBe(1_000_001);
});

test('keys that were listed long ago are measured once more, in every database', async () => {
  const due = [await fill(600, 0), await fill(300, 7)].flat().filter(isDue);
  const { keys } = await look();
  await source.setrange(due[0]!, 1_000_000, 'x');
  const limited = batch({ maxKeyBytes: () => 500_000 });
  await expect(moveListedKeys(limited, keys, false)).rejects.toMatchObject({
    code: 'BIG_KEYS',
    message: expect.stringContaining(`"${due[0]}"`),
  });
  expect(await source.exists(due[0]!)).toBe(1);
  await source.del(due[0]!);
  await moveListedKeys(limited, keys, false);
  const there = [await target.keys('*'), await target.select(7).then(() => target.keys('*'))].flat();
  await target.select(0);
  expect(there.sort()).toEqual(due.slice(1).sort());
});

test('a survey names the big keys, the first ten by name, and counts the others', async () => {
  for (let i = 0; i < 12; i++) await source.setrange(`{${dueTag()}}:${i}`, 17 * 2 ** 20, 'x');
  await expect(look()).rejects.toMatchObject({
    code: 'BIG_KEYS',
    message: expect.stringMatching(/^12 keys of .* and 2 more\. /),
  });
});

test('a survey that is interrupted while the server does not answer leaves no failure that nobody takes', async () => {
  await fill(100);
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  const relay = await TcpRelay.start(servers[0]!.port);
  relay.judge = (chunk) => (/scan/i.test(chunk.toString('latin1')) ? 'cut' : 'forward');
  await expect(
    survey({
      source: { address: relay.address, password: null },
      slots,
      maxKeyBytes: 1,
      throttle,
      pace,
      signal: AbortSignal.abort(new Error('enough')),
    }),
  ).rejects.toThrow('enough');
  await expect.poll(() => relay.connections).toBe(0);
  for (let turn = 0; turn < 20; turn++) await source.ping();
  process.off('unhandledRejection', note);
  await relay.stop();
  expect(unhandled).toEqual([]);
});

test('asks no further once it may not act', async () => {
  await fill(1_000);
  let asked = 0;
  await expect(moveKeys(batch({ mayAct: () => ++asked <= 2 }))).rejects.toThrow('no longer leads');
  expect(await target.dbsize()).toBeGreaterThan(0);
  expect(await target.dbsize()).toBeLessThan(500);
});

/** A tag whose slot is due. */
function dueTag(): string {
  for (let i = 0; ; i++) if (isDue(`{t${i}}`)) return `t${i}`;
}
