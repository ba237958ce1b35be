import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient, RefusedError } from '../../../src/sdk/index.js';
import { runQuorate } from '../../harness/servers/command.js';
import { moveOutcome } from '../../harness/servers/moves.js';
import type { QuorateMember } from '../../harness/servers/quorate.js';
import { RedisServer } from '../../harness/servers/redis.js';
import { startShardedRedis, type ShardedRedis } from '../../harness/servers/sharded-redis.js';

const PASSWORD = 'secret-of-the-third';
let cluster: ShardedRedis;
let members: QuorateMember[];
let third: RedisServer;

beforeAll(async () => {
  cluster = await startShardedRedis({
    ...{ groups: 2, proxies: 1, members: 3, assignTo: [1] },
    memberArgs: ['--session-ttl', '2000'],
  });
  ({ members } = cluster);
  third = await RedisServer.start({ password: PASSWORD });
});

afterAll(async () => {
  await third?.stop();
  await cluster?.stop();
});

interface Moved {
  readonly operation: { readonly id: string } | null;
  readonly revision: string | null;
  readonly proposal: { readonly id: string; readonly committedBy: string } | null;
  readonly plan: readonly object[];
  readonly userErrors: readonly object[];
}

async function move(member: QuorateMember, slots: string, key: string): Promise<Moved> {
  const { data, errors } = await member.ask<{ moveSlots: Moved }>(
    `mutation ($key: ID) { moveSlots(input: { ${slots}, targetGroup: 2, idempotencyKey: $key }) {
      operation { id } revision proposal { id committedBy } plan { slot fromGroup toGroup }
      userErrors { code path message } } }`,
    { key },
  );
  if (!data) throw new Error(JSON.stringify(errors));
  return data.moveSlots;
}

async function operations(member: QuorateMember): Promise<number> {
  const { operations: page } = await member.run<{ operations: { totalCount: number } }>(
    '{ operations(first: 1) { totalCount } }',
  );
  return page.totalCount;
}

test('a move is started once, whichever member is asked, also when its slots have moved', async () => {
  const [first, second] = members as [QuorateMember, QuorateMember];
  const before = await operations(first);
  const moved = await move(first, 'from: 0, to: 3', 'move-1');
  expect(moved).toMatchObject({ userErrors: [], plan: [{ slot: 0 }, { slot: 1 }, { slot: 2 }, { slot: 3 }] });
  expect(await move(second, 'from: 0, to: 3', 'move-1')).toEqual(moved);
  await moveOutcome(first, moved.operation!.id);
  expect(await move(first, 'from: 0, to: 3', 'move-1')).toEqual(moved);
  expect(await operations(first)).toBe(before + 1);
});

test('of two that arrive at once, at two members, one starts it and both are answered alike', async () => {
  const before = await operations(members[0]!);
  const all = await Promise.all(members.map((member) => move(member, 'from: 10, to: 11', 'move-2')));
  expect(all[0]!.userErrors).toEqual([]);
  expect(all.map(({ operation, revision }) => [operation, revision])).toEqual(
    members.map(() => [all[0]!.operation, all[0]!.revision]),
  );
  expect(await operations(members[0]!)).toBe(before + 1);
  await moveOutcome(members[0]!, all[0]!.operation!.id);
});

test('the same key with another input is refused and starts nothing', async () => {
  const before = await operations(members[0]!);
  expect(await move(members[1]!, 'from: 20, to: 21', 'move-2')).toMatchObject({
    operation: null,
    revision: null,
    userErrors: [{ code: 'CONFLICT', path: ['input', 'idempotencyKey'] }],
  });
  const rebalanced = await members[0]!.ask(
    'mutation { rebalanceSlots(input: { idempotencyKey: "move-2" }) { userErrors { code path } } }',
  );
  expect(rebalanced.data!.rebalanceSlots.userErrors).toMatchObject([{ code: 'CONFLICT' }]);
  expect(await operations(members[0]!)).toBe(before);
});

test('a refused change may be asked for again under its key', async () => {
  const refused = await move(members[0]!, 'from: 0, to: 0', 'move-3');
  expect(refused.userErrors).toHaveLength(1);
  const moved = await move(members[0]!, 'from: 30, to: 30', 'move-3');
  expect(moved.userErrors).toEqual([]);
  await moveOutcome(members[0]!, moved.operation!.id);
});

