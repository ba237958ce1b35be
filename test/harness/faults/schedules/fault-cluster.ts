import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { startEtcd, type EtcdCluster } from '../../servers/etcd.js';
import { QuorateMember, QuorateProxy } from '../../servers/quorate.js';
import { RedisServer } from '../../servers/redis.js';
import { TcpRelay } from '../../servers/tcp-relay.js';
import { temporaryDirectory } from '../../servers/tmp.js';
import { ServerNetwork } from './network.js';

const GROUPS = 3;
const PROXIES = 3;
const MEMBERS = 2;
const COLD_KEYS = 3_000;
const ASK_MS = 10_000;
const START_WITHIN_MS = 30_000;

const MEMBER_ARGS = ['--session-ttl', '1500', '--barrier-timeout', '2500'];
/** A request is held longer than any fault lasts: no fault of the coordinator is an excuse for an error. */
const PROXY_ARGS = ['--session-ttl', '1500', '--hold-timeout', '30000', '--request-timeout', '3000'];

/**
 * Three of each, two members, and between them everything that can fail: proxies reach etcd through relays
 * of their own, and every Redis server is known by the address of the network in front of it. What a server
 * has answered survives its being killed.
 */
export class FaultCluster {
  readonly members: QuorateMember[] = [];
  readonly proxies: QuorateProxy[] = [];
  readonly servers: RedisServer[] = [];
  readonly networks: ServerNetwork[] = [];
  /** By proxy: its ways to the members of etcd. */
  readonly etcdRelays: TcpRelay[][] = [];
  /** Members that are killed or stopped at present, by index. */
  readonly absent = new Set<number>();

  private constructor(readonly etcd: EtcdCluster) {}

  static async start(): Promise<FaultCluster> {
    const cluster = new FaultCluster(await startEtcd({ members: 3 }));
    try {
      await cluster.assemble();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.proxies.map((proxy) => proxy.kill()));
    await Promise.all(this.members.map((member) => member.kill()));
    await Promise.all([this.etcd.stop(), ...this.servers.map((server) => server.stop())]);
    for (const stoppable of [...this.networks, ...this.etcdRelays.flat()]) await stoppable.stop();
  }

  /** The data of one request to a member that answers, asked again until the deadline. Refusals are final. */
  async ask<T extends object>(
    query: string,
    variables: Record<string, unknown> = {},
    patienceMs = 30_000,
  ): Promise<T> {
    const deadline = performance.now() + patienceMs;
    for (let attempt = 0; ; attempt++) {
      const present = this.members.filter((_, index) => !this.absent.has(index));
      const member = present[attempt % Math.max(1, present.length)];
      const answer = member && (await within(ASK_MS, member.ask<T>(query, variables)).catch(() => undefined));
      if (answer?.data && !answer.errors) return answer.data;
      if (performance.now() > deadline) {
        throw new Error(
          `${query} was not answered: ${JSON.stringify(answer?.errors ?? 'no member answers')}`,
        );
      }
      await pause(100);
    }
  }

  /** Index of the member that leads. */
  async leader(): Promise<number> {
    for (;;) {
      const { cluster } = await this.ask<{ cluster: { leader: { name: string } | null } }>(
        '{ cluster { leader { name } } }',
      );
      const index = this.members.findIndex(({ name }) => name === cluster.leader?.name);
      if (index !== -1) return index;
      await pause(50);
    }
  }

  async killMember(index: number): Promise<void> {
    this.absent.add(index);
    await this.members[index]!.kill();
  }

  async restartMember(index: number): Promise<void> {
    const { name, port, dataDir } = this.members[index]!;
    const [{ secretKey }] = this.members as [QuorateMember];
    const options = { name, port, dataDir, secretKey, etcd: this.etcd.endpoints, args: MEMBER_ARGS };
    this.members[index] = await untilStarted(() => QuorateMember.start(options));
    this.absent.delete(index);
  }

  async restartProxy(index: number): Promise<void> {
    const { port } = this.proxies[index]!;
    this.proxies[index] = await untilStarted(() => this.launchProxy(index, port));
  }

  /** As the machine of a server does that goes away and comes back with its disk. */
  async killServer(index: number): Promise<void> {
    const refusing = this.networks[index]!.refuse();
    await this.servers[index]!.kill();
    await refusing;
  }

  async restartServer(index: number): Promise<void> {
    await this.servers[index]!.restart();
    await this.networks[index]!.listen();
  }

