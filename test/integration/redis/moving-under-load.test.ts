import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Redis } from 'ioredis';
import { CheckingClients } from '../../harness/checkers/checking-clients.js';
import { change, moveOutcome, moveUntil, startMove } from '../../harness/servers/moves.js';
import {
  checkPlacement,
  startShardedRedis,
  type KeyDump,
  type ShardedRedis,
} from '../../harness/servers/sharded-redis.js';

const KEYS = Number(process.env['QUORATE_TEST_KEYS'] ?? 50_000);
const CLIENTS = 16;

let cluster: ShardedRedis;

beforeAll(async () => {
  cluster = await startShardedRedis({ groups: 3, proxies: 2, assignTo: [1, 2] });
});

afterAll(() => cluster?.stop());

/** Keys of every type in several databases, some with a time to live, some with awkward bytes. */
async function fill(port: number): Promise<void> {
  for (const database of [0, 1, 7, 15]) {
    const client = new Redis({ port, db: database });
    const share = KEYS / 4;
    for (let start = 0; start < share; start += 1_000) {
      const pipeline = client.pipeline();
      for (let i = start; i < Math.min(share, start + 1_000); i++) {
        const key = i % 97 === 0 ? Buffer.from([0, i & 255, (i >> 8) & 255, 13, 10, 255]) : `data:${i}`;
        switch (i % 8) {
          case 0:
            pipeline.set(key, `value ${i}`);
            break;
          case 1:
            pipeline.set(key, '');
            break;
          case 2:
            pipeline.rpush(key, 'a', `b${i}`);
            break;
          case 3:
            pipeline.hset(key, 'f', `v${i}`, 'g', 'w');
            break;
          case 4:
            pipeline.sadd(key, 'x', `y${i}`);
            break;
          case 5:
            pipeline.zadd(key, 1, 'one', i, 'i');
            break;
          case 6:
            pipeline.xadd(key, '1-1', 'field', `v${i}`);
            break;
          default:
            pipeline.set(key, `expiring ${i}`, 'EX', 3_600);
        }
      }
      for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
    }
    client.disconnect();
  }
}

function ours(dumps: ReadonlyMap<string, KeyDump>): Map<string, KeyDump> {
  return new Map([...dumps].filter(([, { key }]) => !/^(c\d+:|\{t|h\d+:|count|absent)/.test(key)));
}

describe('slots move while 16 clients check every reply', () => {
  test('512 slots, then a rebalance, then a cancel half-way: nothing wrong, nothing failed, every key in its place', async () => {
    const [member] = cluster.members;
    const ports = cluster.proxies.map((proxy) => proxy.port);
    await fill(ports[0]!);
    const before = ours(await checkPlacement(cluster, member!));
    expect(before.size).toBeGreaterThan(KEYS * 0.9);

    const clients = new CheckingClients(ports, CLIENTS);
    await clients.start();

    const moved = await startMove(member!, 'from: 0, to: 511, targetGroup: 3');
    expect(await moveOutcome(member!, moved)).toMatchObject({ state: 'SUCCEEDED', error: null });

    const rebalanced = await member!.run<{ rebalanceSlots: { operation: { id: string } } }>(
      'mutation { rebalanceSlots { operation { id } userErrors { message } } }',
    );
    const { id: rebalance } = rebalanced.rebalanceSlots.operation;
    expect(await moveOutcome(member!, rebalance)).toMatchObject({ state: 'SUCCEEDED', error: null });

    await change(member!, 'setMigrationLimits(input: { keysPerSecond: 2000 })');
    const id = await startMove(member!, 'sourceGroup: 2, count: 200, targetGroup: 1');
    // The clients are there, and it says that it holds back for them.
    const under = await moveUntil(member!, id, ({ done, pace }) => Number(done) > 500 && pace !== null);
    expect(under.pace).toMatch(
      /^It takes \d+ % of the time of 127\.0\.0\.1:\d+, whose clients wait [\d.]+ ms/,
    );
    await change(member!, `cancelOperation(input: { id: "${id}" })`);
    expect(await moveOutcome(member!, id)).toMatchObject({ state: 'CANCELLED', error: null });

    const report = await clients.stop();
    expect(report.wrong).toEqual([]);
    expect(report.failed).toEqual([]);
    expect(report.operations).toBeGreaterThan(1_000);

    const after = ours(await checkPlacement(cluster, member!));
    expect(after.size).toBe(before.size);
    for (const [where, entry] of before) {
      const now = after.get(where);
      expect(now?.digest, where).toBe(entry.digest);
      if (entry.ttl < 0) expect(now?.ttl, where).toBe(entry.ttl);
      else expect(now!.ttl > 0 && now!.ttl <= entry.ttl, where).toBe(true);
    }
    const { slots } = await member!.run<{ slots: { status: string; operation: unknown }[] }>(
      '{ slots { status operation { id } } }',
    );
    expect(slots.filter((slot) => slot.status !== 'ONLINE' || slot.operation !== null)).toEqual([]);
  }, 240_000);
});
