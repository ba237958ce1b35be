import { Redis } from 'ioredis';
import buildProgram from '../harness/servers/build.js';
import { checkPlacement, startShardedRedis, type ShardedRedis } from '../harness/servers/sharded-redis.js';
import { BusyClients, type BusyReport } from './busy-clients.js';
import { cpuSeconds } from './cpu.js';

/** `QUORATE_BENCH_KEYS=500000,10000000` measures both. */
const KEYS = (process.env['QUORATE_BENCH_KEYS'] ?? '500000').split(',').map(Number);
const LIMITS = process.env['QUORATE_BENCH_LIMITS'] ?? '{}';
const SPEED = process.env['QUORATE_BENCH_SPEED'] ?? 'GENTLE';
const VALUE_BYTES = 100;
const SLOTS = 512;
const CLIENTS = 16;
const WARM_UP_MS = 3_000;

interface Operation {
  operationProgress: { state: string; done: string; error: string | null };
}

/** Half of the slots from one group to another: keys a second, without clients and with busy ones. */
export async function migrationBenchmark(): Promise<void> {
  await buildProgram();
  const rows = [];
  for (const keys of KEYS) for (const clients of [0, CLIENTS]) rows.push(await run(keys, clients));
  console.table(rows);
  console.log(
    JSON.stringify({ benchmark: 'migration', speed: SPEED, slots: SLOTS, valueBytes: VALUE_BYTES, rows }),
  );
}

async function run(keys: number, clientCount: number) {
  const cluster = await startShardedRedis({ groups: 2, proxies: 1, assignTo: [1] });
  const [member] = cluster.members;
  const [proxy] = cluster.proxies;
  const clients = new BusyClients(proxy!.port, clientCount, keys, VALUE_BYTES);
  try {
    await member!.run(`mutation { setMigrationLimits(input: ${LIMITS}) { userErrors { message } } }`);
    await populate(cluster, keys);
    await clients.start();
    await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
    const before = clients.look();
    const processes = { member: member!.process.pid, proxy: proxy!.process.pid };
    const cpuBefore = cpuOf(cluster, processes);
    const startedAt = performance.now();
    const moved = await move(cluster);
    const seconds = (performance.now() - startedAt) / 1_000;
    const during = clients.look();
    const cpu = cpuOf(cluster, processes);
    clients.stop();
    if (keys <= 1_000_000) await checkPlacement(cluster, member!);
    return {
      keys,
      clients: clientCount,
      seconds: round(seconds),
      keysPerSecond: Math.round(moved / seconds),
      microsecondsPerKey: round((seconds * 1e6) / moved),
      ...(clientCount > 0 && clientFigures(before, during)),
      ...Object.fromEntries(
        Object.entries(cpu).map(([name, total]) => [
          `${name} CPU`,
          `${Math.round((100 * (total - cpuBefore[name]!)) / seconds)} %`,
        ]),
      ),
    };
  } finally {
    clients.stop();
    await cluster.stop();
  }
}

function clientFigures(before: BusyReport, during: BusyReport) {
  const latency = ({ p50, p99, p999 }: BusyReport): string => `${p50} / ${p99} / ${p999}`;
  return {
    'ops/s before': before.opsPerSecond,
    'ops/s during': during.opsPerSecond,
    ratio: round(during.opsPerSecond / before.opsPerSecond, 100),
    'p50/p99/p99.9 ms before': latency(before),
    'p50/p99/p99.9 ms during': latency(during),
    wrong: during.wrong,
    failed: during.failed,
  };
}

function cpuOf(
  { servers }: ShardedRedis,
  processes: Readonly<Record<string, number>>,
): Record<string, number> {
  const pids = { ...processes, source: servers[0]!.pid, target: servers[1]!.pid };
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuSeconds(pid)]));
}

/** Straight to the server, which has all slots. */
async function populate({ servers }: ShardedRedis, keys: number): Promise<void> {
  const client = new Redis({ port: servers[0]!.port });
  await client.call('DEBUG', 'POPULATE', keys, 'bench', VALUE_BYTES);
  client.disconnect();
}

/** How many keys the operation moved, once it has succeeded. */
async function move({ members }: ShardedRedis): Promise<number> {
  const [member] = members;
  const { moveSlots } = await member!.run<{ moveSlots: { operation: { id: string } } }>(
    `mutation { moveSlots(input: { from: 0, to: ${SLOTS - 1}, targetGroup: 2, speed: ${SPEED} }) { operation { id } userErrors { message } } }`,
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

function round(value: number, precision = 10): number {
  return Math.round(value * precision) / precision;
}
