import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { slotOfKey } from '../../../src/redis/key-slot.js';
import { moveOutcome, startMove, type MoveOperation } from '../../harness/servers/moves.js';
import { launchQuorate, QuorateProxy } from '../../harness/servers/quorate.js';
import { RespClient } from '../../harness/servers/redis-client.js';
import { until } from '../../harness/servers/redis-proxy.js';
import { RedisServer } from '../../harness/servers/redis.js';
import { startShardedRedis, type ShardedRedis } from '../../harness/servers/sharded-redis.js';
import { SlowNetwork } from '../../harness/faults/slow-network.js';

const WORKERS = 2;
const PROXY_ARGS = ['--workers', String(WORKERS), '--session-ttl', '2000'];

let cluster: ShardedRedis;
let proxy: QuorateProxy;
/** Stopped workers outlive the proxy that is killed at the end of a test. */
let stopped: number[] = [];
/** No two tests move the same slots. */
let nextSlot = 0;
let nextGroup = 3;
/** What the proxies of all tests have written. */
const lines: string[] = [];

beforeAll(async () => {
  cluster = await startShardedRedis({
    groups: 2,
    proxies: 0,
    assignTo: [1],
    memberArgs: ['--barrier-timeout', '2000'],
  });
});

afterAll(() => cluster?.stop());

afterEach(async () => {
  for (const pid of stopped) if (isRunning(pid)) process.kill(pid, 'SIGKILL');
  stopped = [];
  cluster.servers[0]!.thaw();
  await proxy.stop();
  if ((await shown()).length > 0) await removeProxy();
});

async function setUp(...args: readonly string[]): Promise<void> {
  await startProxy(undefined, args);
}

async function startProxy(port: number | undefined, args: readonly string[] = []): Promise<void> {
  proxy = await QuorateProxy.start({
    name: 'p1',
    ...(port !== undefined && { port }),
    etcd: cluster.etcd.endpoints,
    secretKey: member().secretKey,
    args: [...PROXY_ARGS, ...args],
    onLine: (line) => lines.push(line),
  });
  cluster.proxies[0] = proxy;
}

const member = () => cluster.members[0]!;

/** The processes that a process has started. */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

/** False also for one that has ended and that nobody has asked about yet. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** The process of a worker by its number; undefined while it is being replaced. */
function workerPid(number: number): number | undefined {
  return childrenOf(proxy.process.pid).find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`worker ${number}`),
  );
}

function freeze(pid: number): void {
  process.kill(pid, 'SIGSTOP');
  stopped.push(pid);
}

function thaw(pid: number): void {
  process.kill(pid, 'SIGCONT');
}

interface Connected {
  readonly client: RespClient;
  /** Of the worker that serves it. */
  readonly pid: number;
}

async function connect(): Promise<Connected> {
  const client = await RespClient.connect(proxy.port);
  const info = await client.ask('INFO', 'server');
  return { client, pid: Number(/^process_id:(\d+)/m.exec(info)?.[1]) };
}

/** A client of each worker, in the order of the workers' numbers. */
async function connectToEach(): Promise<[RespClient, RespClient]> {
  const all: Connected[] = [];
  await until(async () => {
    all.push(await connect());
    return new Set(all.map(({ pid }) => pid)).size === WORKERS;
  }, 'a client of each worker');
  const found = [1, 2].map((number) => all.find(({ pid }) => pid === workerPid(number))!.client);
  // Not before: who has fewer clients gets the next.
  for (const { client } of all) if (!found.includes(client)) client.close();
  return found as [RespClient, RespClient];
}

/** Resolves when clients can connect. */
function untilServing(): Promise<void> {
  const tries = (): Promise<boolean> =>
    RespClient.connect(proxy.port).then(
      (client) => (client.close(), true),
      () => false,
    );
  return until(tries, 'serving');
}

