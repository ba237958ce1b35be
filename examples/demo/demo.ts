import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { EtcdCluster } from '../../test/harness/servers/etcd.js';
import type { MysqlServer } from '../../test/harness/servers/mysql/server.js';
import { freePort } from '../../test/harness/servers/ports.js';
import type { QuorateMember } from '../../test/harness/servers/quorate.js';
import type { RedisServer } from '../../test/harness/servers/redis.js';
import { makeToken } from '../../test/harness/servers/tokens.js';
import { isAlive } from './alive.js';
import { makeChaos } from './chaos.js';
import { freeFrom } from './free-from.js';
import { DemoHost } from './host.js';
import { Load } from './load.js';
import type { DemoOptions } from './options.js';
import * as servers from './servers.js';
import { setUpBinlog, setUpRedis, setUpSource } from './setup.js';
import { until } from './wait.js';

/** How long what is asked to stop may take. */
const PATIENCE_MS = 6_000;

/** Where everything is, for people. */
export interface Places {
  /** The one whose dashboard it is. */
  readonly member: QuorateMember;
  readonly api: readonly string[];
  readonly token: string;
  readonly proxies: readonly number[];
  readonly source: MysqlServer;
  readonly replica: MysqlServer;
  /** Of the root of both. */
  readonly password: string;
  readonly etcd: readonly string[];
  readonly logs: string;
}

interface Stage {
  readonly etcd: EtcdCluster;
  readonly redis: readonly (readonly RedisServer[])[];
  readonly source: MysqlServer;
  readonly replica: MysqlServer;
}

interface Cast extends Stage {
  readonly members: readonly servers.DemoMember[];
  readonly proxies: readonly servers.DemoProxy[];
}

/** The whole of it: both halves, what they stand on, and a load. Everything is in one folder, which goes in the end. */
export class Demo {
  readonly load = new Load();
  private readonly host: DemoHost;
  private readonly ending = new AbortController();
  /** Everything that a start has begun. */
  private readonly begun: Promise<unknown>[] = [];
  private cast: Cast | null = null;

  constructor(
    private readonly options: DemoOptions,
    private readonly say: (text: string) => void,
  ) {
    this.host = new DemoHost((message) => {
      if (this.cast !== null) this.say(message);
      else this.ending.abort(new Error(message));
    });
  }

  /** Resolves when everything is alive; rejects with why it cannot be, or when it is stopped meanwhile. */
  async start(): Promise<Places> {
    try {
      return await this.begin(this.startAll());
    } catch (error) {
      // That a server has ended explains what goes wrong afterwards.
      throw this.ending.signal.aborted ? this.ending.signal.reason : error;
    }
  }

  /** Breaks things until it is stopped. */
  async breakThings(): Promise<void> {
    const { say } = this;
    const { members, proxies, redis, etcd, source } = this.cast!;
    const [first] = members;
    const parts = {
      ...{ say, source, proxies },
      redisReplicas: redis.map(([, replica], at) => named(`redis${2 * at + 2}`, replica!)),
      etcd: etcd.members.map((member) =>
        named(member.name.replace('m', 'etcd'), { kill: () => member.kill(), restart: () => member.start() }),
      ),
      follower: async () => {
        const { members: seen } = await first!.api.run<{ members: { name: string; isLeader: boolean }[] }>(
          '{ members { name isLeader } }',
        );
        const follower = seen.find(({ isLeader }) => !isLeader)?.name;
        // The one whose API this asks stays.
        return members.find((each) => each !== first && each.name === follower) ?? null;
      },
      isAlive: () => isAlive(first!.api),
    };
    const { signal } = this.ending;
    await makeChaos(parts, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  /** Ends everything, also a start that is under way, and removes the folder. */
  async stop(): Promise<void> {
    this.ending.abort(new Error('The demo is stopping.'));
    await this.load.stop();
    await this.host.stop(PATIENCE_MS);
    // What a start does when its servers are gone: it finds out, and writes nothing more.
    await Promise.allSettled(this.begun);
    this.host.remove();
  }

  /** The same at once. */
  endNow(): void {
    this.host.killAll();
    this.host.remove();
  }

  private async startAll(): Promise<Places> {
    const { host, options } = this;
    const { signal } = this.ending;
    const port = await freeFrom(options.port);
    if (port !== options.port) this.say(`Port ${options.port} is taken: the dashboard is at ${port}.`);
    const password = randomBytes(9).toString('hex');
    const tokens = join(host.folder, 'tokens.yaml');
    this.say('Starting etcd, Redis and MariaDB...');
    const [token, stage] = await Promise.all([
      this.begin(makeToken(tokens, 'ADMIN', 'demo')),
      this.begin(this.startStage(password)),
    ]);
    signal.throwIfAborted();
    this.say('Starting members and proxies...');
    const { etcd, source, replica } = stage;
    const secretKey = servers.makeSecretKey(host.folder);
    const shared = { host, etcd: etcd.endpoints, secretKey, tokens, token };
    // The first one makes the cluster, and the other joins it.
    const first = await servers.DemoMember.start('m1', port, shared);
    const [second, ...proxies] = await Promise.all([
      this.begin(servers.DemoMember.start('m2', null, shared)),
      this.begin(servers.DemoProxy.start('p1', shared)),
      this.begin(servers.DemoProxy.start('p2', shared)),
    ]);
    const binlogServers = { m1: await freePort(), m2: await freePort() };
    const layout = { groups: stage.redis, binlogServers, password };
    await Promise.all([
      this.begin(setUpRedis(first.api, layout)),
      this.begin(setUpBinlog(first.api, source, layout)),
    ]);
    await replica.replication.follow({ port: binlogServers.m2, password });
    const ports = proxies.map((proxy) => proxy.port);
    this.load.startSource(source, options.transactionsPerSecond);
    this.load.startRedis(ports, options.requestsPerSecond);
    await until('everything is alive', () => isAlive(first.api), signal);
    const members = [first, second];
    this.cast = { ...stage, members, proxies };
    const api = members.map(({ api: { url } }) => url);
    return {
      member: first.api,
      api,
      token,
      proxies: ports,
      source,
      replica,
      password,
      etcd: etcd.endpoints,
      logs: host.logs,
    };
  }

  /** What members and proxies stand on. */
  private async startStage(password: string): Promise<Stage> {
    const { host } = this;
    const [etcd, redis, source, replica] = await Promise.all([
      this.begin(servers.startDemoEtcd(host)),
      this.begin(servers.startRedis(host)),
      this.begin(servers.startMariaDb(host, 'source', password)),
      this.begin(servers.startMariaDb(host, 'replica', password)),
    ]);
    await setUpSource(source);
    return { etcd, redis, source, replica };
  }

  /** Notes what a start does, so that a stop can wait for its end. */
  private begin<T>(work: Promise<T>): Promise<T> {
    this.begun.push(work);
    return work;
  }
}

function named(name: string, server: Omit<servers.Restartable, 'name'>): servers.Restartable {
  return { name, kill: () => server.kill(), restart: () => server.restart() };
}
