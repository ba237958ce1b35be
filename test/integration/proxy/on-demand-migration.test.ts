import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { slotOfKey } from '../../../src/redis/key-slot.js';
import { keysWhere, moving, online, TestProxy, until } from '../../harness/servers/redis-proxy.js';
import type { ProxySetup } from '../../harness/servers/redis-proxy.js';
import type { RespClient } from '../../harness/servers/redis-client.js';
import { RedisServer } from '../../harness/servers/redis.js';
import { TcpRelay } from '../../harness/servers/tcp-relay.js';

/** One value of each type: how it is made, how it is read, and what reading it answers. */
const TYPES: Record<string, { make: string[]; read: string[] }> = {
  string: { make: ['SET', 'k', 'value'], read: ['GET', 'k'] },
  integer: { make: ['SET', 'k', '42'], read: ['GET', 'k'] },
  list: { make: ['RPUSH', 'k', 'a', 'b', 'c'], read: ['LRANGE', 'k', '0', '-1'] },
  hash: { make: ['HSET', 'k', 'f', 'v', 'g', 'w'], read: ['HGETALL', 'k'] },
  set: { make: ['SADD', 'k', '3', '1', '2'], read: ['SMEMBERS', 'k'] },
  'sorted set': { make: ['ZADD', 'k', '1.5', 'a', '2', 'b'], read: ['ZRANGE', 'k', '0', '-1', 'WITHSCORES'] },
  stream: { make: ['XADD', 'k', '1-1', 'f', 'v'], read: ['XRANGE', 'k', '-', '+'] },
  hyperloglog: { make: ['PFADD', 'k', 'a', 'b'], read: ['PFCOUNT', 'k'] },
};

