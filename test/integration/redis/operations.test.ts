import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { slotOfKey } from '../../../src/redis/key-slot.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { RedisServer } from '../../harness/servers/redis.js';

/** One process with its proxy, and four groups that own 100 slots each; the others stay OFFLINE. */
let member: QuorateMember;
let servers: RedisServer[];

/** Keys of the slots that have a group, about four to a slot. */
const KEYS = Array.from({ length: 4_000 }, (_, i) => `key:${i}`).filter(
  (key) => slotOfKey(Buffer.from(key)) < 400,
);

beforeAll(async () => {
  [member, ...servers] = await Promise.all([
    QuorateMember.start({ proxy: true }),
    ...Array.from({ length: 4 }, () => RedisServer.start()),
  ]);
  await change('initSlots');
  for (const [index, server] of servers.entries()) {
    const group = index + 1;
    await change(`createGroup(input: { number: ${group} })`);
    await change(`addServer(input: { group: ${group}, address: "${server.address}" })`);
    await change(`assignSlots(input: { from: ${index * 100}, to: ${index * 100 + 99}, group: ${group} })`);
  }
  const client = new Redis({ port: member.proxyPort! });
  const pipeline = client.pipeline();
  for (const key of KEYS) pipeline.set(key, `value of ${key}`);
  for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
  client.disconnect();
});

afterAll(async () => {
  await Promise.all([member?.kill(), ...(servers ?? []).map((server) => server.stop())]);
});

beforeEach(async () => {
  await change('setMigrationLimits(input: { keysPerSecond: null, slotsPerBatch: 64, parallelPairs: 4 })');
  for (const index of servers.keys()) {
    await change(
      `assignSlots(input: { from: ${index * 100}, to: ${index * 100 + 99}, group: ${index + 1}, force: true, keysAtTarget: KEEP })`,
    );
  }
});

async function change(mutation: string): Promise<void> {
  await member.run(`mutation { ${mutation} { userErrors { code message } } }`);
}

/** The code with which a mutation is refused. */
async function refusal(mutation: string): Promise<string> {
  const { data } = await member.ask<Record<string, { userErrors: { code: string }[] }>>(
    `mutation { ${mutation} { userErrors { code message } } }`,
  );
  const [payload] = Object.values(data!);
  expect(payload!.userErrors).toHaveLength(1);
  return payload!.userErrors[0]!.code;
}

interface Operation {
  readonly id: string;
  readonly state: string;
  readonly done: string;
  readonly total: string | null;
  readonly error: string | null;
  readonly cancellable: boolean;
}
const OPERATION = 'id state done total error cancellable';

interface Move {
  readonly operation: Operation | null;
  readonly plan: readonly { slot: number; fromGroup: number; toGroup: number; keys: string }[];
}

async function run(mutation: string): Promise<Move> {
  const answer = await member.run<Record<string, Move>>(
    `mutation { ${mutation} { operation { ${OPERATION} } plan { slot fromGroup toGroup keys } userErrors { message } } }`,
  );
  return Object.values(answer)[0]!;
}

async function move(input: string): Promise<string> {
  return (await run(`moveSlots(input: { ${input} })`)).operation!.id;
}

/** What the operation went through until the predicate held. */
async function follow(id: string, until: (operation: Operation) => boolean): Promise<Operation[]> {
  const events = await member.follow<{ operationProgress: Operation }>(
    `subscription ($id: ID) { operationProgress(id: $id) { ${OPERATION} } }`,
    ({ operationProgress }) => until(operationProgress),
    { id },
  );
  return events.map((event) => event.operationProgress);
}

async function reach(id: string, ...states: string[]): Promise<Operation> {
  return (await follow(id, ({ state }) => states.includes(state))).pop()!;
}

async function ranges(): Promise<string[]> {
  interface Range {
    from: number;
    to: number;
    status: string;
    group: { number: number } | null;
  }
  const { slotRanges } = await member.run<{ slotRanges: Range[] }>(
    '{ slotRanges { from to status group { number } } }',
  );
  return slotRanges.map(
    ({ from, to, status, group }) => `${from}-${to} ${status} ${group?.number ?? 'none'}`,
  );
}

