import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { slotOfKey } from '../../../src/redis/key-slot.js';
import { moveOutcome, startMove } from '../../harness/servers/moves.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { RedisServer } from '../../harness/servers/redis.js';

let member: QuorateMember;
let servers: RedisServer[];

beforeAll(async () => {
  [member, ...servers] = await Promise.all([
    QuorateMember.start({ proxy: true }),
    RedisServer.start(),
    RedisServer.start(),
  ]);
  for (const [index, server] of servers.entries()) {
    await member.run(
      `mutation { createGroup(input: { number: ${index + 1} }) { userErrors { message } } addServer(input: { group: ${index + 1}, address: "${server.address}" }) { userErrors { message } } }`,
    );
  }
  await member.run(
    'mutation { initSlots { userErrors { message } } assignSlots(input: { from: 0, to: 1023, group: 1 }) { userErrors { message } } }',
  );
});

afterAll(async () => {
  await Promise.all([member?.stop(), ...(servers ?? []).map((server) => server.stop())]);
});

test('keys of a million fields and of 200 MB pause a move before anything of it begins, by name', async () => {
  const [client, atSource] = [member.proxyPort!, servers[0]!.port].map(
    (port) => new Redis({ port, retryStrategy: () => null }),
  ) as [Redis, Redis];
  const fieldsPerCall = 20_000;
  for (let from = 0; from < 1_000_000; from += fieldsPerCall) {
    await atSource.eval(
      "for i = ARGV[1], ARGV[2] do redis.call('HSET', KEYS[1], 'field:' .. i, 'value:' .. i) end",
      1,
      'big:hash',
      from,
      from + fieldsPerCall - 1,
    );
  }
  await client.setrange('big:string', 200 * 2 ** 20 - 1, 'x');
  for (let i = 0; i < 200; i++) await client.set(`small:${i}`, `value ${i}`);

  const id = await startMove(member, 'from: 0, to: 1023, targetGroup: 2');
  const { error } = await moveOutcome(member, id);
  expect(error).toMatch(/^2 keys of .* larger than maxKeyBytes \(16 MiB\)/);
  expect(error).toMatch(
    new RegExp(`"big:hash" \\(database 0, slot ${slotOfKey('big:hash')}, [\\d.]+ MiB\\)`),
  );
  expect(error).toMatch(
    new RegExp(`"big:string" \\(database 0, slot ${slotOfKey('big:string')}, [\\d.]+ MiB\\)`),
  );
  const { slotRanges } = await member.run('{ slotRanges { from to status group { number } } }');
  expect(slotRanges).toEqual([{ from: 0, to: 1023, status: 'ONLINE', group: { number: 1 } }]);

  await client.del('big:hash');
  const { setMigrationLimits } = await member.run(
    `mutation { setMigrationLimits(input: { maxKeyBytes: "${512 * 2 ** 20}" }) { limits { maxKeyBytes } userErrors { message } } }`,
  );
  expect(setMigrationLimits.limits).toEqual({ maxKeyBytes: String(512 * 2 ** 20) });
  await member.run('mutation ($id: ID!) { resumeOperation(input: { id: $id }) { userErrors { message } } }', {
    id,
  });
  expect(await moveOutcome(member, id)).toMatchObject({ state: 'SUCCEEDED', error: null });
  expect(await client.strlen('big:string')).toBe(200 * 2 ** 20);
  expect(await client.get('small:7')).toBe('value 7');
  expect(await atSource.dbsize()).toBe(0);
  client.disconnect();
  atSource.disconnect();
});

/** Each of ten thousand small elements and one large one, of which MEMORY USAGE by itself sees nothing. */
const UNEVEN: Readonly<Record<string, string>> = {
  hash: "redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])",
  set: "redis.call('SADD', KEYS[1], ARGV[1] .. ARGV[2])",
  zset: "redis.call('ZADD', KEYS[1], 1, ARGV[1] .. ARGV[2])",
  list: "redis.call('RPUSH', KEYS[1], ARGV[1] .. ARGV[2])",
  stream: "redis.call('XADD', KEYS[1], '*', ARGV[1], ARGV[2])",
};

test('one large element among many small ones does not slip past, in whatever kind of collection', async () => {
  // The test before has moved everything there.
  const atSource = new Redis(servers[1]!.port);
  await atSource.flushall();
  await atSource.select(1);
  for (const [name, add] of Object.entries(UNEVEN)) {
    const script = `for i = 1, tonumber(ARGV[3]) do
      local large = i == 5000
      local element = function(at, n) ARGV[at] = n end
      element(1, tostring(i))
      element(2, large and string.rep('x', 40 * 1024 * 1024) or '')
      ${add}
    end`;
    await atSource.eval(script, 1, `uneven:${name}`, '', '', 10_000);
  }
  await setMaxKeyBytes(16 * 2 ** 20);
  const id = await startMove(member, 'from: 0, to: 1023, targetGroup: 1');
  const { error } = await moveOutcome(member, id);
  for (const name of Object.keys(UNEVEN)) {
    const [, amount] = new RegExp(`"uneven:${name}" \\(database 1, slot \\d+, ([\\d.]+) MiB\\)`).exec(
      error!,
    )!;
    expect(Number(amount)).toBeGreaterThanOrEqual(40);
  }
  await setMaxKeyBytes(300);
  await member.run('mutation ($id: ID!) { resumeOperation(input: { id: $id }) { userErrors { message } } }', {
    id,
  });
  expect((await moveOutcome(member, id)).error).toContain('larger than maxKeyBytes (300 bytes)');
  await member.run('mutation ($id: ID!) { cancelOperation(input: { id: $id }) { userErrors { message } } }', {
    id,
  });
  atSource.disconnect();
});

async function setMaxKeyBytes(bytes: number): Promise<void> {
  const { setMigrationLimits } = await member.run(
    `mutation { setMigrationLimits(input: { maxKeyBytes: "${bytes}" }) { userErrors { message } } }`,
  );
  expect(setMigrationLimits.userErrors).toEqual([]);
}
