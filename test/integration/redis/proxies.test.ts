import { once } from 'node:events';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CheckingClients } from '../../harness/checkers/checking-clients.js';
import { change, moveOutcome, startMove } from '../../harness/servers/moves.js';
import { QuorateProxy } from '../../harness/servers/quorate.js';
import { checkPlacement, startShardedRedis, type ShardedRedis } from '../../harness/servers/sharded-redis.js';

let cluster: ShardedRedis;

beforeAll(async () => {
  cluster = await startShardedRedis({
    groups: 2,
    proxies: 2,
    assignTo: [1],
    memberArgs: ['--barrier-timeout', '1500'],
    proxyArgs: ['--session-ttl', '2000'],
  });
});

afterAll(() => cluster?.stop());

const member = () => cluster.members[0]!;

function move(from: number, to: number, targetGroup: number): Promise<string> {
  return startMove(member(), `from: ${from}, to: ${to}, targetGroup: ${targetGroup}`);
}

async function proxyStates(): Promise<Record<string, string>> {
  const { proxies } = await member().run<{ proxies: { name: string; state: string }[] }>(
    '{ proxies { name state } }',
  );
  return Object.fromEntries(proxies.map(({ name, state }) => [name, state]));
}

async function untilProxyIs(name: string, state: string): Promise<void> {
  await member().follow<{ proxyStatus: { name: string; state: string } }>(
    'subscription ($n: String) { proxyStatus(name: $n) { name state } }',
    ({ proxyStatus }) => proxyStatus.state === state,
    { n: name },
  );
}

async function slotStatuses(): Promise<string[]> {
  const { slots } = await member().run<{ slots: { status: string; group: { number: number } }[] }>(
    '{ slots { status group { number } } }',
  );
  return [...new Set(slots.map((slot) => `${slot.status} ${slot.group.number}`))];
}

describe('a proxy that does not listen yet', () => {
  test('is STARTING, not ONLINE, and says why it cannot serve', async () => {
    const set = (state: string) =>
      member().run(
        `mutation { setProxyState(input: { name: "p2", state: ${state} }) { userErrors { message } } }`,
      );
    await set('OFFLINE');
    await untilProxyIs('p2', 'OFFLINE');
    // Somebody else has taken its port meanwhile.
    const other = createServer().listen(cluster.proxies[1]!.port, '127.0.0.1');
    await once(other, 'listening');
    await set('ONLINE');
    await untilProxyIs('p2', 'STARTING');
    await expect
      .poll(
        async () => JSON.stringify((await member().run('{ cluster { problems { message } } }')).cluster),
        {
          timeout: 10_000,
        },
      )
      .toMatch(/it cannot serve clients: .*in use/);
    expect((await proxyStates())['p2']).toBe('STARTING');
    other.close();
    await once(other, 'close');
    await set('OFFLINE');
    await untilProxyIs('p2', 'OFFLINE');
    await set('ONLINE');
    // Whoever is told that it is ONLINE can connect.
    await untilProxyIs('p2', 'ONLINE');
    const client = new Redis(cluster.proxies[1]!.port, '127.0.0.1', { retryStrategy: null });
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
    const { proxies } = await member().run('{ proxies { appliedRevision } }');
    for (const { appliedRevision } of proxies) expect(appliedRevision).not.toBe('0');
  });
});