const HOME = [
  '0-99 ONLINE 1',
  '100-199 ONLINE 2',
  '200-299 ONLINE 3',
  '300-399 ONLINE 4',
  '400-1023 OFFLINE none',
];

async function keysAt(group: number): Promise<number> {
  const client = await servers[group - 1]!.client();
  return Number((await client.ask('DBSIZE').finally(() => client.close())).slice(1));
}

/** Starts a move that has moved some keys, and then slows it down so far that it cannot end by itself. */
async function slowMove(input: string): Promise<string> {
  await change('setMigrationLimits(input: { keysPerSecond: 64 })');
  const id = await move(input);
  await follow(id, ({ state, done }) => state === 'RUNNING' && Number(done) > 0);
  await change('setMigrationLimits(input: { keysPerSecond: 1 })');
  return id;
}

/** To where everything was, so that keys and slots fit again. */
async function finishAndReturn(id: string, from: number, to: number, home: number): Promise<void> {
  await change('setMigrationLimits(input: { keysPerSecond: null })');
  expect(await reach(id, 'SUCCEEDED', 'PAUSED')).toMatchObject({ state: 'SUCCEEDED', error: null });
  const back = await move(`from: ${from}, to: ${to}, targetGroup: ${home}`);
  expect(await reach(back, 'SUCCEEDED', 'PAUSED')).toMatchObject({ state: 'SUCCEEDED' });
  expect(await ranges()).toEqual(HOME);
}

describe('a plan', () => {
  test('can be seen without carrying it out, with its keys', async () => {
    const moves = async (): Promise<string[]> => {
      const { operations } = await member.run<{ operations: { nodes: { id: string; kind: string }[] } }>(
        '{ operations { nodes { id kind } } }',
      );
      return operations.nodes.flatMap(({ id, kind }) => (kind === 'ASSIGN_SLOTS' ? [] : id));
    };
    const before = await moves();
    const { operation, plan } = await run(
      'moveSlots(input: { from: 0, to: 99, targetGroup: 2, dryRun: true })',
    );
    expect(operation).toBeNull();
    expect(plan.map(({ slot, fromGroup, toGroup }) => [slot, fromGroup, toGroup])).toEqual(
      Array.from({ length: 100 }, (_, slot) => [slot, 1, 2]),
    );
    expect(plan.reduce((sum, { keys }) => sum + Number(keys), 0)).toBe(await keysAt(1));
    await change('assignSlots(input: { from: 80, to: 99, group: 2, force: true, keysAtTarget: KEEP })');
    const balance = await run('rebalanceSlots(input: { groups: [1, 2], dryRun: true })');
    expect(balance.operation).toBeNull();
    expect(balance.plan).toHaveLength(20);
    expect(balance.plan.every(({ fromGroup, toGroup }) => fromGroup === 2 && toGroup === 1)).toBe(true);
    await change('assignSlots(input: { from: 80, to: 99, group: 1, force: true, keysAtTarget: KEEP })');
    expect(await moves()).toEqual(before);
    expect(await ranges()).toEqual(HOME);
  });

  test('is refused for slots that nobody owns, for groups that cannot take them, and for unclear input', async () => {
    expect(await refusal('moveSlots(input: { from: 395, to: 405, targetGroup: 1 })')).toBe(
      'PRECONDITION_FAILED',
    );
    expect(await refusal('moveSlots(input: { from: 0, to: 9, targetGroup: 77 })')).toBe('NOT_FOUND');
    expect(await refusal('moveSlots(input: { from: 0, to: 9, targetGroup: 1 })')).toBe('PRECONDITION_FAILED');
    expect(await refusal('moveSlots(input: { from: 0, targetGroup: 2 })')).toBe('INVALID_INPUT');
    expect(
      await refusal('moveSlots(input: { from: 0, to: 9, sourceGroup: 1, count: 2, targetGroup: 2 })'),
    ).toBe('INVALID_INPUT');
    expect(await refusal('moveSlots(input: { sourceGroup: 1, count: 101, targetGroup: 2 })')).toBe(
      'PRECONDITION_FAILED',
    );
    expect(await refusal('rebalanceSlots')).toBe('PRECONDITION_FAILED');
  });

  test('may say how many slots of a group are to go instead of which', async () => {
    const { operation, plan } = await run('moveSlots(input: { sourceGroup: 1, count: 30, targetGroup: 2 })');
    expect(plan).toHaveLength(30);
    expect(plan.every(({ fromGroup, toGroup }) => fromGroup === 1 && toGroup === 2)).toBe(true);
    expect(await reach(operation!.id, 'SUCCEEDED', 'PAUSED')).toMatchObject({ state: 'SUCCEEDED' });
    const back = await run('rebalanceSlots(input: { groups: [1, 2] })');
    expect(back.plan).toHaveLength(30);
    expect(await reach(back.operation!.id, 'SUCCEEDED', 'PAUSED')).toMatchObject({ state: 'SUCCEEDED' });
    const { groups } = await member.run<{ groups: { slotCount: number }[] }>('{ groups { slotCount } }');
    expect(groups.map((group) => group.slotCount)).toEqual([100, 100, 100, 100]);
    // Other slots than those that left came back: give everybody the slots and keys of before.
    const home = await run(`moveSlots(input: { from: 0, to: 99, targetGroup: 1 })`);
    expect(await reach(home.operation!.id, 'SUCCEEDED', 'PAUSED')).toMatchObject({ state: 'SUCCEEDED' });
    await reach(await move('from: 100, to: 199, targetGroup: 2'), 'SUCCEEDED');
    expect(await ranges()).toEqual(HOME);
  });
});