  private async assemble(): Promise<void> {
    const [member] = await Promise.all([
      QuorateMember.start({ name: 'm1', etcd: this.etcd.endpoints, args: MEMBER_ARGS }),
      this.startServers(),
      this.startRelays(),
    ]);
    this.members.push(member);
    const others = Array.from({ length: MEMBERS - 1 }, (_, i) =>
      QuorateMember.start({
        ...{ name: `m${i + 2}`, etcd: this.etcd.endpoints, args: MEMBER_ARGS },
        secretKey: member.secretKey,
      }),
    );
    const proxies = this.etcdRelays.map((_, index) => this.launchProxy(index));
    this.members.push(...(await Promise.all(others)));
    this.proxies.push(...(await Promise.all(proxies)));
    for (const [index, { address }] of this.networks.entries()) {
      await member.run(
        'mutation ($g: Int!) { createGroup(input: { number: $g }) { userErrors { message } } }',
        {
          g: index + 1,
        },
      );
      await member.run(
        'mutation ($g: Int!, $a: String!) { addServer(input: { group: $g, address: $a }) { userErrors { message } } }',
        { g: index + 1, a: address },
      );
    }
    await member.run('mutation { initSlots { userErrors { message } } }');
    for (let index = 0; index < GROUPS; index++) {
      await member.run(
        'mutation ($f: Int!, $t: Int!, $g: Int!) { assignSlots(input: { from: $f, to: $t, group: $g }) { userErrors { message } } }',
        {
          f: Math.floor((1024 * index) / GROUPS),
          t: Math.floor((1024 * (index + 1)) / GROUPS) - 1,
          g: index + 1,
        },
      );
    }
    await this.fill();
    await this.warmUp();
  }

  private async startServers(): Promise<void> {
    for (let i = 0; i < GROUPS; i++) {
      const server = await RedisServer.start({
        args: [
          ...['--appendonly', 'yes', '--appendfsync', 'no', '--dir', temporaryDirectory('faults')],
          ...['--enable-debug-command', 'local', '--loglevel', 'warning'],
        ],
      });
      this.servers.push(server);
      this.networks.push(await ServerNetwork.start(server.port));
    }
  }

  private async startRelays(): Promise<void> {
    for (let i = 0; i < PROXIES; i++) {
      const relays = this.etcd.members.map(({ clientPort }) => TcpRelay.start(clientPort));
      this.etcdRelays.push(await Promise.all(relays));
    }
  }

  private launchProxy(index: number, port?: number): Promise<QuorateProxy> {
    return QuorateProxy.start({
      name: `p${index + 1}`,
      etcd: this.etcdRelays[index]!.map(({ address }) => `http://${address}`),
      secretKey: this.members[0]!.secretKey,
      // One of them has worker processes, so that everything happens to those as well.
      args: index === PROXIES - 1 ? [...PROXY_ARGS, '--workers', '2'] : PROXY_ARGS,
      ...(port !== undefined && { port }),
    });
  }

  /** Keys that nobody touches: of every type, in three databases, some large, some with a time to live. */
  private async fill(): Promise<void> {
    for (const database of [0, 7, 15]) {
      const client = new Redis({ port: this.proxies[0]!.port, db: database });
      const pipeline = client.pipeline();
      for (let i = 0; i < COLD_KEYS / 3; i++) {
        const key = `cold:${i}`;
        if (i % 7 === 0) pipeline.set(key, `value ${i}`);
        else if (i % 7 === 1) pipeline.rpush(key, 'a', `b${i}`);
        else if (i % 7 === 2) pipeline.hset(key, 'f', `v${i}`, 'g', 'w');
        else if (i % 7 === 3) pipeline.sadd(key, 'x', `y${i}`);
        else if (i % 7 === 4) pipeline.zadd(key, 1, 'one', i, 'i');
        else if (i % 7 === 5) pipeline.xadd(key, '1-1', 'field', `v${i}`);
        else pipeline.set(key, `expiring ${i}`, 'EX', 36_000);
      }
      for (let i = 0; i < 8; i++) {
        const items = Array.from({ length: 4_000 }, (_, n) => `item ${i} ${n}`);
        pipeline.rpush(`cold:large:${i}`, ...items);
        pipeline.hset(`cold:wide:${i}`, Object.fromEntries(items.map((item) => [item, item])));
      }
      for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
      client.disconnect();
    }
  }

  /**
   * Has every worker of every proxy open what clients will use: without a session it opens nothing, and a schedule is to do
   * the same on a new cluster as behind others.
   */
  private async warmUp(): Promise<void> {
    for (const { port } of this.proxies) {
      const clients = [0, 7].flatMap((db) => Array.from({ length: 4 }, () => new Redis({ port, db })));
      for (const client of clients) for (let i = 0; i < 64; i++) await client.exists(`cold:${i}`);
      for (const client of clients) client.disconnect();
    }
  }
}

/** A process that does not find etcd ends; who supervises it starts it again. */
async function untilStarted<T>(start: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + START_WITHIN_MS;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(300);
    }
  }
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`It took longer than ${ms} ms.`)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