/** @param last only those whose last command this was */
async function namedConnections(server: RedisServer, last = ''): Promise<string[]> {
  const observer = await server.client();
  const list = await observer.ask('CLIENT', 'LIST');
  observer.close();
  return [...list.matchAll(/ name=(quorate-proxy:\S+) .* cmd=(\S+)/g)]
    .filter(([, , command]) => last === '' || command === last)
    .map(([, name]) => name!);
}

function move(from: number, to: number, targetGroup: number): Promise<string> {
  return startMove(member(), `from: ${from}, to: ${to}, targetGroup: ${targetGroup}`);
}

/** The operation once it has ended or stopped to wait. */
function settled(id: string): Promise<MoveOperation> {
  return moveOutcome(member(), id);
}

/** Moves a few slots that no test has moved before. */
function moveSome(): Promise<string> {
  nextSlot += 10;
  return move(nextSlot - 10, nextSlot - 1, 2);
}

async function removeProxy(): Promise<void> {
  await member().run(
    'mutation { removeProxy(input: { name: "p1", force: true }) { userErrors { message } } }',
  );
}

async function resume(id: string): Promise<void> {
  await member().run(
    'mutation ($id: ID!) { resumeOperation(input: { id: $id }) { userErrors { message } } }',
    { id },
  );
}

async function setState(state: string): Promise<void> {
  await member().run(
    `mutation { setProxyState(input: { name: "p1", state: ${state} }) { userErrors { message } } }`,
  );
}

/** With the slot of the key `k` at a group of its own, whose server is behind a network that can be slow. */
async function withSlowGroup(
  work: (server: RedisServer, network: SlowNetwork) => Promise<void>,
): Promise<void> {
  const server = await RedisServer.start();
  const network = await SlowNetwork.start(server.port);
  try {
    const group = nextGroup++;
    await member().run(
      'mutation ($g: Int!) { createGroup(input: { number: $g }) { userErrors { message } } }',
      { g: group },
    );
    await member().run(
      'mutation ($g: Int!, $a: String!) { addServer(input: { group: $g, address: $a }) { userErrors { message } } }',
      { g: group, a: network.address },
    );
    const slot = slotOfKey('k');
    expect(await settled(await move(slot, slot, group))).toMatchObject({ state: 'SUCCEEDED' });
    await work(server, network);
  } finally {
    await network.stop();
    await server.stop();
  }
}

/** Sends INCR of `k`, which does not arrive before the network delivers. */
async function holdUpIncr(client: RespClient, network: SlowNetwork): Promise<{ reply: Promise<string> }> {
  network.holdBack();
  const reply = client.ask('INCR', 'k');
  await until(() => network.heldBytes > 0, 'the command on its way');
  return { reply };
}

/** With a server that hung: the operation that had failed meanwhile succeeds, and the slot of `k` leaves the server. */
async function goOn(late: RedisServer, operation: string): Promise<void> {
  late.thaw();
  await resume(operation);
  expect(await settled(operation)).toMatchObject({ state: 'SUCCEEDED' });
  expect(await settled(await move(slotOfKey('k'), slotOfKey('k'), 1))).toMatchObject({ state: 'SUCCEEDED' });
}

/** What was held up reaches the server, which does nothing with it. */
async function deliverTooLate(network: SlowNetwork, late: RedisServer): Promise<void> {
  await network.deliver();
  const observer = await late.client();
  expect(await observer.ask('EXISTS', 'k')).toBe(':0');
}

interface ShownProxy {
  readonly name: string;
  readonly state: string;
  readonly workers: number;
  readonly pid: number;
  readonly sessions: number;
  readonly opsTotal: string;
  readonly errorsTotal: string;
  readonly latencyP99: number | null;
}

async function shown(): Promise<ShownProxy[]> {
  const fields = 'name state workers pid sessions opsTotal errorsTotal latencyP99';
  return (await member().run<{ proxies: ShownProxy[] }>(`{ proxies { ${fields} } }`)).proxies;
}

