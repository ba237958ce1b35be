import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { slotOfKey } from '../../../src/redis/key-slot.js';
import type { RespClient } from '../../harness/servers/redis-client.js';
import { moving, online, TestProxy, until } from '../../harness/servers/redis-proxy.js';
import { freePort } from '../../harness/servers/ports.js';
import { RedisServer } from '../../harness/servers/redis.js';
import { SlowNetwork } from '../../harness/faults/slow-network.js';

describe('a connection to a server that is lost with requests in flight', () => {
  let a: RedisServer;
  let b: RedisServer;
  let proxy: TestProxy;

  beforeEach(async () => {
    [a, b] = await Promise.all([RedisServer.start(), RedisServer.start()]);
  });

  afterEach(async () => {
    await proxy.stop();
    await Promise.all([a.stop(), b.stop()]);
  });

  /** Of a proxy whose every slot is at one server; it has been served there, with `k` as 0. */
  async function servedClient(requestTimeoutMs?: number): Promise<RespClient> {
    proxy = await TestProxy.start(requestTimeoutMs === undefined ? {} : { limits: { requestTimeoutMs } });
    proxy.apply(() => online(a));
    const client = await proxy.client();
    await client.ask('SET', 'k', '0');
    return client;
  }

  it('fails them at once, and acknowledges only when the server cannot execute them any more', async () => {
    const client = await servedClient(200);
    a.freeze();
    expect(await client.ask('INCR', 'k')).toBe(
      `-ERR quorate: backend ${a.address} did not answer within 200 ms`,
    );
    const revision = proxy.applyFor(['k'], moving('PRE_MIGRATE', a, b));
    expect(proxy.isApplied(revision)).toBe(false);
    expect(proxy.server.waitingFor()).toMatch(
      new RegExp(`^slot ${slotOfKey('k')}: ${a.address} may still execute requests`),
    );
    a.thaw();
    await proxy.applied(revision);
    // Executed late or not at all: what counts is that nothing happens after the acknowledgement.
    const observer = await a.client();
    const value = await observer.ask('GET', 'k');
    const names = await observer.ask('CLIENT', 'LIST');
    expect(names.match(/name=quorate-proxy:test:/g)?.length ?? 0).toBeLessThanOrEqual(1);
    for (let i = 0; i < 50; i++) expect(await observer.ask('GET', 'k')).toBe(value);
    expect(proxy.server.waitingFor()).toBe(null);
    expect(proxy.server.tally().inFlight).toBe(0);
  });

  it('is not what a reply looks like that came while the proxy itself was stopped', async () => {
    const client = await servedClient(1_500);
    a.freeze();
    const reply = client.ask('INCR', 'k');
    await until(() => proxy.server.tally().inFlight === 1);
    a.thaw();
    // Nothing of this process runs meanwhile, which is what it sees of SIGSTOP or of a machine that was suspended; its timers
    // come next, before anything is read.
    await new Promise((resolve) => setImmediate(resolve));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000);
    expect(await reply).toBe(':1');
    a.freeze();
    expect(await client.ask('INCR', 'k')).toContain('did not answer within 1500 ms');
    a.thaw();
  });

  it('kills a connection that the server still has, so that a command held back by the network is not executed', async () => {
    const network = await SlowNetwork.start(a.port);
    try {
      proxy = await TestProxy.start({ limits: { requestTimeoutMs: 200 } });
      proxy.apply(() => online({ endpoint: { address: network.address, password: null } }));
      const client = await proxy.client();
      await client.ask('SET', 'k', '0');
      network.holdBack();
      expect(await client.ask('INCR', 'k')).toContain('did not answer within 200 ms');
      const observer = await a.client();
      expect(await observer.ask('CLIENT', 'LIST')).toMatch(/name=quorate-proxy:test:\S+:1 /);
      await proxy.applied(proxy.applyFor(['k'], moving('PRE_MIGRATE', a, b)));
      expect(await observer.ask('CLIENT', 'LIST')).not.toMatch(/name=quorate-proxy:test:\S+:1 /);
      expect(network.heldBytes).toBeGreaterThan(0);
      await network.deliver();
      expect(await observer.ask('GET', 'k')).toBe('$1\r\n0');
    } finally {
      await network.stop();
    }
  });

  it('resolves them when the server is gone, and uses the one that is started in its place', async () => {
    const client = await servedClient();
    a.freeze();
    const reply = client.ask('INCR', 'k');
    await until(() => proxy.server.tally().inFlight === 1);
    await a.kill();
    expect(await reply).toMatch(new RegExp(`^-ERR quorate: backend ${a.address} is unreachable: `));
    const revision = proxy.applyFor(['k'], moving('PRE_MIGRATE', a, b));
    await until(() => proxy.server.waitingFor()?.includes('ECONNREFUSED') === true, 'it is asked in vain');
    expect(proxy.isApplied(revision)).toBe(false);
    await a.restart();
    await proxy.applied(revision);
    proxy.applyFor(['k'], online(a));
    await until(async () => (await client.ask('GET', 'k')) === '$-1');
  });

  it('does not wait for reads, which do no harm whenever they are executed', async () => {
    proxy = await TestProxy.start({ limits: { requestTimeoutMs: 200 } });
    proxy.apply(() => online(a));
    const client = await proxy.client();
    await client.ask('SET', 'k', 'v');
    a.freeze();
    expect(await client.ask('GET', 'k')).toContain('did not answer within 200 ms');
    const revision = proxy.applyFor(['k'], moving('PRE_MIGRATE', a, b));
    expect(proxy.isApplied(revision)).toBe(true);
    a.thaw();
  });

  it('does not wait for a server that has been given up', async () => {
    const client = await servedClient();
    a.freeze();
    const reply = client.ask('INCR', 'k');
    await until(() => proxy.server.tally().inFlight === 1);
    proxy.applyFor(['k'], moving('PRE_MIGRATE', a, b));
    expect(proxy.server.waitingFor()).not.toBe(null);
    const routes = proxy.table().routes.map(() => online(b));
    const slots = [slotOfKey('k')];
    proxy.server.apply({ revision: 100n, routes, abandoned: [{ address: a.address, slots }] });
    expect(proxy.server.appliedRevision).toBe(100n);
    expect(await reply).toBe(`-ERR quorate: backend ${a.address} has been given up`);
    expect(await client.ask('SET', 'k', 'at b')).toBe('+OK');
  });

  it('waits for the slots of a server for which it has not been given up', async () => {
    const client = await servedClient();
    a.freeze();
    const reply = client.ask('INCR', 'k');
    await until(() => proxy.server.tally().inFlight === 1);
    const other = slotOfKey('k') === 0 ? 1 : 0;
    const routes = proxy.table().routes.map(() => online(b));
    proxy.server.apply({ revision: 100n, routes, abandoned: [{ address: a.address, slots: [other] }] });
    expect(await reply).toBe(`-ERR quorate: backend ${a.address} has been given up`);
    expect(proxy.server.appliedRevision).toBeLessThan(100n);
    a.thaw();
    await until(() => proxy.server.appliedRevision === 100n);
  });

  it('takes a refused connection for no proof that earlier ones have ended', async () => {
    const client = await servedClient(300);
    const admin = await a.client();
    expect(await admin.ask('CONFIG', 'SET', 'port', String(await freePort()))).toBe('+OK');
    a.freeze();
    expect(await client.ask('INCR', 'k')).toContain('did not answer within 300 ms');
    const revision = proxy.applyFor(['k'], moving('PRE_MIGRATE', a, b));
    await until(() => proxy.server.waitingFor()?.includes('ECONNREFUSED') === true, 'it is asked in vain');
    expect(proxy.isApplied(revision)).toBe(false);
    a.thaw();
    expect(await admin.ask('CONFIG', 'SET', 'port', String(a.port))).toBe('+OK');
    await proxy.applied(revision);
  });

  it('says why a server cannot be reached, and reaches it when it is there', async () => {
    proxy = await TestProxy.start();
    proxy.apply(() => online(a));
    const client = await proxy.client();
    await a.kill();
    expect(await client.ask('GET', 'k')).toMatch(
      new RegExp(`^-ERR quorate: backend ${a.address} is unreachable: connect ECONNREFUSED`),
    );
    await a.restart();
    await until(async () => (await client.ask('SET', 'k', 'v')) === '+OK');
  });

  it('passes on errors of the server as they are', async () => {
    proxy = await TestProxy.start();
    proxy.apply(() => online(a));
    const client = await proxy.client();
    const admin = await a.client();
    await admin.ask('CONFIG', 'SET', 'maxmemory', '1');
    expect(await client.ask('SET', 'k', 'v')).toBe(
      "-OOM command not allowed when used memory > 'maxmemory'.",
    );
    await admin.ask('CONFIG', 'SET', 'maxmemory', '0');
    await admin.ask('REPLICAOF', '127.0.0.1', '1');
    await admin.ask('CONFIG', 'SET', 'replica-serve-stale-data', 'no');
    expect(await client.ask('SET', 'k', 'v')).toMatch(/^-(READONLY|MASTERDOWN) /);
    expect(await client.ask('GET', 'k')).toMatch(/^-MASTERDOWN /);
  });

  it('passes on that the server is loading its data, and what it answers when it has', async () => {
    const args = ['--enable-debug-command', 'local', '--loading-process-events-interval-bytes', '1024'];
    const loading = await RedisServer.start({ args });
    proxy = await TestProxy.start();
    proxy.apply(() => online(loading));
    const [client, admin] = await Promise.all([proxy.client(), loading.client()]);
    for (let i = 0; i < 50; i++) await client.ask('SET', `key:${i}`, 'v'.repeat(2_000));
    await admin.ask('CONFIG', 'SET', 'key-load-delay', '20000');
    const reloaded = admin.ask('DEBUG', 'RELOAD');
    await until(async () => (await client.ask('GET', 'key:1')).startsWith('-LOADING '));
    expect(await reloaded).toBe('+OK');
    expect(await client.ask('STRLEN', 'key:1')).toBe(':2000');
    await loading.stop();
  });

  it('says when the server refuses the password', async () => {
    proxy = await TestProxy.start();
    proxy.apply(() => online({ endpoint: { address: a.address, password: 'wrong' } }));
    const client = await proxy.client();
    const reply = await client.ask('GET', 'k');
    expect(reply).toMatch(new RegExp(`^-ERR quorate: backend ${a.address} refused AUTH: `));
    expect(reply).not.toContain('wrong');
  });
});