describe('a proxy of the cluster', () => {
  test('confirms every change of the topology with a receipt', async () => {
    await member().run(
      'mutation { setReplicaReads(input: { group: 1, enabled: true }) { userErrors { message } } }',
    );
    const action = async () =>
      (
        await member().run<{
          actions: { nodes: { receivers: { proxy: string; confirmedAt: string | null }[] }[] };
        }>('{ actions(types: [GROUP_CHANGED]) { nodes { receivers { proxy confirmedAt } } } }')
      ).actions.nodes.pop()!;
    await expect.poll(async () => (await action()).receivers.every((r) => r.confirmedAt !== null)).toBe(true);
    expect((await action()).receivers.map((receipt) => receipt.proxy)).toEqual(['p1', 'p2']);
  });

  test('that hangs stops the move, not the traffic: slots go back, the reason names it, resuming finishes', async () => {
    const [first, second] = cluster.proxies as [QuorateProxy, QuorateProxy];
    const clients = new CheckingClients([first.port], 4);
    await clients.start();
    second.process.signal('SIGSTOP');
    const id = await move(0, 99, 2);
    const paused = await moveOutcome(member(), id);
    expect(paused.error).toMatch(/p2/);
    expect(paused.error).not.toMatch(/p1/);
    expect(await slotStatuses()).toEqual(['ONLINE 1']);
    const { cluster: shown } = await member().run<{
      cluster: { health: string; problems: { subject: string }[] };
    }>('{ cluster { health problems { subject message } } }');
    expect(shown.problems.map((problem) => problem.subject)).toContain(`operation/${id}`);

    second.process.signal('SIGCONT');
    await untilProxyIs('p2', 'ONLINE');
    await change(member(), `resumeOperation(input: { id: "${id}" })`);
    expect(await moveOutcome(member(), id)).toMatchObject({ state: 'SUCCEEDED' });
    const report = await clients.stop();
    expect(report.wrong).toEqual([]);
    expect(report.failed).toEqual([]);
    await checkPlacement(cluster, member());
  }, 60_000);

  test('that was killed blocks moves until it is removed with force, or comes back under its name', async () => {
    const [, second] = cluster.proxies as [QuorateProxy, QuorateProxy];
    await second.kill();
    await untilProxyIs('p2', 'UNREACHABLE');
    const id = await move(100, 199, 2);
    expect((await moveOutcome(member(), id)).error).toMatch(
      /p2 \(its session with the coordinator is lost\)/,
    );

    const { data } = await member().ask<{ removeProxy: { userErrors: { code: string }[] } }>(
      'mutation { removeProxy(input: { name: "p2" }) { userErrors { code message } } }',
    );
    expect(data?.removeProxy.userErrors.map((error) => error.code)).toEqual(['PRECONDITION_FAILED']);
    await member().run(
      'mutation { removeProxy(input: { name: "p2", force: true }) { userErrors { message } } }',
    );
    expect(await proxyStates()).toEqual({ p1: 'ONLINE' });
    await change(member(), `resumeOperation(input: { id: "${id}" })`);
    expect(await moveOutcome(member(), id)).toMatchObject({ state: 'SUCCEEDED' });

    cluster.proxies[1] = await QuorateProxy.start({
      name: 'p2',
      port: second.port,
      etcd: cluster.etcd.endpoints,
      secretKey: member().secretKey,
      args: ['--session-ttl', '2000'],
    });
    await cluster.proxies[1].kill();
    cluster.proxies[1] = await QuorateProxy.start({
      name: 'p2',
      port: second.port,
      etcd: cluster.etcd.endpoints,
      secretKey: member().secretKey,
      args: ['--session-ttl', '2000'],
    });
    const back = await move(200, 249, 2);
    expect(await moveOutcome(member(), back)).toMatchObject({ state: 'SUCCEEDED' });
  }, 60_000);

  test('that is taken offline closes its clients, lets moves pass, and serves again when asked to', async () => {
    const client = new Redis({ port: cluster.proxies[1]!.port, retryStrategy: () => null });
    client.on('error', () => undefined);
    await client.set('some', 'key');
    const closed = new Promise((resolve) => client.once('end', resolve));
    const set = (state: string) =>
      member().run(
        `mutation { setProxyState(input: { name: "p2", state: ${state} }) { proxy { state } userErrors { message } } }`,
      );
    await set('OFFLINE');
    await closed;
    expect(await proxyStates()).toEqual({ p1: 'ONLINE', p2: 'OFFLINE' });
    expect(await moveOutcome(member(), await move(250, 299, 2))).toMatchObject({ state: 'SUCCEEDED' });
    await set('ONLINE');
    await untilProxyIs('p2', 'ONLINE');
    const again = new Redis({ port: cluster.proxies[1]!.port });
    expect(await again.get('some')).toBe('key');
    again.disconnect();
  }, 60_000);

  test('that is marked offline stops by itself, without anybody waiting for it', async () => {
    const { setProxyState } = await member().run<{
      setProxyState: { proxy: { state: string }; userErrors: unknown[] };
    }>(
      'mutation { setProxyState(input: { name: "p2", state: MARK_OFFLINE }) { proxy { state } userErrors { message } } }',
    );
    expect(setProxyState.userErrors).toEqual([]);
    expect(['MARK_OFFLINE', 'OFFLINE']).toContain(setProxyState.proxy.state);
    await untilProxyIs('p2', 'OFFLINE');
    await change(member(), 'setProxyState(input: { name: "p2", state: ONLINE })');
    await untilProxyIs('p2', 'ONLINE');
  });

  test('in touch with the coordinator cannot be fenced', async () => {
    const { data } = await member().ask<{
      setProxyState: { userErrors: { code: string; message: string }[] };
    }>('mutation { setProxyState(input: { name: "p1", state: FENCED }) { userErrors { code message } } }');
    expect(data?.setProxyState.userErrors[0]).toMatchObject({ code: 'PRECONDITION_FAILED' });
    expect((await proxyStates())['p1']).toBe('ONLINE');
  }, 60_000);

  test('keeps routing while etcd is away, and changes work again when it is back', async () => {
    const clients = new CheckingClients(
      cluster.proxies.map((proxy) => proxy.port),
      4,
    );
    await clients.start();
    const before = clients.operationsSoFar;
    await cluster.etcd.first.kill();
    await expect
      .poll(async () => (await member().run('{ cluster { coordinator { reachable } health } }')).cluster, {
        timeout: 20_000,
      })
      .toMatchObject({ coordinator: { reachable: false }, health: 'DOWN' });
    await expect.poll(() => clients.operationsSoFar, { timeout: 20_000 }).toBeGreaterThan(before + 500);
    await cluster.etcd.first.start();
    await untilProxyIs('p1', 'ONLINE');
    await untilProxyIs('p2', 'ONLINE');
    await expect
      .poll(async () => (await fetch(`${member().url}/readyz`)).status, { timeout: 20_000 })
      .toBe(200);
    // As clients do that are answered NO_LEADER: whoever led may have lost that meanwhile.
    const id = await vi.waitFor(() => move(300, 349, 2), { timeout: 20_000, interval: 100 });
    expect(await moveOutcome(member(), id)).toMatchObject({ state: 'SUCCEEDED' });
    const report = await clients.stop();
    expect(report.wrong).toEqual([]);
    expect(report.failed).toEqual([]);
    await checkPlacement(cluster, member());
  }, 120_000);
});