interface Statistics {
  readonly serverConnections: number;
  readonly slowLog: readonly { readonly id: string; readonly key: string | null }[];
}

async function statistics(): Promise<Statistics> {
  const { proxies } = await member().run<{ proxies: { statistics: Statistics }[] }>(
    '{ proxies { statistics { serverConnections slowLog { id key } } } }',
  );
  return proxies[0]!.statistics;
}

async function untilShown(state: string): Promise<void> {
  await until(async () => (await shown())[0]?.state === state, state);
}

describe('a proxy with workers', () => {
  test('shares its clients out evenly, and is one proxy in the API, with the sums of its workers', async () => {
    await setUp();
    const clients = await Promise.all(Array.from({ length: 20 }, () => connect()));
    const byWorker = new Map<number, number>();
    for (const { pid } of clients) byWorker.set(pid, (byWorker.get(pid) ?? 0) + 1);
    expect([...byWorker.keys()].sort()).toEqual(childrenOf(proxy.process.pid).sort());
    expect([...byWorker.values()]).toEqual([10, 10]);
    const ids = await Promise.all(clients.map(({ client }) => client.ask('CLIENT', 'ID')));
    expect(new Set(ids).size).toBe(20);
    for (const [i, { client }] of clients.entries()) {
      await client.ask('SET', `k${i}`, 'v');
      expect(await client.ask('MGET', 'k0', `k${i}`)).toBe('*2\r\n$1\r\nv\r\n$1\r\nv');
      expect(await client.ask('INCR', `k${i}`)).toMatch(/^-ERR value is not an integer/);
    }
    // INFO, CLIENT, SET, MGET, INCR of each client.
    // Latencies are those of the last seconds, cut off once a second.
    const isCounted = ({ opsTotal, latencyP99 }: { opsTotal: string; latencyP99: number | null }): boolean =>
      opsTotal === '100' && latencyP99 !== null;
    await until(async () => isCounted((await shown())[0]!), 'all requests counted');
    const [only, ...others] = await shown();
    expect(others).toEqual([]);
    expect(only).toMatchObject({ name: 'p1', state: 'ONLINE', workers: 2, pid: proxy.process.pid });
    expect(only).toMatchObject({ sessions: 20, errorsTotal: '20', latencyP99: expect.any(Number) });
    clients.forEach(({ client }) => client.close());
    await until(async () => (await shown())[0]!.sessions === 0, 'no session');
    expect((await shown())[0]!.opsTotal).toBe('100');
  });

  test('tells of the slow requests of all workers, also of one that has ended', async () => {
    await setUp('--slow-log-threshold', '100', '--slow-log-length', '3');
    const clients = await connectToEach();
    const [server] = cluster.servers;
    for (const key of ['a', 'b', 'c', 'd']) {
      const client = clients[key.charCodeAt(0) % WORKERS]!;
      server!.freeze();
      const reply = client.ask('SET', key, 'v');
      await new Promise((resolve) => setTimeout(resolve, 150));
      server!.thaw();
      await reply;
    }
    const wanted = [
      { id: '4', key: 'd' },
      { id: '3', key: 'c' },
      { id: '2', key: 'b' },
    ];
    await until(async () => (await statistics()).slowLog[0]?.id === '4', 'the last of them');
    expect((await statistics()).slowLog).toMatchObject(wanted);
    expect((await statistics()).serverConnections).toBeGreaterThanOrEqual(WORKERS);
    process.kill(workerPid(2)!, 'SIGKILL');
    await clients[1].closed;
    expect((await statistics()).slowLog).toMatchObject(wanted);
  });

  test('keeps the number of clients within its limit over all workers', async () => {
    await setUp('--max-clients', '3');
    const clients = await Promise.all([connect(), connect(), connect()]);
    const refused = await RespClient.connect(proxy.port);
    expect(String(await refused.read())).toBe('-ERR max number of clients reached\r\n');
    clients[0]!.client.close();
    await until(async () => {
      const next = await RespClient.connect(proxy.port);
      return (await next.ask('PING').catch(() => '')) === '+PONG';
    });
  });

  test('takes all of many clients that come at once', async () => {
    await setUp();
    const clients = await Promise.all(Array.from({ length: 400 }, () => RespClient.connect(proxy.port)));
    const replies = await Promise.all(clients.map((client) => client.ask('PING')));
    expect(replies.every((reply) => reply === '+PONG')).toBe(true);
    for (const client of clients) client.close();
  });

  test('still answers clients that close their side', async () => {
    await setUp();
    for (const client of await connectToEach()) {
      const reply = client.read();
      client.socket.end('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n');
      expect(String(await reply)).toBe('+OK\r\n');
      await client.closed;
    }
  });

  test('disconnects a client that sends POST, and its log says where the client is', async () => {
    await setUp();
    const client = await RespClient.connect(proxy.port);
    client.send('POST / HTTP/1.1\r\nSET pwned yes\r\n');
    await client.closed;
    await until(() => lines.some((line) => /Possible attack/.test(line) && /127\.0\.0\.1:\d+/.test(line)));
  });

  test('has no other process when it is asked for one worker', async () => {
    await setUp('--workers', '1');
    const { pid } = await connect();
    expect(pid).toBe(proxy.process.pid);
    expect(childrenOf(pid)).toEqual([]);
    expect(await shown()).toMatchObject([{ workers: 1 }]);
  });

  test.each(['1', '2'])('does not start when its port is in use: %s workers', async (workers) => {
    await setUp();
    const second = launchQuorate([
      ...['proxy', '--name', 'p2', '--listen', proxy.address, '--workers', workers],
      ...['--etcd', cluster.etcd.endpoints.join(','), '--secret-key', member().secretKey],
    ]);
    expect(await second.exited).toBe(1);
    expect(second.output).toContain(`Redis clients cannot be listened for at ${proxy.address}`);
    expect((await shown()).map(({ name }) => name)).toEqual(['p1']);
  });

  test('of which one hangs confirms no change, says which, and gives it no client meanwhile', async () => {
    await setUp();
    const [first] = await connectToEach();
    const hung = workerPid(2)!;
    freeze(hung);
    const id = await moveSome();
    const paused = await settled(id);
    expect(paused.state).toBe('PAUSED');
    expect(paused.error).toMatch(new RegExp(`p1 \\(worker 2 \\(process ${hung}\\): it does not answer\\)`));
    for (let i = 0; i < 10; i++) {
      const { pid } = await connect();
      expect(pid).toBe(workerPid(1));
    }
    expect(await first.ask('SET', 'k', 'v')).toBe('+OK');
    thaw(hung);
    await resume(id);
    expect(await settled(id)).toMatchObject({ state: 'SUCCEEDED' });
    await connectToEach();
  });

  test.each([1, 2])(
    'confirms a change when worker %i has no request under way by an older route',
    async (number) => {
      await setUp();
      await withSlowGroup(async (_, network) => {
        const client = (await connectToEach())[number - 1]!;
        expect(await client.ask('SET', 'k', '0')).toBe('+OK');
        const { reply } = await holdUpIncr(client, network);
        const id = await move(slotOfKey('k'), slotOfKey('k'), 1);
        const reason = `slot ${slotOfKey('k')}: ${network.address}[^;]* has not answered all requests in flight`;
        expect((await settled(id)).error).toMatch(
          new RegExp(`p1 \\(worker ${number} \\(process ${workerPid(number)}\\): ${reason}`),
        );
        await network.deliver();
        expect(await reply).toBe(':1');
        await resume(id);
        expect(await settled(id)).toMatchObject({ state: 'SUCCEEDED' });
        expect(await client.ask('GET', 'k')).toBe('$1\r\n1');
      });
    },
  );
});

