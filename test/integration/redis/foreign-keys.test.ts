import { afterAll, beforeAll, expect, test } from 'vitest';
import { slotOfKey } from '../../../src/redis/key-slot.js';
import { change } from '../../harness/servers/moves.js';
import type { QuorateMember } from '../../harness/servers/quorate.js';
import { RedisServer } from '../../harness/servers/redis.js';
import { startShardedRedis, type ShardedRedis } from '../../harness/servers/sharded-redis.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';

interface Found {
  readonly message: string;
  readonly consequence: { readonly summary: string };
  readonly remedies: readonly { readonly mutation: string | null }[];
}

const KEY = 'key:1';
const SLOT = slotOfKey(Buffer.from(KEY));

let cluster: ShardedRedis;
let leader: QuorateMember;
let follower: QuorateMember;
let kept: RedisServer | undefined;

beforeAll(async () => {
  cluster = await startShardedRedis({ groups: 2, proxies: 1, members: 2, assignTo: [1] });
  [leader, follower] = cluster.members as [QuorateMember, QuorateMember];
});
afterAll(async () => {
  await kept?.stop();
  await cluster?.stop();
});

/** What every member says of a group's foreign keys, once they agree that there are any, or none. */
async function untilFound(group: number, isThere: boolean): Promise<Found[]> {
  const found: Found[] = [];
  for (const member of [leader, follower]) {
    await expect
      .poll(
        async () => {
          const { cluster: state } = await member.run(
            '{ cluster { problems { code subject message consequence { summary } remedies { mutation } } } }',
          );
          const of = state.problems.filter(
            ({ code, subject }) => code === 'FOREIGN_KEYS' && subject === `group/${group}`,
          );
          found.push(...of);
          return of.length;
        },
        { timeout: 90_000, interval: 500 },
      )
      .toBe(isThere ? 1 : 0);
  }
  return found;
}

test('keys that stay behind when slots are given away are found, and told at every member', async () => {
  const client = await cluster.servers[0]!.client();
  await client.ask('MSET', KEY, 'left behind', `{${KEY}}2`, 'too');
  await change(leader, `assignSlots(input: { from: ${SLOT}, to: ${SLOT}, group: 2, force: true })`);

  const [found] = await untilFound(1, true);

  expect(found!.message).toBe(
    `${cluster.servers[0]!.address}, the master of group 1, holds 2 keys of 1 slot (${SLOT}) that the group does not own.`,
  );
  expect(found!.remedies[0]!.mutation).toBe('removeForeignKeys');
  client.close();
});

test('the mutation that the problem names ends it', async () => {
  const { removeForeignKeys } = await leader.run(
    'mutation { removeForeignKeys(input: { group: 1 }) { keys userErrors { message } } }',
  );
  expect(removeForeignKeys).toEqual({ keys: '2', userErrors: [] });
  await untilFound(1, false);
});

test('a master that comes back with keys of another life is looked at anew', async () => {
  kept = await RedisServer.start({ args: ['--dir', temporaryDirectory('rdb')] });
  const client = await kept.client();
  await client.ask('SET', 'key:2', 'of another life');
  await client.ask('SAVE');
  await client.ask('FLUSHALL');
  client.close();
  await change(leader, 'createGroup(input: { number: 3 })');
  await change(leader, `addServer(input: { group: 3, address: "${kept.address}" })`);
  await untilFound(3, false);

  await kept.restart();

  const [found] = await untilFound(3, true);
  expect(found!.message).toContain('holds 1 key of 1 slot');
});

test('keys that somebody removes by hand are told no longer', async () => {
  const client = await kept!.client();
  expect(await client.ask('DEL', 'key:2')).toBe(':1');
  client.close();
  await untilFound(3, false);
});