describe('a request of a slot that is being moved', () => {
  let a: RedisServer;
  let b: RedisServer;
  let proxy: TestProxy;

  async function setUp(password?: string, setup: ProxySetup = {}): Promise<void> {
    const options = password === undefined ? {} : { password };
    [a, b] = await Promise.all([RedisServer.start(options), RedisServer.start(options)]);
    proxy = await TestProxy.start(setup);
    proxy.apply(() => online(a));
  }

  afterEach(async () => {
    await proxy.stop();
    await Promise.all([a.stop(), b.stop()]);
  });

  it('needs no connection that is not open when the proxy loses its session during the move', async () => {
    let allowed = true;
    await setUp(undefined, { mayOpenConnections: () => allowed });
    const [atA, atB, client] = await Promise.all([a.client(5), b.client(), proxy.client()]);
    const [moved, other] = keysWhere(2, () => true) as [string, string];
    await atA.ask('SET', moved, 'value');
    await client.ask('SELECT', '5');
    await client.ask('SET', other, 'value');
    await proxy.applied(proxy.applyFor([moved], moving('PRE_MIGRATE', a, b)));
    const ours = async (server: RespClient): Promise<number> =>
      (await server.ask('CLIENT', 'LIST')).split('name=quorate-proxy:').length - 1;
    await until(async () => (await ours(atA)) === 2 && (await ours(atB)) === 2, 'connections are open');
    expect(await client.ask('GET', other)).toBe('$5\r\nvalue');
    allowed = false;

    await proxy.applied(proxy.applyFor([moved], moving('MIGRATE', a, b)));
    expect(await client.ask('GET', moved)).toBe('$5\r\nvalue');
    expect(await atA.ask('EXISTS', moved)).toBe(':0');
  });

  describe.each([
    { database: 0, password: undefined },
    { database: 5, password: undefined },
    { database: 0, password: 'geheim "x' },
    { database: 15, password: 'geheim "x' },
  ])('in database $database, password $password', ({ database, password }) => {
    beforeEach(() => setUp(password));

    it.each(Object.keys(TYPES))('finds a %s at the target, with its time to live', async (type) => {
      const { make, read } = TYPES[type]!;
      const [atA, atB, client] = await Promise.all([a.client(database), b.client(database), proxy.client()]);
      await client.ask('SELECT', String(database));
      await atA.ask(...make);
      await atA.ask('PEXPIRE', 'k', '1000000');
      const before = await atA.ask(...read);
      proxy.applyFor(['k'], moving('MIGRATE', a, b));

      expect(await client.ask(...read)).toBe(before);
      expect(await atA.ask('EXISTS', 'k')).toBe(':0');
      expect(await atB.ask(...read)).toBe(before);
      expect(Number((await atB.ask('PTTL', 'k')).slice(1))).toBeGreaterThan(900_000);
      // Once there, it stays: what is written next is at the target alone.
      expect(await client.ask('DEL', 'k')).toBe(':1');
      expect(await client.ask(...make)).not.toMatch(/^-/);
      expect(await atA.ask('EXISTS', 'k')).toBe(':0');
      expect(await atB.ask('EXISTS', 'k')).toBe(':1');
    });
  });

  it('brings over all keys of a request, also of one that is split', async () => {
    await setUp();
    const [atA, atB, client] = await Promise.all([a.client(), b.client(), proxy.client()]);
    const half = (slot: number): boolean => slot % 2 === 0;
    const keys = [...keysWhere(5, half), ...keysWhere(5, (slot) => !half(slot))];
    await atA.ask('MSET', ...keys.flatMap((key) => [key, `value of ${key}`]));
    const values = await atA.ask('MGET', ...keys);
    proxy.apply((slot) => (half(slot) ? moving('MIGRATE', a, b) : undefined));
    expect(await client.ask('MGET', ...keys)).toBe(values);
    expect(await atB.ask('DBSIZE')).toBe(':5');
    expect(await atA.ask('DBSIZE')).toBe(':5');

    await atA.ask('SADD', '{x}1', 'a', 'b');
    await atA.ask('SADD', '{x}2', 'b', 'c');
    proxy.applyFor(['x'], moving('MIGRATE', a, b));
    expect(await client.ask('SINTERSTORE', '{x}3', '{x}1', '{x}2')).toBe(':1');
    expect(await atB.ask('SMEMBERS', '{x}3')).toBe('*1\r\n$1\r\nb');
  });

  it('heals a MIGRATE that has left two copies: the one at the owner is the truth', async () => {
    await setUp();
    const [atA, atB, client] = await Promise.all([a.client(), b.client(), proxy.client()]);
    await atA.ask('SET', 'k', 'truth');
    await atB.ask('SET', 'k', 'left over');
    proxy.applyFor(['k'], moving('MIGRATE', a, b));
    expect(await client.ask('GET', 'k')).toBe('$5\r\ntruth');
    expect(await atB.ask('GET', 'k')).toBe('$5\r\ntruth');
  });

  it('fails with the reason, and changes nothing, when its keys cannot be brought over', async () => {
    await setUp(undefined, { limits: { migrateTimeoutMs: 500 } });
    const [atA, client] = await Promise.all([a.client(), proxy.client()]);
    await atA.ask('SET', 'k', 'v');
    await b.kill();
    proxy.applyFor(['k'], moving('MIGRATE', a, b));
    expect(await client.ask('APPEND', 'k', 'x')).toMatch(
      new RegExp(
        `^-ERR quorate: bringing keys over from ${a.address} to ${b.address} failed: IOERR error or timeout`,
      ),
    );
    expect(await atA.ask('GET', 'k')).toBe('$1\r\nv');
    await b.restart();
    expect(await client.ask('APPEND', 'k', 'x')).toBe(':2');
  });

  describe('keeps a RESTORE that arrives long after its MIGRATE gave up from undoing what was written since', () => {
    const migrateTimeoutMs = 2_300;
    let relay: TcpRelay;
    let client: RespClient;
    const between = (): Parameters<typeof moving>[2] => ({
      endpoint: { address: relay.address, password: null },
    });

    beforeEach(async () => {
      await setUp(undefined, { limits: { migrateTimeoutMs } });
      relay = await TcpRelay.start(b.port);
      client = await proxy.client();
    });
    afterEach(() => relay.stop());

    /** A read whose MIGRATE is on its way for longer than the owner waits. */
    async function fail(): Promise<void> {
      relay.judge = (chunk) => (chunk.includes('RESTORE') ? 'hold' : 'forward');
      const isLate = /^-ERR quorate: bringing keys over .* IOERR/;
      await until(async () => isLate.test(await client.ask('GET', 'k')), 'the owner gives up');
      relay.judge = () => 'forward';
    }

    async function checkAfterDelivery(): Promise<void> {
      await relay.deliverHeld((bytes) => bytes.length > 0);
      expect(await client.ask('GET', 'k')).toBe('$3\r\nnew');
      expect(await (await b.client()).ask('GET', 'k')).toBe('$3\r\nnew');
      expect(await (await a.client()).ask('EXISTS', 'k')).toBe(':0');
    }

    it('when the owner goes on', async () => {
      await (await a.client()).ask('SET', 'k', 'old');
      proxy.applyFor(['k'], moving('MIGRATE', a, between()));
      await fail();
      expect(await client.ask('SET', 'k', 'new')).toBe('+OK');
      await checkAfterDelivery();
    });

    it("when somebody resets the owner's statistics between two failures", async () => {
      const atA = await a.client();
      await atA.ask('MSET', 'k', 'old', 'other', 'v');
      proxy.applyFor(['k', 'other'], moving('MIGRATE', a, between()));
      await fail();
      expect(await client.ask('GET', 'other')).toBe('$1\r\nv');
      expect(await atA.ask('CONFIG', 'RESETSTAT')).toBe('+OK');
      await fail();
      expect(await client.ask('SET', 'k', 'new')).toBe('+OK');
      await checkAfterDelivery();
    });

    it('when the owner is started again between two failures', async () => {
      await (await a.client()).ask('MSET', 'k', 'old', 'other', 'v');
      proxy.applyFor(['k', 'other'], moving('MIGRATE', a, between()));
      await fail();
      expect(await client.ask('GET', 'other')).toBe('$1\r\nv');
      await a.restart();
      await (await a.client()).ask('SET', 'k', 'old');
      await fail();
      expect(await client.ask('SET', 'k', 'new')).toBe('+OK');
      await checkAfterDelivery();
    });

    it('when another has brought the key over meanwhile, and the owner no longer knows of it', async () => {
      const atA = await a.client();
      await atA.ask('SET', 'k', 'old');
      proxy.applyFor(['k'], moving('MIGRATE', a, between()));
      await fail();
      const [host, port] = relay.address.split(':') as [string, string];
      expect(await atA.ask('MIGRATE', host, port, 'k', '0', '1000', 'REPLACE')).toBe('+OK');
      const second = await b.client();
      // The owner closes a MIGRATE connection that it has not used for ten seconds: then none but the late one is left.
      await until(
        async () => (await atA.ask('INFO', 'stats')).includes('migrate_cached_sockets:0'),
        'the MIGRATE connection is closed',
      );
      expect(await second.ask('EXISTS', 'k')).toBe(':1');
      expect(await client.ask('SET', 'k', 'new')).toBe('+OK');
      await checkAfterDelivery();
    });

    it('when the only MIGRATE connection that the owner still has leads to another target', async () => {
      const c = await RedisServer.start();
      try {
        const [atA, second] = await Promise.all([a.client(), b.client()]);
        await atA.ask('SET', 'k', 'old');
        proxy.applyFor(['k'], moving('MIGRATE', a, between()));
        await fail();
        const migrate = (address: string, key: string): Promise<string> =>
          atA.ask('MIGRATE', ...address.split(':'), key, '0', '1000', 'REPLACE');
        expect(await migrate(relay.address, 'k')).toBe('+OK');
        await until(async () => {
          await atA.ask('SET', 'other', 'v');
          expect(await migrate(c.address, 'other')).toBe('+OK');
          return (await atA.ask('INFO', 'stats')).includes('migrate_cached_sockets:1');
        }, 'the MIGRATE connection to the target is closed as idle');
        expect(await second.ask('EXISTS', 'k')).toBe(':1');
        expect(await client.ask('SET', 'k', 'new')).toBe('+OK');
        await checkAfterDelivery();
      } finally {
        await c.stop();
      }
    });
  });

  it('leaves the MIGRATE connection alone that the owner uses, whether it has had the key or not', async () => {
    await setUp();
    const [atA, atB, client] = await Promise.all([a.client(), b.client(), proxy.client()]);
    await atA.ask('MSET', 'k', '1', 'other', '2');
    proxy.applyFor(['k', 'other'], moving('MIGRATE', a, b));
    expect(await client.ask('GET', 'k')).toBe('$1\r\n1');
    const feeds = async (): Promise<string[]> =>
      [...(await atB.ask('CLIENT', 'LIST')).matchAll(/id=(\d+) .* name= .* cmd=restore/g)].map(
        ([, id]) => id!,
      );
    const before = await feeds();
    expect(before).toHaveLength(1);
    for (let i = 0; i < 10; i++) expect(await client.ask('GET', 'k')).toBe('$1\r\n1');
    expect(await client.ask('GET', 'other')).toBe('$1\r\n2');
    expect(await feeds()).toEqual(before);
  });

  it('looks at the target once for a key that has moved already', async () => {
    await setUp();
    const [atA, atB, client] = await Promise.all([a.client(), b.client(), proxy.client()]);
    await atA.ask('SET', 'k', '1');
    proxy.applyFor(['k'], moving('MIGRATE', a, b));
    expect(await client.ask('GET', 'k')).toBe('$1\r\n1');
    const looks = async (): Promise<number> =>
      Number(/cmdstat_client\|list:calls=(\d+)/.exec(await atB.ask('INFO', 'commandstats'))?.[1]);
    const before = await looks();
    for (let i = 0; i < 20; i++) expect(await client.ask('GET', 'k')).toBe('$1\r\n1');
    expect(await looks()).toBe(before + 20);
  });

  it('does not reach the target while it cannot be asked what may still be under way', async () => {
    await setUp(undefined, { limits: { migrateTimeoutMs: 200 } });
    const [atA, atB, client] = await Promise.all([a.client(), b.client(), proxy.client()]);
    await atA.ask('SET', 'k', 'v');
    expect(await atB.ask('ACL', 'SETUSER', 'default', '-client|list')).toBe('+OK');
    proxy.applyFor(['k'], moving('MIGRATE', a, b));
    expect(await client.ask('APPEND', 'k', 'x')).toMatch(/^-ERR quorate: .*could not be cut off: .*NOPERM/);
    expect(await atB.ask('ACL', 'SETUSER', 'default', '+client|list')).toBe('+OK');
    expect(await client.ask('APPEND', 'k', 'x')).toBe(':2');
  });

  it('harms nobody who has just connected when it cuts off what has failed', async () => {
    await setUp();
    const [atA, client] = await Promise.all([a.client(), proxy.client()]);
    await atA.ask('SET', 'k', 'v');
    expect(await atA.ask('MIGRATE', '127.0.0.1', '1', 'k', '0', '100')).toMatch(/^-IOERR/);
    proxy.applyFor(['k'], moving('MIGRATE', a, b));
    const stranger = await b.client();
    expect(await client.ask('GET', 'k')).toBe('$1\r\nv');
    expect(await stranger.ask('GET', 'k')).toBe('$1\r\nv');
  });

  it('cuts off what has failed also when the session with the coordinator has been lost', async () => {
    let allowed = true;
    await setUp(undefined, { mayOpenConnections: () => allowed });
    const [atA, client] = await Promise.all([a.client(), proxy.client()]);
    await atA.ask('SET', 'k', 'v');
    await client.ask('GET', 'k');
    expect(await atA.ask('MIGRATE', '127.0.0.1', '1', 'k', '0', '100')).toMatch(/^-IOERR/);
    proxy.applyFor(['k'], moving('PRE_MIGRATE', a, b));
    const observer = await b.client();
    await until(async () => (await observer.ask('CLIENT', 'LIST')).split('name=quorate-proxy').length > 2);
    // They are named at the server; the proxy uses them when it has heard so.
    for (let i = 0; i < 5; i++) await observer.ask('PING');
    allowed = false;
    proxy.applyFor(['k'], moving('MIGRATE', a, b));
    expect(await client.ask('APPEND', 'k', 'x')).toBe(':2');
  });

  it('does not reach the target when the owner cannot be asked', async () => {
    await setUp();
    const [atB, client] = await Promise.all([b.client(), proxy.client()]);
    await a.kill();
    proxy.applyFor(['k'], moving('MIGRATE', a, b));
    expect(await client.ask('SET', 'k', 'v')).toMatch(/^-ERR quorate: backend \S+ is unreachable/);
    expect(await atB.ask('EXISTS', 'k')).toBe(':0');
  });

  it('counts as in flight from the start of the on-demand migration, and follows the target it began with', async () => {
    await setUp();
    const [atA, client, second] = await Promise.all([a.client(), proxy.client(), proxy.client()]);
    await atA.ask('SET', 'k', 'v');
    proxy.applyFor(['k'], moving('MIGRATE', a, b));
    a.freeze();
    const reply = client.ask('APPEND', 'k', '1');
    await until(() => proxy.server.tally().inFlight > 0);
    const hold = proxy.applyFor(['k'], moving('PRE_MIGRATE', a, b));
    expect(proxy.isApplied(hold)).toBe(false);
    const held = second.ask('APPEND', 'k', '2');
    await until(() => proxy.server.tally().heldSessions === 1);
    a.thaw();
    expect(await reply).toBe(':2');
    await proxy.applied(hold);
    expect(proxy.server.tally().inFlight).toBe(0);
    proxy.applyFor(['k'], online(b));
    expect(await held).toBe(':3');
    expect(await (await b.client()).ask('GET', 'k')).toBe('$3\r\nv12');
  });

  it('is not forgotten between the migration and the request itself', async () => {
    await setUp();
    const client = await proxy.client();
    // Connections are there, so that only the answers are missing.
    proxy.applyFor(['k'], online(b));
    await client.ask('GET', 'k');
    proxy.applyFor(['k'], moving('MIGRATE', a, b));
    await client.ask('GET', 'k');
    a.freeze();
    b.freeze();
    const reply = client.ask('SET', 'k', 'v');
    await until(() => proxy.server.tally().inFlight > 0);
    const hold = proxy.applyFor(['k'], moving('PRE_MIGRATE', a, b));
    a.thaw();
    const atA = await a.client();
    await until(async () => (await atA.ask('INFO', 'commandstats')).includes('cmdstat_migrate:calls=2'));
    expect(proxy.isApplied(hold)).toBe(false);
    b.thaw();
    await proxy.applied(hold);
    expect(await reply).toBe('+OK');
  });

  it('whose client has gone is resolved all the same', async () => {
    await setUp();
    const client = await proxy.client();
    proxy.applyFor(['k'], moving('MIGRATE', a, b));
    a.freeze();
    client.send('SET k v\r\n');
    await until(() => proxy.server.tally().inFlight > 0);
    client.close();
    const hold = proxy.applyFor(['k'], moving('PRE_MIGRATE', a, b));
    expect(proxy.isApplied(hold)).toBe(false);
    a.thaw();
    await proxy.applied(hold);
    expect(proxy.server.tally().inFlight).toBe(0);
  });

  it('holds up no other slot of the same server', async () => {
    await setUp();
    const [atA, client, other] = await Promise.all([a.client(), proxy.client(), proxy.client()]);
    await atA.ask('SET', 'k', 'v');
    b.freeze();
    proxy.applyFor(['k'], moving('MIGRATE', a, b));
    const [free] = keysWhere(1, (slot) => slot !== slotOfKey('k'));
    await other.ask('SET', free!, 'v');
    const reply = client.ask('GET', 'k');
    await until(() => proxy.server.tally().inFlight > 0);
    b.thaw();
    expect(await reply).toBe('$1\r\nv');
    expect(await other.ask('GET', free!)).toBe('$1\r\nv');
  });
});
