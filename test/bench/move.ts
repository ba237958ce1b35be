import { Redis } from 'ioredis';
import buildProgram from '../support/build.js';
import { CheckingClients } from '../support/checking-clients.js';
import { checkPlacement, startShardedRedis, type ShardedRedis } from '../support/sharded-redis.js';

const KEYS = Number(process.env['QUORATE_BENCH_KEYS'] ?? 100_000);
const SLOTS = 512;
const CLIENTS = 16;

interface Operation {
  operationProgress: { state: string; done: string; error: string | null };
}

/** Half of the slots from one group to another: keys a second, idle and while clients check every reply. */
export async function moveBenchmark(): Promise<void> {
  await buildProgram();
  const rows = [];
  for (const clients of [0, CLIENTS]) rows.push(await run(clients));
  console.table(rows);
  console.log(JSON.stringify({ benchmark: 'move', keys: KEYS, slots: SLOTS, rows }));
}

async function run(clientCount: number) {
  const cluster = await startShardedRedis({ groups: 2, proxies: 1, assignTo: [1] });
  try {
    const [member] = cluster.members;
    const [proxy] = cluster.proxies;
    await fill(proxy!.port);
    const clients = new CheckingClients([proxy!.port], clientCount);
    await clients.start();
    const before = await rate(clients, 3_000);
    const operationsBefore = clients.operationsSoFar;
    const startedAt = performance.now();
    const moved = await move(cluster);
    const seconds = (performance.now() - startedAt) / 1_000;
    const during = (clients.operationsSoFar - operationsBefore) / seconds;
    const report = await clients.stop();
    await checkPlacement(cluster, member!);
    return {
      clients: clientCount,
      seconds: round(seconds),
      keysPerSecond: Math.round(moved / seconds),
      clientOpsBefore: Math.round(before),
      clientOpsDuring: Math.round(during),
      wrong: report.wrong.length,
      failed: report.failed.length,
    };
  } finally {
    await cluster.stop();
  }
}

async function fill(port: number): Promise<void> {
  const client = new Redis({ port });
  const value = 'x'.repeat(100);
  for (let i = 0; i < KEYS; i += 1_000) {
    const pipeline = client.pipeline();
    for (let n = i; n < i + 1_000; n++) pipeline.set(`bench:${n}`, value);
    await pipeline.exec();
  }
  client.disconnect();
}

async function rate(clients: CheckingClients, ms: number): Promise<number> {
  const before = clients.operationsSoFar;
  await new Promise((resolve) => setTimeout(resolve, ms));
  return ((clients.operationsSoFar - before) * 1_000) / ms;
}

/** How many keys the operation moved, once it has succeeded. */
async function move({ members }: ShardedRedis): Promise<number> {
  const [member] = members;
  const { moveSlots } = await member!.run<{ moveSlots: { operation: { id: string } } }>(
    `mutation { moveSlots(input: { from: 0, to: ${SLOTS - 1}, targetGroup: 2 }) { operation { id } userErrors { message } } }`,
  );
  const events = await member!.follow<Operation>(
    'subscription ($id: ID) { operationProgress(id: $id) { state done error } }',
    ({ operationProgress }) => !['PENDING', 'RUNNING'].includes(operationProgress.state),
    { id: moveSlots.operation.id },
  );
  const last = events[events.length - 1]!.operationProgress;
  if (last.state !== 'SUCCEEDED') throw new Error(`The move ended as ${last.state}: ${last.error}`);
  return Number(last.done);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
