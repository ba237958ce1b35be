import { afterAll, beforeAll, expect, test } from 'vitest';
import { slotOfKey } from '../../../src/redis/key-slot.js';
import type { ProxyStatistics, Statistics } from '../../harness/generated/answers.js';
import { startShardedRedis, type ShardedRedis } from '../../harness/servers/sharded-redis.js';
import { RespClient } from '../../harness/servers/redis-client.js';

let cluster: ShardedRedis;

beforeAll(async () => {
  const proxyArgs = ['--slow-log-threshold', '100'];
  cluster = await startShardedRedis({ groups: 2, proxies: 1, proxyArgs });
});

afterAll(() => cluster?.stop());

/** Proxies look once a second, and members ask once a second. */
const SOON = { timeout: 10_000 };
/** And ten seconds are forgotten when they are over. */
const LATER = { timeout: 30_000 };

const ANSWERS = `windowSeconds stale requestsPerSecond errorsPerSecond { kind perSecond }
  latency { samples percentiles(of: [50, 99]) { valueMs } buckets { upToMs count } }`;

async function statistics(): Promise<ProxyStatistics> {
  const fields = `sessionsTotal proxyErrors serverErrors commands { name calls } slowLog { id command }`;
  return (await cluster.members[0]!.run(`{ proxies { statistics { ${fields} } } }`)).proxies[0]!.statistics!;
}

async function answers(): Promise<{
  cluster: Statistics;
  proxy: Statistics;
  servers: Map<string, Statistics>;
}> {
  const data = await cluster.members[0]!.run(`{
    cluster { windowed { ${ANSWERS} } }
    proxies { windowed { ${ANSWERS} } }
    groups { servers { address statistics { ${ANSWERS} } } }
  }`);
  const servers = data.groups.flatMap((group) => group.servers);
  return {
    cluster: data.cluster.windowed!,
    proxy: data.proxies[0]!.windowed!,
    servers: new Map(servers.map((server) => [server.address, server.statistics!])),
  };
}

function kindsOf({ errorsPerSecond }: Statistics): string[] {
  return errorsPerSecond.filter(({ perSecond }) => perSecond > 0).map(({ kind }) => kind);
}

test('errors of the last seconds are told by kind: of the cluster, the proxy, and the server that is to blame', async () => {
  const client = await RespClient.connect(cluster.proxies[0]!.port);
  const server = cluster.servers[Math.floor(slotOfKey('full') / 512)]!;
  const other = cluster.servers.find((each) => each !== server)!;
  const direct = await RespClient.connect(server.port);
  await direct.ask('CONFIG', 'SET', 'maxmemory', '1');
  expect(await client.ask('SET', 'full', 'x')).toMatch(/^-OOM/);
  await direct.ask('CONFIG', 'SET', 'maxmemory', '0');
  expect(await client.ask('MSETNX', 'a', '1', 'b', '2')).toMatch(/^-CROSSSLOT/);
  await expect.poll(async () => kindsOf((await answers()).proxy), SOON).toEqual(['OOM', 'CROSSSLOT']);
  const seen = await answers();
  expect(kindsOf(seen.cluster)).toEqual(['OOM', 'CROSSSLOT']);
  expect(kindsOf(seen.servers.get(server.address)!)).toEqual(['OOM']);
  expect(seen.servers.get(other.address)?.errorsPerSecond ?? []).toEqual([]);
  // And are forgotten ten seconds later, when there are no others.
  await expect.poll(async () => kindsOf((await answers()).cluster), LATER).toEqual([]);
  for (const each of [client, direct]) each.close();
});

test('percentiles are of the last seconds, whatever was before them', async () => {
  const client = await RespClient.connect(cluster.proxies[0]!.port);
  for (let i = 0; i < 2_000; i++) await client.ask('GET', 'k');
  const samples = async (): Promise<number> => Number((await answers()).proxy.latency.samples);
  await expect.poll(samples, SOON).toBeGreaterThan(0);
  await expect.poll(samples, LATER).toBe(0);
  const server = cluster.servers[Math.floor(slotOfKey('k') / 512)]!;
  server.freeze();
  const stalled = client.ask('GET', 'k');
  await new Promise((resolve) => setTimeout(resolve, 300));
  server.thaw();
  await stalled;
  await expect
    .poll(async () => (await answers()).cluster.latency.percentiles[1]!.valueMs ?? 0, SOON)
    .toBeGreaterThanOrEqual(250);
  client.close();
});

test('a server without room for another connection is told as that, and a proxy that does not answer has stale statistics', async () => {
  const [proxy, server] = [cluster.proxies[0]!, cluster.servers[Math.floor(slotOfKey('k') / 512)]!];
  const client = await RespClient.connect(proxy.port);
  const direct = await RespClient.connect(server.port);
  await direct.ask('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await direct.ask('CONFIG', 'SET', 'maxclients', '1');
  await expect.poll(() => client.ask('SET', 'k', 'x'), SOON).toMatch(/max number of clients/);
  await direct.ask('CONFIG', 'SET', 'maxclients', '1000');
  await expect
    .poll(async () => kindsOf((await answers()).servers.get(server.address)!), SOON)
    .toContain('MAXCLIENTS');
  expect((await answers()).proxy.stale).toBe(false);
  proxy.process.signal('SIGSTOP');
  await expect.poll(async () => (await answers()).proxy.stale, SOON).toBe(true);
  expect((await answers()).cluster).toBeNull();
  proxy.process.signal('SIGCONT');
  await expect.poll(async () => (await answers()).proxy.stale, SOON).toBe(false);
  for (const each of [client, direct]) each.close();
});

test('what a proxy has counted outlives its being set offline', async () => {
  const [member] = cluster.members;
  const set = async (state: string): Promise<void> => {
    const { setProxyState } = await member!.run(
      `mutation { setProxyState(input: { name: "p1", state: ${state} }) { userErrors { message } } }`,
    );
    expect(setProxyState.userErrors).toEqual([]);
  };
  const before = await statistics();
  await set('OFFLINE');
  await expect
    .poll(async () => (await member!.run('{ proxies { state } }')).proxies[0]!.state, SOON)
    .toBe('OFFLINE');
  await set('ONLINE');
  await expect
    .poll(async () => {
      const client = await RespClient.connect(cluster.proxies[0]!.port).catch(() => null);
      client?.close();
      return client !== null;
    }, SOON)
    .toBe(true);
  const after = await statistics();
  expect(Number(after.sessionsTotal)).toBeGreaterThan(Number(before.sessionsTotal));
  for (const name of ['proxyErrors', 'serverErrors'] as const)
    expect(Number(after[name])).toBeGreaterThanOrEqual(Number(before[name]));
  expect(after.commands.find(({ name }) => name === 'get')!.calls).toBe(
    before.commands.find(({ name }) => name === 'get')!.calls,
  );
  expect(before.slowLog).not.toEqual([]);
  expect(after.slowLog).toEqual(before.slowLog);
});
