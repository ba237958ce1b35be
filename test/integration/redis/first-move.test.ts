import { afterAll, beforeAll, expect, test } from 'vitest';
import { Redis } from 'ioredis';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { RedisServer } from '../../harness/servers/redis.js';

/** The way of a new user: one process, two Redis servers, keys through the proxy, half of the slots moved. */
let member: QuorateMember;
let servers: RedisServer[];

beforeAll(async () => {
  [member, ...servers] = await Promise.all([
    QuorateMember.start({ proxy: true }),
    RedisServer.start(),
    RedisServer.start({ password: 'secret of the second' }),
  ]);
});

afterAll(async () => {
  await Promise.all([member?.stop(), ...(servers ?? []).map((server) => server.stop())]);
});

test('half of the slots move through one process with the embedded coordinator, followed by subscription', async () => {
  const [first, second] = servers as [RedisServer, RedisServer];
  await member.run(
    'mutation { a: createGroup(input: {number: 1}) { userErrors { message } } b: createGroup(input: {number: 2}) { userErrors { message } } }',
  );
  const add =
    'mutation ($g: Int!, $a: String!, $p: String) { addServer(input: {group: $g, address: $a, password: $p}) { userErrors { code path message } group { servers { address role } } } }';
  await member.run(add, { g: 1, a: first.address });
  await member.run(add, { g: 2, a: second.address, p: second.password });
  await member.run('mutation { initSlots { userErrors { message } } }');
  await member.run(
    'mutation { assignSlots(input: {from: 0, to: 1023, group: 1}) { userErrors { message } } }',
  );

  const client = new Redis(member.proxyPort as number);
  for (let i = 0; i < 2_000; i++) await client.set(`key:${i}`, `value ${i}`);

  const started = await member.run<{ moveSlots: { operation: { id: string }; plan: unknown[] } }>(
    'mutation { moveSlots(input: {from: 0, to: 511, targetGroup: 2}) { userErrors { message } operation { id } plan { slot fromGroup toGroup } } }',
  );
  expect(started.moveSlots.plan).toHaveLength(512);
  const events = await member.follow<{
    operationProgress: { state: string; done: string; error: string | null };
  }>(
    'subscription ($id: ID) { operationProgress(id: $id) { state done total error } }',
    ({ operationProgress }) => !['PENDING', 'RUNNING'].includes(operationProgress.state),
    { id: started.moveSlots.operation.id },
  );
  const last = events[events.length - 1]?.operationProgress;
  expect(last).toMatchObject({ state: 'SUCCEEDED', error: null });
  for (let i = 0; i < 2_000; i++) expect(await client.get(`key:${i}`)).toBe(`value ${i}`);
  client.disconnect();

  const counts = await Promise.all(
    servers.map(async (server) => {
      const direct = new Redis({
        port: server.port,
        ...(server.password !== null && { password: server.password }),
      });
      return direct.dbsize().finally(() => direct.disconnect());
    }),
  );
  expect(counts.reduce((a, b) => a + b)).toBe(2_000);
  expect(Math.min(...counts)).toBeGreaterThan(500);
  const { slotRanges } = await member.run<{ slotRanges: unknown[] }>(
    '{ slotRanges { from to status group { number } } }',
  );
  expect(slotRanges).toEqual([
    { from: 0, to: 511, status: 'ONLINE', group: { number: 2 } },
    { from: 512, to: 1023, status: 'ONLINE', group: { number: 1 } },
  ]);
});
