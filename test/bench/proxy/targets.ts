import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../harness/servers/ports.js';
import { TestProcess, untilReady } from '../../harness/servers/process.js';
import { QuorateProxy } from '../../harness/servers/quorate.js';
import { RespClient } from '../../harness/servers/redis-client.js';
import type { RedisServer } from '../../harness/servers/redis.js';
import { startShardedRedis } from '../../harness/servers/sharded-redis.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';
import { cpuSeconds as cpuSecondsOf } from '../cpu.js';
import { SETTINGS } from './settings.js';

/** What clients connect to. */
export interface Target {
  readonly name: string;
  readonly port: number;
  /** The process whose CPU time counts, with its children; null for none between client and server. */
  readonly pid: number | null;
}

export interface Targets {
  readonly direct: Target;
  readonly nutcracker: Target;
  readonly quorate: Target;
  readonly all: readonly Target[];
  stop(): Promise<void>;
}

/** A server, twemproxy and our proxy over the same two servers; also our proxy with workers when asked for. */
export async function startTargets(): Promise<Targets> {
  const cluster = await startShardedRedis({ groups: 2, proxies: 1 });
  try {
    const peer = await startNutcracker(cluster.servers);
    const [proxy] = cluster.proxies;
    const direct = { name: 'direct', port: cluster.servers[0]!.port, pid: null };
    const nutcracker = { name: 'nutcracker', port: peer.port, pid: peer.process.pid };
    const quorate = { name: 'quorate', port: proxy!.port, pid: proxy!.process.pid };
    const all: Target[] = [direct, nutcracker, quorate];
    const common = { etcd: cluster.etcd.endpoints, secretKey: cluster.members[0]!.secretKey };
    if (SETTINGS.workers > 0) {
      const several = await QuorateProxy.start({
        ...{ name: 'workers', args: ['--workers', String(SETTINGS.workers)] },
        ...common,
      });
      cluster.proxies.push(several);
      all.push({ name: `${SETTINGS.workers} workers`, port: several.port, pid: several.process.pid });
    }
    if (SETTINGS.otherCheckout !== null) {
      const program = join(SETTINGS.otherCheckout, 'dist/main.js');
      const other = await QuorateProxy.start({ name: 'other', program, ...common });
      cluster.proxies.push(other);
      all.push({ name: 'other', port: other.port, pid: other.process.pid });
    }
    const stop = async (): Promise<void> => {
      await peer.process.end();
      await cluster.stop();
    };
    return { direct, nutcracker, quorate, all, stop };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** User and system time so far of the target's process and its children; 0 without one. */
export function cpuSeconds({ pid }: Target): number {
  if (pid === null) return 0;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return [pid, ...children.map(Number)].reduce((sum, each) => sum + cpuSecondsOf(each), 0);
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
