import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { command, commandOf, type RespClient } from '../../harness/servers/redis-client.js';
import {
  keysWhere,
  moving,
  offline,
  TestProxy,
  until,
  type ProxySetup,
} from '../../harness/servers/redis-proxy.js';
import { RedisServer } from '../../harness/servers/redis.js';
import { slotOfKey } from '../../../src/redis/key-slot.js';

const SERVERS = 2;

describe('a request with very many keys', () => {
  let servers: RedisServer[];
  let proxy: TestProxy;

  beforeEach(async () => {
    servers = await Promise.all(Array.from({ length: SERVERS }, () => RedisServer.start()));
  });

  afterEach(async () => {
    await proxy.stop();
    await Promise.all(servers.map((server) => server.stop()));
  });

  async function setUp(setup: ProxySetup = {}): Promise<RespClient> {
    proxy = await TestProxy.start(setup);
    proxy.spread(servers);
    return proxy.client();
  }

  const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `key:${i}`);
  const mset = (keys: readonly string[]): string[] => ['MSET', ...keys.flatMap((key) => [key, `v${key}`])];
  const array = (values: readonly string[]): string =>
    `*${values.length}\r\n${values.map((value) => `$${value.length}\r\n${value}\r\n`).join('')}`;

  /** How often a server has executed a command. */
  async function calls(server: RedisServer, name: string): Promise<number> {
    const client = await server.client();
    const stats = await client.ask('INFO', 'commandstats');
    client.close();
    return Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  }

  it('is answered like a short one, and reaches the servers in pieces', async () => {
    const client = await setUp();
    const keys = names(200_000);
    expect(await client.askList(mset(keys))).toBe('+OK');
    expect(String(await client.askBytes('MGET', ...keys.slice(0, 100_000)))).toBe(
      array(keys.slice(0, 100_000).map((key) => `v${key}`)),
    );
    expect(await client.askList(['EXISTS', ...keys, ...keys.slice(0, 10), 'nothing'])).toBe(':200010');
    expect(await client.askList(['DEL', ...keys, ...keys.slice(0, 10)])).toBe(':200000');
    expect(await client.askList(['MGET', ...keys.slice(0, 600)])).toBe(`*600${'\r\n$-1'.repeat(600)}`);
    for (const server of servers) {
      for (const name of ['mset', 'exists', 'del']) expect(await calls(server, name)).toBeGreaterThan(190);
    }
    expect(proxy.server.tally().inFlight).toBe(0);
  });

  it.each([
    ['MSET', (keys: string[]) => mset(keys)],
    ['MGET', (keys: string[]) => ['MGET', ...keys]],
    ['DEL', (keys: string[]) => ['DEL', ...keys]],
  ])('lets other clients have their turn: %s', async (name, request) => {
    const client = await setUp();
    const other = await proxy.client();
    const keys = names(200_000);
    await client.askList(mset(keys));
    const before = await calls(servers[0]!, name.toLowerCase());
    let isAnswered = false;
    const answer = client.askList(request(keys)).then(() => (isAnswered = true));
    await until(async () => (await calls(servers[0]!, name.toLowerCase())) > before);
    for (let i = 0; i < 20; i++) {
      await other.ask('SET', `other${i}`, 'v');
      expect(await other.ask('GET', `other${i}`)).toBe('$1\r\nv');
    }
    expect(isAnswered).toBe(false);
    await answer;
  });

  it('keeps its place among the other requests of its client', async () => {
    const client = await setUp();
    const keys = names(3_000);
    const replies = client.readMany(6);
    client.send(
      Buffer.concat([
        command('SET', 'key:7', 'old'),
        commandOf(mset(keys)),
        command('GET', 'key:7'),
        commandOf(['MGET', ...keys]),
        commandOf(['UNLINK', ...keys]),
        command('GET', 'key:7'),
      ]),
    );
    const [set, many, first, values, deleted, last] = (await replies).map(String);
    expect([set, many, first, deleted, last]).toEqual([
      ...['+OK\r\n', '+OK\r\n', '$6\r\nvkey:7\r\n', ':3000\r\n', '$-1\r\n'],
    ]);
    expect(values).toBe(array(keys.map((key) => `v${key}`)));
  });

  it('of one slot is executed whole, and one that may not be split is refused, as ever', async () => {
    const client = await setUp();
    const keys = names(20_000).map((key) => `{tag}${key}`);
    expect(await client.askList(mset(keys))).toBe('+OK');
    expect((await calls(servers[0]!, 'mset')) + (await calls(servers[1]!, 'mset'))).toBe(1);
    expect(await client.askList(['PFCOUNT', ...names(20_000)])).toMatch(/^-CROSSSLOT/);
    expect(await client.askList(['SUNION', ...keys.map((key) => `${key}:set`)])).toBe('*0');
  });

  it('may have large values in both directions', async () => {
    const client = await setUp();
    const keys = names(520);
    const value = 'x'.repeat(30_000);
    expect(await client.askList(['MSET', ...keys.flatMap((key) => [key, key + value])])).toBe('+OK');
    const reply = await client.askBytes('MGET', ...keys);
    expect(reply.equals(Buffer.from(array(keys.map((key) => key + value))))).toBe(true);
    const huge = 'y'.repeat(5_000_000);
    expect(await client.ask('MSET', 'key:0', huge, 'key:1', huge, 'key:2', 'small')).toBe('+OK');
    const few = await client.askBytes('MGET', 'key:2', 'key:1', 'key:0');
    expect(few.equals(Buffer.from(array(['small', huge, huge])))).toBe(true);
  });

  it('is refused before any of it is executed when one of its slots is offline', async () => {
    const client = await setUp();
    const keys = names(5_000);
    await proxy.applied(proxy.applyFor([keys[4_000]!], offline()));
    expect(await client.askList(mset(keys))).toBe(`-ERR quorate: slot ${slotOfKey(keys[4_000]!)} is offline`);
    expect(await client.ask('EXISTS', keys[0]!)).toBe(':0');
  });

  it('goes on where it was when a slot has been held, and brings keys over that are moving', async () => {
    const client = await setUp();
    const keys = names(5_000);
    await client.askList(mset(keys));
    const isAtFirst = (slot: number): boolean => slot % SERVERS === 0;
    const [held] = keysWhere(1, isAtFirst, 'key:');
    await proxy.applied(
      proxy.apply((slot) => (isAtFirst(slot) ? moving('MIGRATE', servers[0]!, servers[1]!) : undefined)),
    );
    await proxy.applied(proxy.applyFor([held!], moving('PRE_MIGRATE', servers[0]!, servers[1]!)));
    const values = client.askBytes('MGET', ...keys);
    await until(() => proxy.server.tally().heldSessions === 1);
    await proxy.applied(proxy.applyFor([held!], moving('MIGRATE', servers[0]!, servers[1]!)));
    expect(String(await values)).toBe(array(keys.map((key) => `v${key}`)));
    expect(await client.askList(['EXISTS', ...keys])).toBe(':5000');
    const owner = await servers[0]!.client();
    expect(await owner.ask('DBSIZE')).toBe(':0');
    expect(proxy.server.tally().inFlight).toBe(0);
  });

  it('fails once when a slot is held for too long, and leaves its client in step', async () => {
    const client = await setUp({ limits: { holdTimeoutMs: 100 } });
    const keys = names(5_000);
    proxy.applyFor([keys[4_000]!], moving('PRE_MIGRATE', servers[0]!, servers[1]!));
    const replies = client.readMany(2);
    client.send(Buffer.concat([commandOf(mset(keys)), command('PING')]));
    const [failed, pong] = (await replies).map(String);
    expect(failed).toMatch(/^-ERR quorate: slot \d+ is held for a topology change, timed out/);
    expect(pong).toBe('+PONG\r\n');
  });

  it('fails once when a server is lost on the way, and leaves its client in step', async () => {
    const client = await setUp({ limits: { requestTimeoutMs: 1_000 } });
    const keys = names(50_000);
    await client.ask('PING');
    const replies = client.readMany(2);
    client.send(Buffer.concat([commandOf(mset(keys)), command('PING')]));
    await until(() => proxy.server.tally().inFlight > 0);
    await servers[1]!.kill();
    const [failed, pong] = (await replies).map(String);
    expect(failed).toMatch(/^-ERR quorate: backend 127\.0\.0\.1:\d+ /);
    expect(pong).toBe('+PONG\r\n');
  });

  it('harms nobody when its client goes away, and is finished when the proxy stops', async () => {
    const client = await setUp({ limits: { stopTimeoutMs: 30_000 } });
    const keys = names(50_000);
    const gone = await proxy.client();
    gone.send(commandOf(mset(keys)));
    await until(() => proxy.server.tally().inFlight > 0);
    gone.socket.resetAndDestroy();
    await until(() => proxy.server.tally().inFlight === 0);
    const answer = client.askList(mset(keys));
    await until(() => proxy.server.tally().inFlight > 0);
    const stopped = proxy.stop();
    expect(await answer).toBe('+OK');
    await stopped;
  });

  it('is not accepted by commands that the proxy answers itself', async () => {
    const client = await setUp();
    expect(await client.askList(['COMMAND', 'GETKEYS', ...mset(names(200_000))])).toMatch(
      /^-ERR quorate: 'COMMAND' takes at most 1024 arguments here/,
    );
  });
});
