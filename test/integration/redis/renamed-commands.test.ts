import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { RedisServer } from '../../harness/servers/redis.js';

const PASSWORD = 'the-password-of-the-target';

let member: QuorateMember;
let servers: RedisServer[];

beforeAll(async () => {
  [member, ...servers] = await Promise.all([
    QuorateMember.start({ proxy: true }),
    RedisServer.start({ args: ['--rename-command', 'MIGRATE', ''] }),
    RedisServer.start({ password: PASSWORD }),
    RedisServer.start({ args: ['--rename-command', 'CONFIG', ''] }),
  ]);
});

afterAll(async () => {
  await Promise.all([member?.stop(), ...(servers ?? []).map((server) => server.stop())]);
});

test('a server that does not know MIGRATE or CONFIG repeats our arguments, and no password among them reaches anybody', async () => {
  const [source, target, replica] = servers as [RedisServer, RedisServer, RedisServer];
  for (const number of [1, 2]) {
    await member.run(
      'mutation ($n: Int!) { createGroup(input: { number: $n }) { userErrors { message } } }',
      {
        n: number,
      },
    );
  }
  const add =
    'mutation ($g: Int!, $a: String!, $p: String) { addServer(input: { group: $g, address: $a, password: $p }) { userErrors { code message } } }';
  await member.run(add, { g: 1, a: source.address });
  await member.run(add, { g: 2, a: target.address, p: PASSWORD });
  const refused = await member.ask(add, { g: 2, a: replica.address });
  expect(refused.data!.addServer.userErrors).toEqual([
    { code: 'UNREACHABLE', message: expect.stringContaining('unknown command') },
  ]);
  await member.run(
    'mutation { initSlots { userErrors { message } } assignSlots(input: { from: 0, to: 1023, group: 1 }) { userErrors { message } } }',
  );
  const client = new Redis(member.proxyPort as number);
  await client.set('key', 'value');

  const move = await member.ask(
    'mutation { moveSlots(input: { from: 0, to: 1023, targetGroup: 2 }) { operation { id } userErrors { code message } } }',
  );
  expect(move.data!.moveSlots).toEqual({
    operation: null,
    userErrors: [{ code: 'PRECONDITION_FAILED', message: expect.stringContaining('unknown command') }],
  });
  const reply = await client.get('key');
  expect(reply).toBe('value');
  client.disconnect();

  const feed = await member.ask(
    '{ actions(first: 500) { nodes { description } } cluster { problems { message } } }',
  );
  for (const shown of [refused, move, feed, reply, member.process.output]) {
    expect(JSON.stringify(shown)).not.toContain(PASSWORD);
  }
});
