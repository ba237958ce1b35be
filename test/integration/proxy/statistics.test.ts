import { afterAll, beforeAll, expect, test } from 'vitest';
import { slotOfKey } from '../../../src/redis/key-slot.js';
import type { ProxyStatistics } from '../../harness/generated/answers.js';
import { startShardedRedis, type ShardedRedis } from '../../harness/servers/sharded-redis.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { RespClient } from '../../harness/servers/redis-client.js';
import { RedisServer } from '../../harness/servers/redis.js';

const STATISTICS = `statistics {
  sessionsTotal sessionsRefused heldSessions inFlight serverConnections proxyErrors serverErrors
  commands { name calls } latency { upToMs count }
  slowLog { id at durationMs command key slot server failed }
}`;

let cluster: ShardedRedis;

beforeAll(async () => {
  cluster = await startShardedRedis({
    groups: 2,
    proxies: 1,
    proxyArgs: ['--slow-log-threshold', '100', '--slow-log-length', '2', '--max-clients', '2'],
  });
});

afterAll(() => cluster?.stop());

async function statistics(): Promise<ProxyStatistics> {
  const { proxies } = await cluster.members[0]!.run(`{ proxies { ${STATISTICS} } }`);
  return proxies[0]!.statistics!;
}

test('a proxy tells of its clients, commands, errors, latencies and slow requests', async () => {
  const { port } = cluster.proxies[0]!;
  const [client, second] = [await RespClient.connect(port), await RespClient.connect(port)];
  await client.ask('SET', 'k', 'text');
  await client.ask('GET', 'k');
  await client.ask('GET', 'k');
  expect(await client.ask('INCR', 'k')).toMatch(/^-ERR value is not an integer/);
  expect(await client.ask('KEYS', '*')).toMatch(/^-ERR quorate/);
  const third = await RespClient.connect(port);
  expect(String(await third.read())).toMatch(/max number of clients/);

  const seen = await statistics();
  expect(seen).toMatchObject({
    sessionsTotal: '2',
    sessionsRefused: '1',
    heldSessions: 0,
    inFlight: 0,
    serverConnections: 1,
    proxyErrors: '1',
    serverErrors: '1',
    slowLog: [],
  });
  expect(seen.commands).toContainEqual({ name: 'get', calls: '2' });
  expect(seen.commands).toContainEqual({ name: 'keys', calls: '1' });
  expect(seen.commands[0]).toEqual({ name: 'get', calls: '2' });
  const answered = seen.latency.reduce((sum, { count }: { count: string }) => sum + Number(count), 0);
  expect(answered).toBe(4);

  const slowKey = `{k}:${'long'.repeat(20)}`;
  const server = cluster.servers[Math.floor(slotOfKey('k') / 512)]!;
  for (const ask of [
    () => client.ask('SET', 'k', '1'),
    () => client.ask('INCRBY', 'k', 'x'),
    () => second.ask('GET', slowKey),
  ]) {
    server.freeze();
    const reply = ask();
    await new Promise((resolve) => setTimeout(resolve, 150));
    server.thaw();
    await reply;
  }
  const { slowLog } = await statistics();
  expect(slowLog).toEqual([
    {
      id: '3',
      at: expect.any(String),
      durationMs: expect.any(Number),
      command: 'get',
      key: `${slowKey.slice(0, 32)}… (${slowKey.length} bytes)`,
      slot: slotOfKey('k'),
      server: server.address,
      failed: false,
    },
    expect.objectContaining({ id: '2', command: 'incrby', key: 'k', failed: true }),
  ]);
  expect(slowLog.every(({ durationMs }: { durationMs: number }) => durationMs >= 100)).toBe(true);
  for (const each of [client, second, third]) each.close();
});

test('what a proxy that does not answer has done is not known', async () => {
  cluster.proxies[0]!.process.signal('SIGSTOP');
  expect(await statistics()).toBeNull();
  cluster.proxies[0]!.process.signal('SIGCONT');
  await expect.poll(statistics, { timeout: 10_000 }).not.toBeNull();
});

test('a proxy inside a member tells the same', async () => {
  const [member, server] = await Promise.all([QuorateMember.start({ proxy: true }), RedisServer.start()]);
  await member.run(
    `mutation {
      createGroup(input: { number: 1 }) { userErrors { message } }
      addServer(input: { group: 1, address: "${server.address}" }) { userErrors { message } }
      initSlots { userErrors { message } }
      assignSlots(input: { from: 0, to: 1023, group: 1 }) { userErrors { message } }
    }`,
  );
  const client = await RespClient.connect(member.proxyPort!);
  await client.ask('PING');
  const { proxies } = await member.run(`{ proxies { ${STATISTICS} } }`);
  expect(proxies[0]!.statistics).toMatchObject({
    sessionsTotal: '1',
    commands: [{ name: 'ping', calls: '1' }],
  });
  client.close();
  await member.stop();
  await server.stop();
});
