import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { slotOfKey } from '../../../src/redis/key-slot.js';
import { keysWhere, moving, offline, online, TestProxy, until } from '../../harness/servers/redis-proxy.js';
import type { ProxySetup } from '../../harness/servers/redis-proxy.js';
import { RedisServer } from '../../harness/servers/redis.js';
import { TcpRelay } from '../../harness/servers/tcp-relay.js';

describe('a change of topology', () => {
  let a: RedisServer;
  let b: RedisServer;
  let proxy: TestProxy;

  async function setUp(setup: ProxySetup = {}): Promise<void> {
    proxy = await TestProxy.start(setup);
    proxy.apply(() => online(a));
  }

  beforeEach(async () => {
    [a, b] = await Promise.all([RedisServer.start(), RedisServer.start()]);
  });

  afterEach(async () => {
    await proxy.stop();
    await Promise.all([a.stop(), b.stop()]);
  });

  it('is refused to clients as long as there is no table', async () => {
    proxy = await TestProxy.start();
    const client = await proxy.client();
    expect(await client.ask('GET', 'k')).toBe('-ERR quorate: the proxy has no routes yet');
    expect(proxy.server.appliedRevision).toBe(0n);
  });

  it('makes an offline slot answer an error, and only that slot', async () => {
    await setUp();
    const client = await proxy.client();
    proxy.applyFor(['k'], offline());
    expect(await client.ask('SET', 'k', 'v')).toBe(`-ERR quorate: slot ${slotOfKey('k')} is offline`);
    expect(await client.ask('MGET', 'k', 'other')).toMatch(/^-ERR quorate: slot \d+ is offline$/);
    expect(await client.ask('SET', 'other', 'v')).toBe('+OK');
  });

  it('holds requests of a PRE_MIGRATE slot until it is online again, in order, and no others', async () => {
    await setUp();
    const client = await proxy.client();
    const other = await proxy.client();
    const revision = proxy.applyFor(['k'], moving('PRE_MIGRATE', a, b));
    expect(proxy.isApplied(revision)).toBe(true);

    const replies = client.readMany(3);
    client.send('SET k held\r\nECHO between\r\nGET k\r\n');
    await until(() => proxy.server.tally().heldSessions === 1);
    const [free] = keysWhere(1, (slot) => slot !== slotOfKey('k'));
    expect(await other.ask('SET', free!, 'v')).toBe('+OK');
    expect(await (await a.client()).ask('EXISTS', 'k')).toBe(':0');

    proxy.applyFor(['k'], online(b));
    expect((await replies).map(String)).toEqual(['+OK\r\n', '$7\r\nbetween\r\n', '$4\r\nheld\r\n']);
    expect(await (await b.client()).ask('GET', 'k')).toBe('$4\r\nheld');
    expect(proxy.server.tally().heldSessions).toBe(0);
  });

  it('answers a request that has been held too long with an error, and goes on', async () => {
    await setUp({ limits: { holdTimeoutMs: 100 } });
    const client = await proxy.client();
    proxy.applyFor(['k'], moving('PRE_MIGRATE', a, b));
    const replies = client.readMany(2);
    client.send('MGET k other\r\nPING\r\n');
    expect((await replies).map(String)).toEqual([
      `-ERR quorate: slot ${slotOfKey('k')} is held for a topology change, timed out after 100 ms\r\n`,
      '+PONG\r\n',
    ]);
    expect(await client.ask('GET', 'k')).toContain('timed out after 100 ms');
  });

  it('is acknowledged only when what was in flight has been answered', async () => {
    await setUp();
    const client = await proxy.client();
    await client.ask('SET', 'k', '0');
    a.freeze();
    const reply = client.askBytes('INCR', 'k');
    await until(() => proxy.server.tally().inFlight === 1);
    const revision = proxy.applyFor(['k'], moving('PRE_MIGRATE', a, b));
    expect(proxy.isApplied(revision)).toBe(false);
    expect(proxy.server.waitingFor()).toBe(
      `slot ${slotOfKey('k')}: ${a.address} has not answered all requests in flight`,
    );
    a.thaw();
    await proxy.applied(revision);
    expect(String(await reply)).toBe(':1\r\n');
    expect(proxy.server.waitingFor()).toBe(null);
  });

  it('switches owners without sending a new request while an old one is in flight', async () => {
    await setUp();
    const [first, second] = await Promise.all([proxy.client(), proxy.client()]);
    await first.ask('SET', 'k', 'at a');
    a.freeze();
    const old = first.askBytes('GET', 'k');
    await until(() => proxy.server.tally().inFlight === 1);
    const revision = proxy.applyFor(['k'], online(b));
    const fresh = second.askBytes('GET', 'k');
    await until(() => proxy.server.tally().heldSessions === 1);
    a.thaw();
    expect(String(await old)).toBe('$4\r\nat a\r\n');
    expect(String(await fresh)).toBe('$-1\r\n');
    await proxy.applied(revision);
  });

  it('counts a request as in flight although its client has gone', async () => {
    await setUp();
    const client = await proxy.client();
    await client.ask('SET', 'k', '0');
    a.freeze();
    client.send('INCR k\r\n');
    await until(() => proxy.server.tally().inFlight === 1);
    client.close();
    await until(() => proxy.server.tally().sessions === 0);
    const revision = proxy.applyFor(['k'], moving('PRE_MIGRATE', a, b));
    expect(proxy.isApplied(revision)).toBe(false);
    a.thaw();
    await proxy.applied(revision);
    expect(await (await a.client()).ask('GET', 'k')).toBe('$1\r\n1');
  });

  it('back to the route of what is in flight needs no waiting', async () => {
    await setUp();
    const client = await proxy.client();
    await client.ask('SET', 'k', '0');
    a.freeze();
    const reply = client.askBytes('INCR', 'k');
    await until(() => proxy.server.tally().inFlight === 1);
    proxy.applyFor(['k'], moving('PRE_MIGRATE', a, b));
    const back = proxy.applyFor(['k'], online(a));
    expect(proxy.isApplied(back)).toBe(true);
    a.thaw();
    expect(String(await reply)).toBe(':1\r\n');
  });

  it('asks a server at its new address about requests of a connection that was lost at the old one', async () => {
    const relay = await TcpRelay.start(a.port);
    const at = (address: string) => online({ endpoint: { address, password: null, identity: 'a' } });
    try {
      proxy = await TestProxy.start();
      proxy.apply(() => at(relay.address));
      const client = await proxy.client();
      await client.ask('SET', 'k', '0');
      for (const lostAfterwards of [false, true]) {
        a.freeze();
        const reply = client.askBytes('INCR', 'k');
        await until(() => proxy.server.tally().inFlight === 1);
        // From now on nobody answers at the old address.
        if (!lostAfterwards) relay.cut();
        const revision = proxy.apply(() => at(a.address));
        if (lostAfterwards) expect(proxy.isApplied(revision)).toBe(false);
        if (lostAfterwards) relay.cut();
        expect(String(await reply)).toMatch(/^-ERR quorate: backend .* is unreachable/);
        a.thaw();
        await proxy.applied(revision);
        expect(await client.ask('GET', 'k')).toMatch(/^\$1\r\n[012]$/);
        relay.restore();
        await proxy.applied(proxy.apply(() => at(relay.address)));
        expect(await client.ask('GET', 'k')).toMatch(/^\$1/);
      }
    } finally {
      await relay.stop();
    }
  });

  it('reads from connected replicas, writes and cursors at the owner', async () => {
    await setUp();
    const replica = await b.client();
    await replica.ask('REPLICAOF', '127.0.0.1', String(a.port));
    await until(async () => (await replica.ask('INFO', 'replication')).includes('master_link_status:up'));
    proxy.apply(() => online(a, [b]));
    const client = await proxy.client();
    expect(await client.ask('SET', 'k', 'v')).toBe('+OK');
    await until(async () => (await replica.ask('GET', 'k')) === '$1\r\nv');
    await replica.ask('CONFIG', 'RESETSTAT');
    await until(async () => {
      expect(await client.ask('GET', 'k')).toBe('$1\r\nv');
      return (await replica.ask('INFO', 'commandstats')).includes('cmdstat_get:');
    });
    expect(await client.ask('HSCAN', 'h', '0')).toBe('*2\r\n$1\r\n0\r\n*0');
    expect(await client.ask('HGETALL', 'h')).toBe('*0');
    const stats = await replica.ask('INFO', 'commandstats');
    expect(stats).toContain('cmdstat_hgetall:');
    expect(stats).not.toContain('cmdstat_hscan:');
    await b.kill();
    await until(async () => (await client.ask('GET', 'k')) === '$1\r\nv', 'the owner answers');
  });

  it('reads from no replica that is known to be bad, and asks the master when one cannot answer', async () => {
    await setUp();
    const replica = await b.client();
    const follows = async () => (await replica.ask('INFO', 'replication')).includes('master_link_status:up');
    const follow = async (): Promise<void> => {
      await replica.ask('REPLICAOF', '127.0.0.1', String(a.port));
      await until(follows);
    };
    await follow();
    proxy.apply(() => online(a, [b]));
    const client = await proxy.client();
    expect(await client.ask('SET', 'k', 'v')).toBe('+OK');
    await until(async () => (await replica.ask('GET', 'k')) === '$1\r\nv');
    const readsFrom = async (): Promise<boolean> => {
      const calls = async (): Promise<string> => {
        const stats = await replica.ask('INFO', 'commandstats');
        return /cmdstat_get:calls=(\d+)/.exec(stats)?.[1] ?? '0';
      };
      const before = await calls();
      for (let i = 0; i < 10; i++) expect(await client.ask('GET', 'k')).toBe('$1\r\nv');
      return (await calls()) !== before;
    };
    await until(readsFrom);

    // It answers MASTERDOWN from one moment to the next: nobody sees that.
    await replica.ask('CONFIG', 'SET', 'replica-serve-stale-data', 'no');
    await replica.ask('REPLICAOF', '127.0.0.1', '1');
    for (let i = 0; i < 200; i++) expect(await client.ask('GET', 'k')).toBe('$1\r\nv');
    await until(async () => !(await readsFrom()));
    await replica.ask('CONFIG', 'SET', 'replica-serve-stale-data', 'yes');
    await follow();
    await until(readsFrom);

    // Somebody makes a master of it, which then goes a way of its own.
    await replica.ask('REPLICAOF', 'NO', 'ONE');
    await until(async () => !(await readsFrom()));
    await replica.ask('FLUSHALL');
    for (let i = 0; i < 200; i++) expect(await client.ask('GET', 'k')).toBe('$1\r\nv');
    await follow();
    await until(readsFrom);

    // It is killed while a request is under way there.
    b.freeze();
    const asked = Array.from({ length: 20 }, () => client.ask('GET', 'k'));
    await b.kill();
    for (const reply of await Promise.all(asked)) expect(reply).toBe('$1\r\nv');
  });

  it('opens no connection that it may not open, and keeps those it has', async () => {
    let allowed = true;
    await setUp({ mayOpenConnections: () => allowed });
    const client = await proxy.client();
    expect(await client.ask('SET', 'k', 'v')).toBe('+OK');
    allowed = false;
    expect(await client.ask('GET', 'k')).toBe('$1\r\nv');
    await client.ask('SELECT', '3');
    const refusal = `-ERR quorate: the proxy has no live session with the coordinator, so it opens no new connection to ${a.address}`;
    expect(await client.ask('GET', 'k')).toBe(refusal);
    allowed = true;
    expect(await client.ask('GET', 'k')).toBe('$-1');
  });
});
