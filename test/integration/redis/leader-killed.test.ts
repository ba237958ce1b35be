import { afterAll, beforeAll, expect, test } from 'vitest';
import { Redis } from 'ioredis';
import { CheckingClients } from '../../harness/checkers/checking-clients.js';
import { moveOutcome, moveUntil, startMove } from '../../harness/servers/moves.js';
import { checkPlacement, startShardedRedis, type ShardedRedis } from '../../harness/servers/sharded-redis.js';

const KEYS = Number(process.env['QUORATE_TEST_KEYS'] ?? 20_000);

let cluster: ShardedRedis;

beforeAll(async () => {
  cluster = await startShardedRedis({
    groups: 2,
    proxies: 2,
    members: 2,
    assignTo: [1],
    memberArgs: ['--session-ttl', '2000'],
  });
});

afterAll(() => cluster?.stop());

test('a leader killed in the middle of a move is succeeded by another member, which finishes the move', async () => {
  const [first, second] = cluster.members;
  const ports = cluster.proxies.map((proxy) => proxy.port);
  const filler = new Redis({ port: ports[0]! });
  for (let i = 0; i < KEYS; i += 1_000) {
    const pipeline = filler.pipeline();
    for (let n = i; n < i + 1_000; n++) pipeline.set(`data:${n}`, `value ${n}`);
    await pipeline.exec();
  }
  filler.disconnect();
  const clients = new CheckingClients(ports, 8);
  await clients.start();

  await first!.run(
    'mutation { setMigrationLimits(input: { keysPerSecond: 4000, slotsPerBatch: 100 }) { userErrors { message } } }',
  );
  const id = await startMove(second!, 'from: 0, to: 1023, targetGroup: 2');
  await moveUntil(second!, id, ({ done }) => Number(done) > KEYS / 10);
  const { cluster: before } = await second!.run<{ cluster: { leader: { name: string }; epoch: string } }>(
    '{ cluster { leader { name } epoch } }',
  );
  expect(before.leader.name).toBe(first!.name);
  await first!.kill();

  expect(await moveOutcome(second!, id)).toMatchObject({ state: 'SUCCEEDED', error: null });
  const { cluster: after } = await second!.run<{ cluster: { leader: { name: string }; epoch: string } }>(
    '{ cluster { leader { name } epoch } }',
  );
  expect(after.leader.name).toBe(second!.name);
  expect(BigInt(after.epoch)).toBeGreaterThan(BigInt(before.epoch));

  const report = await clients.stop();
  expect(report.wrong).toEqual([]);
  expect(report.failed).toEqual([]);
  const keys = await checkPlacement(cluster, second!);
  expect([...keys.values()].filter(({ key }) => key.startsWith('data:'))).toHaveLength(KEYS);
}, 180_000);
