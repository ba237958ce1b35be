import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { slotOfKey } from '../../../src/redis/key-slot.js';
import { moveOutcome, startMove } from '../../support/moves.js';
import { QuorateMember } from '../../support/quorate.js';
import { RedisServer } from '../../support/redis.js';

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
  const { slotRanges } = await member.run<any>('{ slotRanges { from to status group { number } } }');
  expect(slotRanges).toEqual([{ from: 0, to: 1023, status: 'ONLINE', group: { number: 1 } }]);

  await client.del('big:hash');
  const { setMigrationLimits } = await member.run<any>(
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
