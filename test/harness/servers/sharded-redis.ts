import { Redis } from 'ioredis';
import { slotOfKey } from '../../../src/redis/key-slot.js';
import { startEtcd, type EtcdCluster } from './etcd.js';
import { QuorateMember, QuorateProxy, type MemberOptions } from './quorate.js';
import { RedisServer } from './redis.js';

/** etcd, members, proxies and one Redis server a group, the slots spread evenly: all real processes. */
export interface ShardedRedis {
  readonly etcd: EtcdCluster;
  readonly members: QuorateMember[];
  readonly proxies: QuorateProxy[];
  readonly servers: RedisServer[];
  stop(): Promise<void>;
}

export interface ShardedRedisOptions {
  readonly groups: number;
  readonly proxies: number;
  readonly members?: number;
  readonly etcdMembers?: 1 | 3;
  /** Groups that get slots at first; all of them when left out. */
  readonly assignTo?: readonly number[];
  readonly memberArgs?: readonly string[];
  readonly proxyArgs?: readonly string[];
}

export async function startShardedRedis(options: ShardedRedisOptions): Promise<ShardedRedis> {
  const [etcd, ...servers] = await Promise.all([
    startEtcd({ members: options.etcdMembers ?? 1 }),
    ...Array.from({ length: options.groups }, () => RedisServer.start(DIGESTS)),
  ]);
  const members: QuorateMember[] = [];
  const proxies: QuorateProxy[] = [];
  const cluster: ShardedRedis = {
    etcd,
    members,
    proxies,
    servers,
    stop: async () => {
      await Promise.all(proxies.map((proxy) => proxy.kill()));
      await Promise.all(members.map((member) => member.kill()));
      await Promise.all([etcd.stop(), ...servers.map((server) => server.stop())]);
    },
  };
  try {
    for (let i = 1; i <= (options.members ?? 1); i++) {
      const first = members[0];
      const settings: MemberOptions = {
        name: `m${i}`,
        etcd: etcd.endpoints,
        ...(first && { secretKey: first.secretKey }),
        ...(options.memberArgs && { args: options.memberArgs }),
      };
      members.push(await QuorateMember.start(settings));
    }
    const [member] = members as [QuorateMember];
    const started = Array.from({ length: options.proxies }, (_, i) =>
      QuorateProxy.start({
        name: `p${i + 1}`,
        etcd: etcd.endpoints,
        secretKey: member.secretKey,
        ...(options.proxyArgs && { args: options.proxyArgs }),
      }),
    );
    proxies.push(...(await Promise.all(started)));
    for (const [index, server] of servers.entries()) {
      await member.run(
        'mutation ($g: Int!) { createGroup(input: { number: $g }) { userErrors { message } } }',
        {
          g: index + 1,
        },
      );
      await member.run(
        'mutation ($g: Int!, $a: String!) { addServer(input: { group: $g, address: $a }) { userErrors { message } } }',
        { g: index + 1, a: server.address },
      );
    }
    await member.run('mutation { initSlots { userErrors { message } } }');
    const owners = options.assignTo ?? servers.map((_, index) => index + 1);
    for (const [index, group] of owners.entries()) {
      await member.run(
        'mutation ($f: Int!, $t: Int!, $g: Int!) { assignSlots(input: { from: $f, to: $t, group: $g }) { userErrors { message } } }',
        {
          f: Math.floor((1024 * index) / owners.length),
          t: Math.floor((1024 * (index + 1)) / owners.length) - 1,
          g: group,
        },
      );
    }
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** Lets tests ask for a digest of a value that does not depend on the order in which a set keeps its members. */
const DIGESTS = { args: ['--enable-debug-command', 'local'] };

/** What a server holds: every key with a digest of its content and its time to live. */
export interface KeyDump {
  readonly database: number;
  readonly key: string;
  readonly slot: number;
  readonly digest: string;
  readonly ttl: number;
}

/** All keys of a server in all databases; keys as latin1 text, so that any bytes fit. */
export async function dumpServer(server: RedisServer): Promise<KeyDump[]> {
  const client = new Redis({ port: server.port, lazyConnect: true });
  await client.connect();
  const dumps: KeyDump[] = [];
  for (let database = 0; database < 16; database++) {
    await client.select(database);
    const keys: Buffer[] = [];
    let cursor = '0';
    do {
      const [next, found] = await client.scanBuffer(cursor, 'COUNT', 1_000);
      cursor = next.toString();
      keys.push(...found);
    } while (cursor !== '0');
    for (let i = 0; i < keys.length; i += 500) {
      const batch = keys.slice(i, i + 500);
      const digests = (await client.call('DEBUG', ['DIGEST-VALUE', ...batch])) as string[];
      const pipeline = client.pipeline();
      for (const key of batch) pipeline.pttl(key);
      const ttls = (await pipeline.exec()) ?? [];
      batch.forEach((key, index) => {
        dumps.push({
          database,
          key: key.toString('latin1'),
          slot: slotOfKey(key),
          digest: String(digests[index]),
          ttl: Number(ttls[index]?.[1]),
        });
      });
    }
  }
  client.disconnect();
  return dumps;
}

/**
 * Checks that every key is at the group that owns its slot and at no other. Returns all keys by
 * `database/key`.
 */
export async function checkPlacement(
  cluster: Pick<ShardedRedis, 'servers'>,
  member: QuorateMember,
): Promise<Map<string, KeyDump>> {
  const { slots } = await member.run<{
    slots: { number: number; status: string; group: { number: number } }[];
  }>('{ slots { number status group { number } } }');
  const all = new Map<string, KeyDump>();
  for (const [index, server] of cluster.servers.entries()) {
    for (const entry of await dumpServer(server)) {
      const slot = slots[entry.slot];
      const where = `${entry.database}/${entry.key}`;
      if (slot?.group.number !== index + 1) {
        throw new Error(
          `Key ${where} of slot ${entry.slot} is at group ${index + 1}, but belongs to ${slot?.group.number}.`,
        );
      }
      if (all.has(where)) throw new Error(`Key ${where} is at two groups.`);
      all.set(where, entry);
    }
  }
  return all;
}
