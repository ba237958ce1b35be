import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProxyLimits } from '../../../src/redis/proxy/options.js';
import { keysWhere, moving, online, TestProxy, until } from '../../harness/servers/redis-proxy.js';
import type { RespClient } from '../../harness/servers/redis-client.js';
import { RedisServer } from '../../harness/servers/redis.js';
import { TcpRelay } from '../../harness/servers/tcp-relay.js';

const LAG_BYTES = 10_000;
const MEGABYTE = 'x'.repeat(1024 * 1024);

describe('reads from a replica', () => {
  let master: RedisServer;
  let replica: RedisServer;
  let other: RedisServer;
  /** What the replica's link to its master goes through. */
  let link: TcpRelay;
  let proxy: TestProxy;
  let client: RespClient;
  let atReplica: RespClient;

  beforeEach(async () => {
    [master, replica, other] = await Promise.all([
      RedisServer.start({ args: ['--enable-debug-command', 'local', '--repl-ping-replica-period', '1'] }),
      RedisServer.start({ args: ['--enable-debug-command', 'local'] }),
      RedisServer.start(),
    ]);
    link = await TcpRelay.start(master.port);
    atReplica = await replica.client();
    await atReplica.ask('REPLICAOF', '127.0.0.1', String(link.port));
    await until(() => isLinked());
  });

  afterEach(async () => {
    client?.close();
    atReplica.close();
    await proxy?.stop();
    await link.stop();
    await Promise.all([master, replica, other].map((server) => server.stop()));
  });

  async function setUp(limits: Partial<ProxyLimits>): Promise<void> {
    proxy = await TestProxy.start({ limits });
    // Even slots are at the master that has a replica, odd ones at the other server.
    proxy.apply((slot) => (slot % 2 === 0 ? online(master, [replica]) : online(other)));
    client = await proxy.client();
  }

  async function isLinked(): Promise<boolean> {
    return (await atReplica.ask('INFO', 'replication')).includes('master_link_status:up');
  }

  /** How often the replica was asked for a command, and how often it rejected one. */
  async function calls(command: string): Promise<{ asked: number; rejected: number }> {
    const stats = await atReplica.ask('INFO', 'commandstats');
    const line = new RegExp(`cmdstat_${command}:(.*)`).exec(stats)?.[1] ?? '';
    const asked = Number(/calls=(\d+)/.exec(line)?.[1] ?? 0);
    const rejected = Number(/rejected_calls=(\d+)/.exec(line)?.[1] ?? 0);
    return { asked: asked + rejected, rejected };
  }

  async function isRead(key: string, value: string): Promise<boolean> {
    const before = (await calls('get')).asked;
    for (let i = 0; i < 10; i++) expect(await client.ask('GET', key)).toBe(`$${value.length}\r\n${value}`);
    return (await calls('get')).asked > before;
  }

  /** Sets keys of several slots at both masters and waits until the replica has its own. */
  async function setKeys(): Promise<string[]> {
    const keys = keysWhere(6, () => true, 'many:');
    const even = keysWhere(2, (slot) => slot % 2 === 0, 'even:');
    const odd = keysWhere(2, (slot) => slot % 2 === 1, 'odd:');
    const all = [even[0]!, odd[0]!, ...keys, even[1]!, odd[1]!];
    for (const key of all) expect(await client.ask('SET', key, `of ${key}`)).toBe('+OK');
    await until(async () => (await atReplica.ask('EXISTS', even[1]!)) === ':1', 'the replica has them');
    return all;
  }

  function arrayOf(keys: readonly string[]): string {
    return `*${keys.length}\r\n${keys.map((key) => `$${key.length + 3}\r\nof ${key}`).join('\r\n')}`;
  }

  it('end when it lags more than it may, and begin again when it has caught up', async () => {
    await setUp({ maxReplicaLagBytes: LAG_BYTES });
    const [key] = keysWhere(1, (slot) => slot % 2 === 0);
    expect(await client.ask('SET', key!, 'old')).toBe('+OK');
    await until(async () => (await atReplica.ask('GET', key!)).endsWith('old'));
    await until(() => isRead(key!, 'old'), 'it is read');

    // Its link is up, but nothing comes.
    link.silence();
    expect(await client.ask('SET', key!, 'new')).toBe('+OK');
    const atMaster = await master.client();
    expect(await atMaster.ask('SET', 'filler', MEGABYTE)).toBe('+OK');
    await until(async () => {
      const before = (await calls('get')).asked;
      const reply = await client.ask('GET', key!);
      return reply.endsWith('new') && (await calls('get')).asked === before;
    }, 'it is not read');
    expect(await isLinked()).toBe(true);
    for (let i = 0; i < 20; i++) expect(await isRead(key!, 'new')).toBe(false);

    link.restore();
    await until(async () => (await atReplica.ask('GET', key!)).endsWith('new'));
    await until(() => isRead(key!, 'new'), 'it is read again');
    atMaster.close();
  });

  it('go to the master while it is loading, and never fail by that', async () => {
    await setUp({ maxReplicaLinkDownMs: 3_600_000 });
    const [key] = keysWhere(1, (slot) => slot % 2 === 0);
    const atMaster = await master.client();
    expect(await atMaster.ask('DEBUG', 'POPULATE', '20000')).toBe('+OK');
    expect(await client.ask('SET', key!, 'value')).toBe('+OK');
    await until(async () => (await atReplica.ask('GET', key!)).endsWith('value'));
    await until(() => isRead(key!, 'value'), 'it is read');

    // A whole copy, which takes it some time to load.
    const slowly = ['key-load-delay', '500', 'loading-process-events-interval-bytes', '1024'];
    expect(await atReplica.ask('CONFIG', 'SET', ...slowly)).toBe('+OK');
    expect(await atMaster.ask('DEBUG', 'CHANGE-REPL-ID')).toBe('+OK');
    expect(await atMaster.ask('CLIENT', 'KILL', 'TYPE', 'replica')).toBe(':1');
    await until(async () => {
      expect(await client.ask('GET', key!)).toBe('$5\r\nvalue');
      return (await atReplica.ask('GET', key!)).startsWith('-LOADING');
    }, 'it is loading');
    await until(async () => !(await isRead(key!, 'value')), 'it is not read');
    const before = (await calls('get')).asked;
    for (let i = 0; i < 100; i++) expect(await client.ask('GET', key!)).toBe('$5\r\nvalue');
    expect((await calls('get')).asked).toBe(before);
    expect(await atReplica.ask('GET', key!)).toMatch(/^-LOADING/);

    expect(await atReplica.ask('CONFIG', 'SET', 'key-load-delay', '0')).toBe('+OK');
    await until(() => isRead(key!, 'value'), 'it is read again');
    atMaster.close();
  });

  it('of several slots are repeated at the master, part by part, when it cannot answer', async () => {
    // It is taken for good for ever, however long its link is down.
    await setUp({ maxReplicaLinkDownMs: 3_600_000 });
    const keys = await setKeys();
    const missing = keysWhere(4, (slot) => slot % 2 === 0, 'missing:');
    const read = async (): Promise<void> => {
      expect(await client.ask('MGET', ...keys)).toBe(arrayOf(keys));
      expect(await client.ask('EXISTS', ...missing, ...keys)).toBe(`:${keys.length}`);
    };
    await until(async () => {
      await read();
      return (await calls('mget')).asked > 0;
    }, 'it is read');

    await atReplica.ask('CONFIG', 'SET', 'replica-serve-stale-data', 'no');
    link.cut();
    await until(async () => !(await isLinked()));
    expect(await atReplica.ask('GET', keys[0]!)).toMatch(/^-MASTERDOWN/);
    const before = await calls('mget');
    for (let i = 0; i < 50; i++) await read();
    expect((await calls('mget')).rejected).toBeGreaterThan(before.rejected);

    // All keys of one part, in the order in which they were asked for, inline, and in a pipeline.
    const even = keysWhere(3, (slot) => slot % 2 === 0, 'even:');
    expect(await client.ask('SET', even[2]!, `of ${even[2]!}`)).toBe('+OK');
    const reversed = even.toReversed();
    expect(await client.ask('MGET', ...reversed)).toBe(arrayOf(reversed));
    const replies = client.readMany(3);
    client.send(`mget ${reversed.join(' ')}\r\nEXISTS ${even.join(' ')}\r\nMGET ${keys.join(' ')}\r\n`);
    expect((await replies).map(String)).toEqual([
      `${arrayOf(reversed)}\r\n`,
      ':3\r\n',
      `${arrayOf(keys)}\r\n`,
    ]);

    // More keys than are handled in one go.
    const many = Array.from({ length: 300 }, () => keys).flat();
    expect(await client.ask('MGET', ...many)).toBe(arrayOf(many));
    expect(await client.ask('EXISTS', ...many)).toBe(`:${many.length}`);
  });

  it('of several slots are repeated at the master when it dies with them', async () => {
    await setUp({});
    const keys = await setKeys();
    await until(async () => {
      expect(await client.ask('MGET', ...keys)).toBe(arrayOf(keys));
      return (await calls('mget')).asked > 0;
    }, 'it is read');
    replica.freeze();
    const asked = Array.from({ length: 20 }, () => client.ask('MGET', ...keys));
    await until(() => proxy.server.tally().inFlight > 0);
    await replica.kill();
    for (const reply of await Promise.all(asked)) expect(reply).toBe(arrayOf(keys));
  });

  it('that it cannot answer are repeated at the master, also when their slot is about to move', async () => {
    await setUp({ maxReplicaLinkDownMs: 3_600_000 });
    const keys = await setKeys();
    await until(async () => {
      await client.ask('GET', keys[0]!);
      await client.ask('MGET', ...keys);
      return (await calls('mget')).asked > 0;
    }, 'it is read');
    await atReplica.ask('CONFIG', 'SET', 'replica-serve-stale-data', 'no');
    link.cut();
    await until(async () => !(await isLinked()));
    replica.freeze();
    const asked = [client.ask('GET', keys[0]!), client.ask('MGET', ...keys)];
    await until(() => proxy.server.tally().inFlight > 0);
    const revision = proxy.applyFor(keys, moving('PRE_MIGRATE', master, other));
    expect(proxy.isApplied(revision)).toBe(false);
    replica.thaw();
    expect(await Promise.all(asked)).toEqual([`$${keys[0]!.length + 3}\r\nof ${keys[0]!}`, arrayOf(keys)]);
    await proxy.applied(revision);
    expect(proxy.server.tally().inFlight).toBe(0);
  });
});