describe('a move under way', () => {
  test('rests in MIGRATE when paused while clients go on, and resuming ends it with all keys counted', async () => {
    const keys = await keysAt(1);
    const id = await slowMove('from: 0, to: 99, targetGroup: 2');
    await change(`pauseOperation(input: { id: "${id}" })`);
    expect(await refusal(`pauseOperation(input: { id: "${id}" })`)).toBe('PRECONDITION_FAILED');
    await expect
      .poll(async () => (await ranges()).some((range) => range.includes('PRE_MIGRATE')))
      .toBe(false);
    expect((await ranges())[0]).toMatch(/MIGRATE 1$/);
    const paused = await reach(id, 'PAUSED');
    expect(paused).toMatchObject({ error: null, cancellable: true });

    const client = new Redis({ port: member.proxyPort! });
    for (const key of KEYS.slice(0, 500)) {
      expect(await client.get(key)).toBe(`value of ${key}`);
      await client.append(key, '!');
      expect(await client.get(key)).toBe(`value of ${key}!`);
      await client.set(key, `value of ${key}`);
    }
    client.disconnect();
    expect(Number(paused.done)).toBeGreaterThan(0);

    await change(`resumeOperation(input: { id: "${id}" })`);
    expect(await refusal(`resumeOperation(input: { id: "${id}" })`)).toBe('PRECONDITION_FAILED');
    await change('setMigrationLimits(input: { keysPerSecond: null })');
    const end = await reach(id, 'SUCCEEDED', 'PAUSED');
    expect(end).toMatchObject({ state: 'SUCCEEDED', error: null, cancellable: false });
    expect(end.done).toBe(end.total);
    expect(Number(end.total)).toBe(keys);
    expect(await keysAt(1)).toBe(0);
    await reach(await move('from: 0, to: 99, targetGroup: 1'), 'SUCCEEDED');
  });

  test('can be cancelled before it began, while it runs and while it rests; what has ended cannot', async () => {
    const keys = await keysAt(1);
    const blocking = await slowMove('from: 0, to: 49, targetGroup: 2');
    const waiting = await move('from: 50, to: 99, targetGroup: 2');
    await change(`cancelOperation(input: { id: "${waiting}" })`);
    await change(`cancelOperation(input: { id: "${blocking}" })`);
    await change('setMigrationLimits(input: { keysPerSecond: null })');
    for (const id of [blocking, waiting]) {
      expect(await reach(id, 'CANCELLED', 'PAUSED')).toMatchObject({ state: 'CANCELLED', error: null });
      for (const verb of ['cancel', 'pause', 'resume']) {
        expect(await refusal(`${verb}Operation(input: { id: "${id}" })`)).toBe('GONE');
      }
    }
    const resting = await slowMove('from: 0, to: 99, targetGroup: 2');
    await change(`pauseOperation(input: { id: "${resting}" })`);
    await change(`cancelOperation(input: { id: "${resting}" })`);
    await change('setMigrationLimits(input: { keysPerSecond: null })');
    expect(await reach(resting, 'CANCELLED', 'PAUSED')).toMatchObject({ state: 'CANCELLED', error: null });
    expect(await refusal('cancelOperation(input: { id: "no-such-operation" })')).toBe('NOT_FOUND');

    const home = (await ranges())[0] === HOME[0] ? null : await move('from: 0, to: 99, targetGroup: 1');
    if (home) await reach(home, 'SUCCEEDED');
    expect(await ranges()).toEqual(HOME);
    expect(await keysAt(1)).toBe(keys);
  });

  test('keeps its slots from other moves and from being assigned', async () => {
    const id = await slowMove('from: 0, to: 99, targetGroup: 2');
    expect(await refusal('moveSlots(input: { from: 90, to: 100, targetGroup: 3 })')).toBe('IN_USE');
    expect(await refusal('moveSlots(input: { from: 90, to: 100, targetGroup: 3, dryRun: true })')).toBe(
      'IN_USE',
    );
    expect(await refusal('assignSlots(input: { from: 90, to: 99, group: 3, force: true })')).toBe('IN_USE');
    expect(await refusal('moveSlots(input: { sourceGroup: 1, count: 1, targetGroup: 3 })')).toBe(
      'PRECONDITION_FAILED',
    );
    await finishAndReturn(id, 0, 99, 1);
  });

  test('runs beside another of other groups', async () => {
    const one = await slowMove('from: 0, to: 99, targetGroup: 2');
    const other = await slowMove('from: 200, to: 299, targetGroup: 4');
    expect((await reach(one, 'RUNNING', 'SUCCEEDED')).state).toBe('RUNNING');
    await change('setMigrationLimits(input: { keysPerSecond: null })');
    for (const id of [one, other]) expect((await reach(id, 'SUCCEEDED', 'PAUSED')).state).toBe('SUCCEEDED');
    await reach(await move('from: 0, to: 99, targetGroup: 1'), 'SUCCEEDED');
    await reach(await move('from: 200, to: 299, targetGroup: 3'), 'SUCCEEDED');
    expect(await ranges()).toEqual(HOME);
  });

  test('takes turns with another that shares a group; both finish', async () => {
    const one = await slowMove('from: 0, to: 99, targetGroup: 2');
    const other = await move('from: 200, to: 299, targetGroup: 1');
    await reach(other, 'RUNNING');
    expect(await ranges()).toContain('200-299 ONLINE 3');
    await change('setMigrationLimits(input: { keysPerSecond: null })');
    for (const id of [one, other]) expect((await reach(id, 'SUCCEEDED', 'PAUSED')).state).toBe('SUCCEEDED');
    expect(await ranges()).toEqual(['0-199 ONLINE 2', '200-299 ONLINE 1', ...HOME.slice(3)]);
    await reach(await move('from: 0, to: 99, targetGroup: 1'), 'SUCCEEDED');
    await reach(await move('from: 200, to: 299, targetGroup: 3'), 'SUCCEEDED');
    expect(await ranges()).toEqual(HOME);
  });

  test('keeps to new limits at once: slowed to a crawl it stays there, let go it ends', async () => {
    // One key a second: a wait for the old limit would outlast the test.
    await change('setMigrationLimits(input: { keysPerSecond: 1 })');
    const id = await move('from: 0, to: 99, targetGroup: 2');
    const events = await follow(id, ({ state }) => state === 'RUNNING');
    expect(Number(events.pop()!.done)).toBe(0);
    const { slots } = await member.run<{ slots: unknown[] }>(
      '{ slots(status: [MIGRATE, PRE_MIGRATE]) { number } }',
    );
    expect(slots.length).toBeLessThanOrEqual(64);
    expect(await keysAt(1)).toBeGreaterThan(0);
    await finishAndReturn(id, 0, 99, 1);
  });
});
