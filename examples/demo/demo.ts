import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api, isAlive } from './api.js';
import { makeChaos } from './chaos.js';
import { Etcd } from './etcd.js';
import { Load } from './load.js';
import { makeData, MariaDb } from './mariadb.js';
import type { DemoOptions } from './options.js';
import { freeFrom, Ports } from './ports.js';
import { Programs } from './programs.js';
import { makeSecretKey, makeToken, member, proxy, type Shared } from './quorate.js';
import { answersPing, redisServer } from './redis.js';
import { attach, setUpBinlog, setUpRedis, setUpSource } from './setup.js';
import { until } from './wait.js';

/** How long what is asked to stop may take. */
const PATIENCE_MS = 6_000;

/** Where everything is, for people. */
export interface Places {
  readonly api: readonly string[];
  readonly token: string;
  readonly proxies: readonly number[];
  readonly source: MariaDb;
  readonly replica: MariaDb;
  readonly etcd: readonly string[];
  readonly folder: string;
}

/** The whole of it: both halves, what they stand on, and a load. Everything is in one folder, which goes in the end. */
export class Demo {
  readonly load = new Load();
  private readonly folder = mkdtempSync(join(tmpdir(), 'quorate-demo-'));
  private readonly logs = join(this.folder, 'logs');
  private readonly programs: Programs;
  private readonly ports = new Ports();
  private readonly etcd = new Etcd();
  private readonly ending = new AbortController();
  private api: Api | null = null;
  private source: MariaDb | null = null;
  private isReady = false;

  constructor(
    private readonly options: DemoOptions,
    private readonly say: (text: string) => void,
  ) {
    mkdirSync(this.logs);
    this.programs = new Programs(this.logs, (message) => {
      if (this.isReady) this.say(message);
      else this.ending.abort(new Error(message));
    });
  }

  /** Resolves when everything is alive; rejects with why it cannot be, or when it is stopped meanwhile. */
  async start(): Promise<Places> {
    const { folder, ports, programs, options } = this;
    const { signal } = this.ending;
    const port = await freeFrom(options.port);
    if (port !== options.port) this.say(`Port ${options.port} is taken: the dashboard is at ${port}.`);
    const password = randomBytes(9).toString('hex');
    const [source, replica] = [
      await this.mariaDb('source', password),
      await this.mariaDb('replica', password),
    ];
    this.source = source;
    const tokens = join(folder, 'tokens.yaml');
    const redis = await this.startRedis();
    this.say('Starting etcd, Redis and MariaDB...');
    const [token] = await Promise.all([
      makeToken(tokens),
      this.etcd.start(programs, ports, folder, signal),
      this.startMariaDb(source, replica),
    ]);
    signal.throwIfAborted();
    this.say('Starting members and proxies...');
    const shared = { folder, etcd: this.etcd.endpoints, secretKey: makeSecretKey(folder), tokens };
    const members = await this.startMembers(shared, port, token);
    this.api = members[0]!;
    const proxies = await this.startProxies(shared);
    const layout = { groups: redis, binlogServers: { m1: await ports.free(), m2: await ports.free() } };
    await Promise.all([setUpRedis(this.api, layout), setUpBinlog(this.api, source, layout)]);
    await attach(replica, layout.binlogServers.m2);
    this.load.startSource(source, options.transactionsPerSecond);
    this.load.startRedis(proxies, options.requestsPerSecond);
    await until('everything is alive', () => isAlive(this.api!), signal);
    this.isReady = true;
    const api = members.map(({ url }) => url);
    return { api, token, proxies, source, replica, etcd: this.etcd.endpoints, folder };
  }

  /** Breaks things until it is stopped. */
  async breakThings(): Promise<void> {
    const { programs, say, api, source } = this;
    const parts = {
      ...{ programs, say, source: source!, proxies: ['p1', 'p2'], redisReplicas: ['redis2', 'redis4'] },
      etcd: this.etcd.names,
      follower: async () => {
        const { members } = await api!.run<{ members: { name: string; isLeader: boolean }[] }>(
          '{ members { name isLeader } }',
        );
        // The one whose API this asks stays.
        return members.find(({ name, isLeader }) => !isLeader && name !== 'm1')?.name ?? null;
      },
      isAlive: () => isAlive(api!),
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
    await this.programs.stop(PATIENCE_MS);
    this.remove();
  }

  /** The same at once. */
  endNow(): void {
    this.programs.killAll();
    this.remove();
  }

  private remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }

  private async mariaDb(name: string, password: string): Promise<MariaDb> {
    return new MariaDb(name, await this.ports.free(), this.folder, password);
  }

  private async startMariaDb(source: MariaDb, replica: MariaDb): Promise<void> {
    await makeData(this.folder, [source.name, replica.name]);
    for (const server of [source, replica]) this.programs.start(server.program);
    const { signal } = this.ending;
    for (const server of [source, replica])
      await until(
        `${server.name} is there`,
        async () => (await server.query('SELECT 1')).length === 1,
        signal,
      );
    await setUpSource(source);
  }

  /** Two groups of a master and a replica. */
  private async startRedis(): Promise<number[][]> {
    const groups: number[][] = [];
    for (const names of [
      ['redis1', 'redis2'],
      ['redis3', 'redis4'],
    ]) {
      const ports: number[] = [];
      for (const name of names) {
        const port = await this.ports.free();
        this.programs.start(redisServer(name, port, this.folder, ports[0]));
        ports.push(port);
      }
      groups.push(ports);
    }
    for (const port of groups.flat())
      await until('Redis answers', () => answersPing(port), this.ending.signal);
    return groups;
  }

  /** The first one makes the cluster, and the other joins it. */
  private async startMembers(shared: Shared, port: number, token: string): Promise<Api[]> {
    const members: Api[] = [];
    for (const [name, api] of [
      ['m1', port],
      ['m2', await this.ports.free()],
    ] as const) {
      this.programs.start(member(name, { api, peer: await this.ports.free() }, shared));
      const asked = new Api(`http://127.0.0.1:${api}`, token);
      await until(`member ${name} is ready`, () => asked.isReady(), this.ending.signal);
      members.push(asked);
    }
    return members;
  }

  private async startProxies(shared: Shared): Promise<number[]> {
    const ports: number[] = [];
    for (const name of ['p1', 'p2']) {
      const port = await this.ports.free();
      this.programs.start(proxy(name, port, shared));
      ports.push(port);
    }
    for (const port of ports) await until('a proxy answers', () => answersPing(port), this.ending.signal);
    return ports;
  }
}