describe('a worker that is killed', () => {
  test('is replaced; its clients are disconnected, those of others notice nothing, and what it did stays counted', async () => {
    await setUp();
    const [first, second] = await connectToEach();
    for (const client of [first, second]) await client.ask('SET', 'k', 'v');
    await until(async () => Number((await shown())[0]!.opsTotal) >= 4);
    const { opsTotal } = (await shown())[0]!;
    const victim = workerPid(2)!;
    process.kill(victim, 'SIGKILL');
    await second.closed;
    expect(await first.ask('GET', 'k')).toBe('$1\r\nv');
    await until(() => workerPid(2) !== undefined && workerPid(2) !== victim, 'a new worker 2');
    await connectToEach();
    expect(await settled(await moveSome())).toMatchObject({ state: 'SUCCEEDED' });
    await until(async () => BigInt((await shown())[0]!.opsTotal) > BigInt(opsTotal));
  });

  test('with a command under way holds up changes until the command cannot be executed any more', async () => {
    await setUp();
    await withSlowGroup(async (late, network) => {
      const [, client] = await connectToEach();
      expect(await client.ask('SET', 'k', '0')).toBe('+OK');
      const [connection, ...others] = await namedConnections(late, 'set');
      expect(others).toEqual([]);
      const { reply } = await holdUpIncr(client, network);
      reply.catch(() => undefined);
      // The server hangs, so that nothing can be cut there, and still has the connection.
      late.freeze();
      process.kill(workerPid(2)!, 'SIGKILL');
      await client.closed;
      // Of other servers: the operation itself could not begin at one that hangs.
      const other = await moveSome();
      expect((await settled(other)).error).toMatch(
        /p1 \(it (has not yet cut|cannot cut) the connections of worker 2 \(process \d+\)/,
      );
      await goOn(late, other);
      expect(await namedConnections(late)).not.toContain(connection);
      await deliverTooLate(network, late);
      const [again] = await connectToEach();
      expect(await again.ask('GET', 'k')).toBe('$1\r\n0');
    });
  });

  test('while it hangs closes the clients that it was given and never took', async () => {
    await setUp();
    const victim = workerPid(2)!;
    freeze(victim);
    const clients = await Promise.all(Array.from({ length: 8 }, () => RespClient.connect(proxy.port)));
    const answers = clients.map((client) => client.ask('PING').catch(() => 'closed'));
    process.kill(victim, 'SIGKILL');
    for (const answer of await Promise.all(answers)) expect(['+PONG', 'closed']).toContain(answer);
  });
});

describe('the process that started the workers', () => {
  test('is fenced with all of them: while it hangs they open nothing, and its return does not change that', async () => {
    await setUp();
    const clients = await connectToEach();
    for (const client of clients) await client.ask('SET', 'k', 'v');
    const [source] = cluster.servers;
    expect((await namedConnections(source!)).length).toBeGreaterThanOrEqual(WORKERS);
    proxy.process.signal('SIGSTOP');
    await untilShown('UNREACHABLE');
    await setState('FENCED');
    expect(await namedConnections(source!)).toEqual([]);
    for (const client of clients) {
      await until(
        async () => /^-ERR quorate: .*no live session/.test(await client.ask('SET', 'k', 'late')),
        'refusal',
      );
    }
    expect(await namedConnections(source!)).toEqual([]);
    expect(await settled(await moveSome())).toMatchObject({ state: 'SUCCEEDED' });
    proxy.process.signal('SIGCONT');
    for (const client of clients) await client.closed;
    await untilShown('FENCED');
    expect(await namedConnections(source!)).toEqual([]);
    await setState('ONLINE');
    await untilServing();
    await connectToEach();
    expect(await (await connect()).client.ask('GET', 'k')).toBe('$1\r\nv');
  });

  test('takes them with it when it is killed, and its successor confirms nothing before it has cut off their commands', async () => {
    await setUp();
    await withSlowGroup(async (late, network) => {
      const [, client] = await connectToEach();
      expect(await client.ask('SET', 'k', '0')).toBe('+OK');
      const { reply } = await holdUpIncr(client, network);
      reply.catch(() => undefined);
      late.freeze();
      const pids = childrenOf(proxy.process.pid);
      expect(pids).toHaveLength(WORKERS);
      proxy.process.signal('SIGKILL');
      await until(() => !pids.some(isRunning), 'no worker is left');
      await startProxy(proxy.port);
      const other = await moveSome();
      expect((await settled(other)).error).toMatch(
        /p1 \(it (has not yet cut|cannot cut) the connections of its predecessor/,
      );
      await goOn(late, other);
      await deliverTooLate(network, late);
      for (const again of await connectToEach()) expect(await again.ask('GET', 'k')).toBe('$1\r\n0');
    });
  });

  test('when it is killed leaves a worker that hangs without the right to do anything', async () => {
    await setUp();
    const clients = await connectToEach();
    for (const client of clients) await client.ask('SET', 'k', 'v');
    const hung = workerPid(2)!;
    freeze(hung);
    proxy.process.signal('SIGKILL');
    await untilShown('UNREACHABLE');
    await removeProxy();
    expect(await namedConnections(cluster.servers[0]!)).toEqual([]);
    expect(await settled(await moveSome())).toMatchObject({ state: 'SUCCEEDED' });
    thaw(hung);
    await until(() => !isRunning(hung), 'the worker has ended');
    expect(await namedConnections(cluster.servers[0]!)).toEqual([]);
  });

  test('stops with all of them when it is asked to, after their requests are answered', async () => {
    await setUp();
    const clients = await connectToEach();
    const pids = childrenOf(proxy.process.pid);
    for (const client of clients) await client.ask('SET', 'k', '0');
    cluster.servers[0]!.freeze();
    const replies = clients.map((client) => client.ask('INCR', 'k'));
    for (const pid of pids) process.kill(pid, 'SIGTERM');
    const ended = proxy.stop();
    await until(
      async () =>
        RespClient.connect(proxy.port).then(
          (c) => (c.close(), false),
          () => true,
        ),
      'closed',
    );
    cluster.servers[0]!.thaw();
    expect((await Promise.all(replies)).sort()).toEqual([':1', ':2']);
    expect(await ended).toBe(0);
    expect(pids.filter(isRunning)).toEqual([]);
    expect(await shown()).toEqual([]);
  });

  test('stops in time and leaves the cluster although a worker hangs, once that has been cut off', async () => {
    await setUp();
    for (const client of await connectToEach()) await client.ask('SET', 'k', '0');
    const hung = workerPid(2)!;
    freeze(hung);
    expect(await proxy.stop()).toBe(0);
    expect(isRunning(hung)).toBe(false);
    expect(await shown()).toEqual([]);
    expect(await namedConnections(cluster.servers[0]!)).toEqual([]);
  });

  test('stays in the cluster when it is stopped with commands under way that cannot be cut off', async () => {
    await setUp();
    const clients = await connectToEach();
    for (const client of clients) await client.ask('SET', 'k', '0');
    cluster.servers[0]!.freeze();
    for (const client of clients) client.ask('INCR', 'k').catch(() => undefined);
    expect(await proxy.stop()).toBe(0);
    expect(await shown()).toMatchObject([{ name: 'p1', state: 'UNREACHABLE' }]);
    cluster.servers[0]!.thaw();
    expect((await settled(await moveSome())).error).toMatch(/p1/);
  });

  test('is taken offline and brought back with all of them', async () => {
    await setUp();
    const clients = await connectToEach();
    await setState('OFFLINE');
    for (const client of clients) await client.closed;
    expect(childrenOf(proxy.process.pid)).toEqual([]);
    await setState('ONLINE');
    await untilServing();
    await connectToEach();
  });
});
