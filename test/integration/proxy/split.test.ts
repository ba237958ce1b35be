import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { command, commandOf } from '../../harness/servers/redis-client.js';
import type { RespClient } from '../../harness/servers/redis-client.js';
import { keysWhere, moving, TestProxy, until } from '../../harness/servers/redis-proxy.js';
import type { ProxySetup } from '../../harness/servers/redis-proxy.js';
import { RedisServer } from '../../harness/servers/redis.js';

const SERVERS = 3;

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

/** Keys that the spread gives to one of the servers, each in a slot of its own. */
function keysOf(server: number, count: number): string[] {
  const seen = new Set<number>();
  return keysWhere(count, (slot) => {
    const fresh = slot % SERVERS === server && !seen.has(slot);
    if (fresh) seen.add(slot);
    return fresh;
  });
}

describe('requests whose keys are on several servers', () => {
  /** What one server would answer, kept as simple as possible. */
  class Model {
    private readonly values = new Map<string, string>();

    answer([name = '', ...args]: readonly string[]): string {
      switch (name) {
        case 'MGET': {
          const items = args.map((key) => this.values.get(key));
          return `*${items.length}\r\n${items.map((v) => (v === undefined ? '$-1\r\n' : `$${v.length}\r\n${v}\r\n`)).join('')}`;
        }
        case 'MSET':
          for (let i = 0; i < args.length; i += 2) this.values.set(args[i]!, args[i + 1]!);
          return '+OK\r\n';
        case 'DEL':
        case 'UNLINK':
          return `:${args.filter((key) => this.values.delete(key)).length}\r\n`;
        default:
          return `:${args.filter((key) => this.values.has(key)).length}\r\n`;
      }
    }
  }

  const key = fc.oneof(
    fc.integer({ min: 0, max: 40 }).map((n) => `k${n}`),
    fc.integer({ min: 0, max: 3 }).map((n) => `{tag${n}}`),
    fc.integer({ min: 0, max: 12 }).map((n) => `{tag${n % 3}}:${n}`),
  );
  const value = fc.oneof(
    { weight: 20, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 80 }) },
    { weight: 2, arbitrary: fc.integer({ min: 500, max: 30_000 }).map((n) => 'y'.repeat(n)) },
    { weight: 1, arbitrary: fc.constantFrom('$-1\r\n', '*2\r\n', 'z'.repeat(70_000)) },
  );
  const request = fc.oneof(
    fc
      .tuple(
        fc.constantFrom('MGET', 'DEL', 'UNLINK', 'EXISTS', 'TOUCH'),
        fc.array(key, { minLength: 1, maxLength: 12 }),
      )
      .map(([name, keys]) => [name, ...keys]),
    fc.array(fc.tuple(key, value), { minLength: 1, maxLength: 12 }).map((pairs) => ['MSET', ...pairs.flat()]),
    // More than a record of a request keeps room for.
    fc
      .tuple(fc.constantFrom('MGET', 'EXISTS'), fc.array(key, { minLength: 260, maxLength: 300 }))
      .map(([name, keys]) => [name, ...keys]),
  );

  it('are answered as by one server, in the order of the requests', async () => {
    const client = await setUp();
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 40 }), async (requests) => {
        for (const server of servers) {
          const direct = await server.client();
          await direct.ask('FLUSHALL');
          direct.close();
        }
        const model = new Model();
        const wanted = requests.map((words) => model.answer(words));
        const replies = client.readMany(requests.length);
        client.send(Buffer.concat(requests.map((words) => commandOf(words))));
        expect((await replies).map((reply) => reply.toString('latin1'))).toEqual(wanted);
      }),
      { numRuns: 60 },
    );
    expect(proxy.server.tally()).toMatchObject({ inFlight: 0, proxyErrors: 0, serverErrors: 0 });
  });

  it('are answered in order beside slower ones, whichever server is the slower', async () => {
    const client = await setUp();
    const [a, b, c] = [0, 1, 2].map((server) => keysOf(server, 2)) as [string[], string[], string[]];
    await client.ask('MSET', a[0]!, '1', b[0]!, '2', c[0]!, '3');
    for (const slow of [0, 1, 2]) {
      servers[slow]!.freeze();
      const replies = client.readMany(4);
      client.send(
        Buffer.concat([
          command('MGET', c[0]!, a[0]!, b[0]!, c[1]!),
          command('EXISTS', b[0]!, c[0]!),
          command('MGET', a[0]!, b[0]!),
          command('MGET', c[0]!, a[0]!),
        ]),
      );
      await until(() => proxy.server.tally().inFlight > 0);
      servers[slow]!.thaw();
      expect((await replies).map(String)).toEqual([
        '*4\r\n$1\r\n3\r\n$1\r\n1\r\n$1\r\n2\r\n$-1\r\n',
        ':2\r\n',
        '*2\r\n$1\r\n1\r\n$1\r\n2\r\n',
        '*2\r\n$1\r\n3\r\n$1\r\n1\r\n',
      ]);
    }
  });

  it('count in each slot until its own part is answered', async () => {
    const client = await setUp({ limits: { holdTimeoutMs: 60_000 } });
    // The larger one does not fit into a record that is used again.
    for (const size of [2, 300]) {
      const [a, b] = [keysOf(0, size), keysOf(1, size)];
      await client.askList(['MSET', ...[...a, ...b].flatMap((key) => [key, key])]);
      servers[0]!.freeze();
      const reply = client.read();
      client.send(commandOf(['DEL', ...a, ...b]));
      await until(() => proxy.server.tally().inFlight === size);
      const free = proxy.applyFor(b, moving('PRE_MIGRATE', servers[1]!, servers[2]!));
      expect(proxy.isApplied(free)).toBe(true);
      const waiting = proxy.applyFor(a, moving('PRE_MIGRATE', servers[0]!, servers[2]!));
      expect(proxy.isApplied(waiting)).toBe(false);
      expect(proxy.server.waitingFor()).toContain(`${servers[0]!.address} has not answered all requests`);
      servers[0]!.thaw();
      await proxy.applied(waiting);
      expect(String(await reply)).toBe(`:${2 * size}\r\n`);
      expect(proxy.server.tally().inFlight).toBe(0);
      proxy.spread(servers);
    }
  });

  it('harm nobody when their client goes away while parts are out', async () => {
    const client = await setUp();
    const [a, b] = [keysOf(0, 1), keysOf(1, 1)] as [[string], [string]];
    await client.ask('MSET', a[0], 'A', b[0], 'B');
    servers[0]!.freeze();
    const leaving = await proxy.client();
    leaving.send(Buffer.concat(Array.from({ length: 50 }, () => command('MGET', a[0], b[0]))));
    await until(() => proxy.server.tally().inFlight === 50);
    // A client that only closes its side would still be given its replies.
    leaving.socket.resetAndDestroy();
    await until(() => proxy.server.tally().sessions === 1);
    const replies = client.readMany(50);
    client.send(Buffer.concat(Array.from({ length: 50 }, () => command('MGET', b[0], a[0]))));
    servers[0]!.thaw();
    for (const reply of await replies) expect(String(reply)).toBe('*2\r\n$1\r\nB\r\n$1\r\nA\r\n');
    expect(proxy.server.tally().inFlight).toBe(0);
  });

  it('are refused when a server answers its part with something else', async () => {
    await servers[0]!.stop();
    servers[0] = await RedisServer.start({
      args: ['--rename-command', 'MGET', '', '--rename-command', 'EXISTS', 'MGET'],
    });
    const client = await setUp();
    const [a, b] = [keysOf(0, 2), keysOf(1, 2)];
    const unexpected = '-ERR quorate: a server answered a part of the request with an unexpected reply';
    expect(await client.ask('MGET', ...a, ...b)).toBe(unexpected);
    expect(await client.ask('MGET', ...b, ...a)).toBe(unexpected);
    expect(await client.ask('MGET', ...b)).toBe('*2\r\n$-1\r\n$-1');
    expect(proxy.server.tally().proxyErrors).toBe(2);
  });
});

