import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEtcd, type EtcdCluster } from '../../test/harness/servers/etcd.js';
import type { Host } from '../../test/harness/servers/host.js';
import { MysqlServer } from '../../test/harness/servers/mysql/server.js';
import { QuorateMember, QuorateProxy, type MemberOptions } from '../../test/harness/servers/quorate.js';
import { RedisServer } from '../../test/harness/servers/redis.js';

/** What all processes of the cluster share. */
export interface Shared {
  readonly host: Host;
  readonly etcd: readonly string[];
  readonly secretKey: string;
  readonly tokens: string;
  readonly token: string;
}

/** What can be killed and started again, as it was. */
export interface Restartable {
  readonly name: string;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

export function makeSecretKey(folder: string): string {
  const file = join(folder, 'secret.key');
  writeFileSync(file, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  return file;
}

/** Three etcd, which do not sync their files. */
export function startDemoEtcd(host: Host): Promise<EtcdCluster> {
  return startEtcd({
    ...{ host, members: 3 },
    args: ['--unsafe-no-fsync', '--auto-compaction-retention', '1h'],
  });
}

/** A MariaDB with a binlog and GTIDs. */
export function startMariaDb(host: Host, name: string, password: string): Promise<MysqlServer> {
  const args = ['--slave-net-timeout=10'];
  return MysqlServer.start({ ...{ host, name, password, flavour: 'mariadb' }, args });
}

/** Two groups of a master and a replica. */
export async function startRedis(host: Host): Promise<RedisServer[][]> {
  const start = (name: string, master?: RedisServer): Promise<RedisServer> => {
    const follows = master === undefined ? [] : ['--replicaof', '127.0.0.1', String(master.port)];
    return RedisServer.start({ host, name, args: ['--repl-diskless-load', 'swapdb', ...follows] });
  };
  const group = async (first: string, second: string): Promise<RedisServer[]> => {
    const master = await start(first);
    return [master, await start(second, master)];
  };
  return Promise.all([group('redis1', 'redis2'), group('redis3', 'redis4')]);
}

/** A member, and the same again after it was killed. */
export class DemoMember implements Restartable {
  private constructor(
    private running: QuorateMember,
    private readonly options: MemberOptions,
  ) {}

  static async start(name: string, port: number | null, shared: Shared): Promise<DemoMember> {
    const { host, etcd, secretKey, token, tokens } = shared;
    const options = {
      ...{ name, host, etcd, secretKey, token, dataDir: host.directory(name) },
      ...(port !== null && { port }),
      args: [
        ...['--tokens', tokens, '--journal-segment-size', String(16 * 2 ** 20)],
        ...['--journal-keep-bytes', String(256 * 2 ** 20)],
      ],
    };
    return new DemoMember(await QuorateMember.start(options), options);
  }

  get name(): string {
    return this.running.name;
  }

  get api(): QuorateMember {
    return this.running;
  }

  kill(): Promise<void> {
    return this.running.kill();
  }

  async restart(): Promise<void> {
    this.running = await QuorateMember.start({ ...this.options, port: this.running.port });
  }
}

/** A proxy, and the same again after it was killed. */
export class DemoProxy implements Restartable {
  private constructor(
    private running: QuorateProxy,
    private readonly start: (port?: number) => Promise<QuorateProxy>,
  ) {}

  static async start(name: string, { host, etcd, secretKey }: Shared): Promise<DemoProxy> {
    const args = ['--data-dir', host.directory(name)];
    const start = (port?: number): Promise<QuorateProxy> =>
      QuorateProxy.start({ name, host, etcd, secretKey, args, ...(port !== undefined && { port }) });
    return new DemoProxy(await start(), start);
  }

  get name(): string {
    return this.running.name;
  }

  get port(): number {
    return this.running.port;
  }

  kill(): Promise<void> {
    return this.running.kill();
  }

  async restart(): Promise<void> {
    this.running = await this.start(this.port);
  }
}