describe('a server that does not speak Redis', () => {
  let server: Server;
  let proxy: TestProxy;
  let answer: string;

  beforeEach(async () => {
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write('+OK\r\n:1\r\n');
        socket.on('data', () => socket.write(answer));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    proxy = await TestProxy.start();
    const { port } = server.address() as AddressInfo;
    proxy.apply(() => online({ endpoint: { address: `127.0.0.1:${port}`, password: null } }));
  });

  afterEach(async () => {
    await proxy.stop();
    await new Promise((resolve) => server.close(resolve));
  });

  it.each(['HTTP/1.1 400 Bad Request\r\n\r\n', '$x\r\n', '*1\r\n!3\r\nabc\r\n'])(
    'fails the request and nothing else: %j',
    async (text) => {
      answer = text;
      const client = await proxy.client();
      expect(await client.ask('GET', 'k')).toMatch(/^-ERR quorate: backend \S+ broke the Redis protocol$/);
      expect(await client.ask('PING')).toBe('+PONG');
    },
  );

  it('fails the connection when more is answered than was asked', async () => {
    answer = '+1\r\n+2\r\n';
    const client = await proxy.client();
    expect(await client.ask('GET', 'k')).toBe('+1');
    answer = '+3\r\n';
    await until(async () => (await client.ask('GET', 'k')) === '+3');
  });
});