test('a dry run uses no key', async () => {
  const dry = await move(members[0]!, 'from: 40, to: 40, dryRun: true', 'move-4');
  expect(dry).toMatchObject({ operation: null, userErrors: [] });
  const moved = await move(members[0]!, 'from: 40, to: 40', 'move-4');
  expect(moved.operation).not.toBeNull();
  await moveOutcome(members[0]!, moved.operation!.id);
});

test('a server is added once, and its password is stored neither in plain text nor as a bare hash', async () => {
  const client = createClient({ url: members.map(({ url }) => url) });
  await client.createGroup({ input: { number: 3 } });
  const input = { group: 3, address: third.address, password: PASSWORD, idempotencyKey: 'add-1' };
  const added = await client.addServer({ input });
  expect((await client.addServer({ input })).revision).toBe(added.revision);
  const changed = client.addServer({ input: { ...input, password: 'another' } });
  await expect(changed).rejects.toBeInstanceOf(RefusedError);
  await client.close();
  const kept = await cluster.etcd.first.ctl('get', '--prefix', '/quorate/default/idempotency/');
  expect(kept).not.toContain(PASSWORD);
  expect(kept).not.toContain('add-1');
});

test('an assignment is made once, and a repeated one takes nothing back', async () => {
  const assign = async (key: string) => {
    const input = 'from: 900, to: 900, group: 2, force: true';
    const { assignSlots } = await members[1]!.run<{ assignSlots: { revision: string; proposal: object } }>(
      `mutation { assignSlots(input: { ${input}, idempotencyKey: "${key}" }) { revision proposal { id } userErrors { message } } }`,
    );
    return assignSlots;
  };
  const first = await assign('assign-1');
  await members[0]!.run(
    'mutation { assignSlots(input: { from: 900, to: 900, group: 1, force: true }) { userErrors { message } } }',
  );
  expect(await assign('assign-1')).toEqual(first);
  const { slot } = await members[0]!.run<{ slot: object }>('{ slot(number: 900) { group { number } } }');
  expect(slot).toEqual({ group: { number: 1 } });
});

test('the command line repeats under a key', async () => {
  const args = ['slots', 'move', '50-51', '--to', '2', '--idempotency-key', 'cli-1', '--output', 'json'];
  const run = () => runQuorate([...args, '--no-wait'], { QUORATE_URL: members[0]!.url });
  const first = await run();
  expect(first).toMatchObject({ status: 0, stderr: '' });
  const { operation } = JSON.parse(first.stdout) as { operation: { id: string } };
  await moveOutcome(members[0]!, operation.id);
  expect(JSON.parse((await run()).stdout)).toMatchObject({ operation: { id: operation.id } });
});

test('after 24 hours the key is free again', async () => {
  const prefix = '/quorate/default/idempotency/';
  const { first: etcd } = cluster.etcd;
  const moved = await move(members[0]!, 'from: 60, to: 60', 'move-5');
  await moveOutcome(members[0]!, moved.operation!.id);
  const keys = (await etcd.ctl('get', '--prefix', '--keys-only', prefix)).split('\n').filter(Boolean);
  for (const key of keys) {
    const record = JSON.parse(await etcd.ctl('get', '--print-value-only', key)) as { at: string };
    const at = new Date(Date.parse(record.at) - 24 * 60 * 60 * 1_000).toISOString();
    await etcd.ctl('put', key, JSON.stringify({ ...record, at }));
  }
  const later = await move(members[0]!, 'from: 61, to: 61', 'move-5');
  expect(later.userErrors).toEqual([]);
  expect(later.operation!.id).not.toBe(moved.operation!.id);
  await moveOutcome(members[0]!, later.operation!.id);
});

test('the next leader knows what was asked for before it led', async () => {
  const [leader, ...others] = members as [QuorateMember, QuorateMember, QuorateMember];
  const moved = await move(leader, 'from: 70, to: 70', 'move-6');
  await leader.kill();
  const next = others[0]!;
  await expect
    .poll(() => next.run('{ cluster { leader { name } } }'), { timeout: 30_000 })
    .toMatchObject({ cluster: { leader: { name: expect.stringMatching(/m[23]/) } } });
  await expect
    .poll(() => move(next, 'from: 70, to: 70', 'move-6').catch(() => undefined), { timeout: 30_000 })
    .toEqual(moved);
  const other = await move(others[1]!, 'from: 71, to: 71', 'move-6');
  expect(other.userErrors).toMatchObject([{ code: 'CONFLICT', path: ['input', 'idempotencyKey'] }]);
});