describe('a request of which parts fail', () => {
  type Outcome = 'succeeds' | 'is refused' | 'is lost';
  const outcomes: readonly Outcome[] = ['succeeds', 'is refused', 'is lost'];
  const cases = outcomes.flatMap((first) => outcomes.map((second) => [first, second] as const));

  function expected(first: Outcome, second: Outcome, order: readonly RedisServer[]): RegExp {
    const failed = [first, second].findIndex((outcome) => outcome !== 'succeeds');
    if (failed === -1) return /^\+OK$/;
    return [first, second][failed] === 'is refused'
      ? /^-OOM /
      : new RegExp(`^-ERR quorate: backend ${order[failed]!.address} is unreachable`);
  }

  it.each(cases)('is answered with the first error: one part %s, then the other %s', async (...fates) => {
    const client = await setUp();
    const [a, b] = [keysOf(0, 1)[0]!, keysOf(1, 1)[0]!];
    for (const order of [
      [servers[0]!, servers[1]!],
      [servers[1]!, servers[0]!],
    ]) {
      for (const key of [a, b]) await client.ask('GET', key);
      for (const [i, server] of order.entries()) {
        const direct = await server.client();
        await direct.ask('CONFIG', 'SET', 'maxmemory', fates[i] === 'is refused' ? '1' : '0');
        direct.close();
        server.freeze();
      }
      const reply = client.read();
      client.send(command('MSET', a, '1', b, '2'));
      await until(() => proxy.server.tally().inFlight === 2);
      for (const [i, server] of order.entries()) {
        const connections = proxy.server.tally().serverConnections;
        const before = proxy.server.tally().inFlight;
        if (fates[i] === 'is lost') {
          await server.kill();
          await until(() => proxy.server.tally().serverConnections < connections);
        } else {
          server.thaw();
          await until(() => proxy.server.tally().inFlight === before - 1);
        }
      }
      expect((await reply).toString().trimEnd()).toMatch(expected(...fates, order));
      for (const [i, server] of order.entries()) if (fates[i] === 'is lost') await server.restart();
      // Until it answers again, nobody knows what a server that was lost may still execute.
      await until(() => proxy.server.tally().inFlight === 0);
    }
    await until(async () => (await client.ask('EXISTS', a, b)).startsWith(':'));
  });
});

describe('a client that pipelines behind a server that does not answer', () => {
  const limits = { maxOutputBufferBytes: 4_000_000, requestTimeoutMs: 60_000 };

  it.each([
    ['replies that wait for their turn', false],
    ['parts that wait for other parts', true],
  ])('is disconnected when too many bytes pile up: %s', async (_, split) => {
    const client = await setUp({ limits });
    const [a, b] = [keysOf(0, 1)[0]!, keysOf(1, 1)[0]!];
    await client.askBytes('SET', b, Buffer.alloc(100_000));
    await client.ask('GET', a);
    servers[0]!.freeze();
    const greedy = await proxy.client();
    greedy.send(command('GET', a));
    const request = split ? command('MGET', b, a) : command('GET', b);
    greedy.send(Buffer.concat(Array.from({ length: 200 }, () => request)));
    await greedy.closed;
    expect(await client.ask('EXISTS', b)).toBe(':1');
  });
});
