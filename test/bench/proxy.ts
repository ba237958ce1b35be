import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import buildProgram from '../support/build.js';
import { freePort } from '../support/ports.js';
import { TestProcess, untilReady } from '../support/process.js';
import { RespClient } from '../support/redis-client.js';
import type { RedisServer } from '../support/redis.js';
import { startShardedRedis } from '../support/sharded-redis.js';
import { temporaryDirectory } from '../support/tmp.js';

const CLIENTS = 50;
const KEY_SPACE = 100_000;
/** Of CPU time in /proc, per second; fixed on Linux. */
const TICKS_PER_SECOND = 100;
/** By pipeline depth: as many requests as take a second or two. */
const REQUESTS: Readonly<Record<number, number>> = { 1: 100_000, 16: 600_000, 64: 1_200_000 };

interface Target {
  readonly name: string;
  readonly port: number;
  /** The process whose CPU time counts; null for none between client and server. */
  readonly pid: number | null;
}

interface Row {
  readonly value: number;
  readonly pipeline: number;
  readonly command: string;
  readonly target: string;
  readonly rps: number;
  readonly perCpuSecond: number | null;
}

/** redis-benchmark against a server, twemproxy and our proxy in turn, over the same two servers. */
export async function proxyBenchmark(): Promise<void> {
  await buildProgram();
  const cluster = await startShardedRedis({ groups: 2, proxies: 1 });
  const peer = await startNutcracker(cluster.servers);
  const [proxy] = cluster.proxies;
  const targets: Target[] = [
    { name: 'direct', port: cluster.servers[0]!.port, pid: null },
    { name: 'nutcracker', port: peer.port, pid: peer.process.pid },
    { name: 'quorate', port: proxy!.port, pid: proxy!.process.pid },
  ];
  const rows: Row[] = [];
  try {
    for (const value of [3, 512]) {
      for (const pipeline of [1, 16, 64]) {
        for (const command of ['SET', 'GET', 'MGET 10']) {
          for (const target of targets) rows.push(await measure(target, value, pipeline, command));
        }
      }
    }
  } finally {
    await peer.process.end();
    await cluster.stop();
  }
  console.table(summarise(rows));
  console.log(JSON.stringify({ benchmark: 'proxy', clients: CLIENTS, rows }));
}

async function startNutcracker(
  servers: readonly RedisServer[],
): Promise<{ port: number; process: TestProcess }> {
  const [port, statsPort] = [await freePort(), await freePort()];
  const config = join(temporaryDirectory('nutcracker'), 'nutcracker.yml');
  const list = servers.map((server, index) => `    - ${server.address}:1 server${index}`).join('\n');
  writeFileSync(
    config,
    `pool:\n  listen: 127.0.0.1:${port}\n  hash: crc32a\n  distribution: modula\n  redis: true\n  timeout: 10000\n  servers:\n${list}\n`,
  );
  const process = new TestProcess({
    command: 'nutcracker',
    args: ['-c', config, '-s', String(statsPort), '-a', '127.0.0.1'],
  });
  await untilReady(process, async () => {
    const client = await RespClient.connect(port).catch(() => undefined);
    client?.close();
    return client !== undefined;
  });
  return { port, process };
}

async function measure(target: Target, value: number, pipeline: number, command: string): Promise<Row> {
  const multi = command.startsWith('MGET');
  const requests = Math.round(REQUESTS[pipeline]! / (multi ? 5 : 1));
  const key = 'key:__rand_int__';
  const what = multi ? ['mget', ...Array<string>(10).fill(key)] : ['-t', command.toLowerCase()];
  const before = cpuSeconds(target.pid);
  // Against a server that is gone redis-benchmark tries for ever.
  const limits = { timeout: 120_000, killSignal: 'SIGKILL' } as const;
  const args = [
    ...['-p', String(target.port), '-c', String(CLIENTS), '-n', String(requests), '-P', String(pipeline)],
    ...['-r', String(KEY_SPACE), '-d', String(value), '--csv'],
    ...what,
  ];
  const { stdout } = await promisify(execFile)('redis-benchmark', args, limits);
  const cpu = cpuSeconds(target.pid) - before;
  const rps = Number(/^"[^"]*","([\d.]+)"/m.exec(stdout.split('\n').slice(1).join('\n'))?.[1]);
  return {
    value,
    pipeline,
    command,
    target: target.name,
    rps: Math.round(rps),
    perCpuSecond: target.pid === null ? null : Math.round(requests / cpu),
  };
}

/** User and system time of a process so far. */
function cpuSeconds(pid: number | null): number {
  if (pid === null) return 0;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** One line for each load, the targets beside each other, in thousands. */
function summarise(rows: readonly Row[]) {
  const loads = new Map<string, Row[]>();
  for (const row of rows) {
    const load = `${row.command}, ${row.value} B, P${row.pipeline}`;
    loads.set(load, [...(loads.get(load) ?? []), row]);
  }
  return Object.fromEntries(
    [...loads].map(([load, [direct, peer, ours]]) => [
      load,
      {
        direct: Math.round(direct!.rps / 1_000),
        nutcracker: Math.round(peer!.rps / 1_000),
        quorate: Math.round(ours!.rps / 1_000),
        ratio: Math.round((100 * ours!.rps) / peer!.rps) / 100,
        'nutcracker/cpu-s': Math.round(peer!.perCpuSecond! / 1_000),
        'quorate/cpu-s': Math.round(ours!.perCpuSecond! / 1_000),
        'ratio/cpu-s': Math.round((100 * ours!.perCpuSecond!) / peer!.perCpuSecond!) / 100,
      },
    ]),
  );
}
