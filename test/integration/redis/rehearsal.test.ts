import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { slotOfKey } from '../../../src/redis/key-slot.js';
import { change, moveOutcome, moveUntil, startMove } from '../../harness/servers/moves.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import {
  hasVersion,
  RedisServer,
  type RedisServerOptions,
  type RedisVersion,
} from '../../harness/servers/redis.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';

let member: QuorateMember;
let servers: RedisServer[] = [];
let groups = 0;

beforeAll(async () => {
  member = await QuorateMember.start({ proxy: true });
  await change(member, 'initSlots');
});

afterAll(() => member?.kill());

const KEYS = Array.from({ length: 300 }, (_, i) => `key:${i}`);
const HALF = KEYS.filter((key) => slotOfKey(Buffer.from(key)) < 512);

beforeEach(async () => {
  servers = [];
});

afterEach(async () => {
  await change(member, 'setMigrationLimits(input: { keysPerSecond: null, slotsPerBatch: 256 })');
  await Promise.all(servers.map((server) => server.stop()));
});

/** New groups, one server each; all slots are at the first, which holds the keys. Answers with the groups' numbers. */
async function groupsOf(...options: RedisServerOptions[]): Promise<number[]> {
  servers = await Promise.all(options.map((each) => RedisServer.start(each)));
  const numbers = [];
  for (const server of servers) {
    const number = ++groups;
    numbers.push(number);
    await change(member, `createGroup(input: { number: ${number} })`);
    const password = server.password === null ? '' : `, password: "${server.password}"`;
    await change(member, `addServer(input: { group: ${number}, address: "${server.address}"${password} })`);
  }
  await change(
    member,
    `assignSlots(input: { from: 0, to: 1023, group: ${numbers[0]}, force: true, acceptDataLoss: true })`,
  );
  const client = new Redis({ port: member.proxyPort! });
  const pipeline = client.pipeline();
  for (const key of KEYS) pipeline.set(key, `value of ${key}`);
  for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
  client.disconnect();
  return numbers;
}

async function refusal(mutation: string): Promise<{ code: string; message: string } | undefined> {
  const { data } = await member.ask<Record<string, { userErrors: { code: string; message: string }[] }>>(
    `mutation { ${mutation} { userErrors { code message } } }`,
  );
  return Object.values(data!)[0]!.userErrors[0];
}

async function tell(server: RedisServer, ...words: string[]): Promise<string> {
  const client = await server.client();
  return client.ask(...words).finally(() => client.close());
}

/** Every key has its value, for clients. */
async function checkValues(): Promise<void> {
  const client = new Redis({ port: member.proxyPort! });
  const values = await client.mget(...KEYS).finally(() => client.disconnect());
  expect(values).toEqual(KEYS.map((key) => `value of ${key}`));
}

async function direction(id: string): Promise<string> {
  const { operation } = await member.run<{ operation: { direction: string } }>(
    'query ($id: ID!) { operation(id: $id) { direction } }',
    { id },
  );
  return operation.direction;
}

describe('a move to a server that cannot take the keys', () => {
  const downwards: [RedisVersion, RedisVersion][] = [
    ['redis-8', 'redis-7'],
    ['valkey-9', 'redis-7'],
    ['redis-8', 'valkey-9'],
  ];
  test.each(downwards.filter((pair) => pair.every(hasVersion)))(
    'from %s to %s is refused with its words before anything is held, also as a dry run',
    async (newer, older) => {
      const [, to] = await groupsOf({ version: newer }, { version: older });
      for (const dryRun of [true, false]) {
        const refused = await refusal(
          `moveSlots(input: { from: 0, to: 511, targetGroup: ${to}, dryRun: ${dryRun} })`,
        );
        expect(refused).toMatchObject({ code: 'PRECONDITION_FAILED' });
        expect(refused!.message).toMatch(/DUMP payload version or checksum are wrong/);
      }
      await checkValues();
      expect(await tell(servers[1]!, 'DBSIZE')).toBe(':0');
    },
  );

  test.each<[string, RedisServerOptions, string[], RegExp]>([
    ['no memory', {}, ['CONFIG', 'SET', 'maxmemory', '1'], /OOM/],
    ['too few replicas', {}, ['CONFIG', 'SET', 'min-replicas-to-write', '1'], /NOREPLICAS/],
    ['RESTORE forbidden', {}, ['ACL', 'SETUSER', 'default', '-restore'], /NOPERM/],
    ['another master', {}, ['REPLICAOF', '127.0.0.1', '1'], /is a replica of 127.0.0.1:1/],
  ])('that has %s is refused with the cause', async (_, options, words, cause) => {
    const [, to] = await groupsOf({}, options);
    expect(await tell(servers[1]!, ...words)).toBe('+OK');
    const refused = await refusal(`moveSlots(input: { from: 0, to: 511, targetGroup: ${to} })`);
    expect(refused?.message).toMatch(cause);
    expect(refused).toMatchObject({ code: 'PRECONDITION_FAILED' });
    await checkValues();
  });

  test('that has fewer databases is refused with the name of the database', async () => {
    const [, to] = await groupsOf({}, { args: ['--databases', '1'] });
    const client = new Redis({ port: member.proxyPort!, db: 3 });
    await client.set('key', 'value');
    client.disconnect();
    const refused = await refusal(`moveSlots(input: { from: 0, to: 511, targetGroup: ${to}, dryRun: true })`);
    expect(refused?.message).toMatch(/string in database 3 .*index is out of range/);
  });

  test('that lacks functions which its keys are called with is refused, until it has them', async () => {
    const [from, to] = await groupsOf({}, {});
    const library = (text: string): string =>
      `#!lua name=mylib\nredis.register_function('f', function(keys) return '${text}' end)`;
    await tell(servers[0]!, 'FUNCTION', 'LOAD', library('new'));
    const move = `moveSlots(input: { sourceGroup: ${from}, count: 8, targetGroup: ${to} })`;
    for (const there of [null, library('old')]) {
      if (there !== null) await tell(servers[1]!, 'FUNCTION', 'LOAD', there);
      expect(await refusal(move)).toMatchObject({
        code: 'PRECONDITION_FAILED',
        message: expect.stringContaining('mylib'),
      });
    }
    await tell(servers[1]!, 'FUNCTION', 'LOAD', 'REPLACE', library('new'));
    const id = await startMove(member, `sourceGroup: ${from}, count: 8, targetGroup: ${to}`);
    expect((await moveOutcome(member, id)).state).toBe('SUCCEEDED');
  });

  test('from which MIGRATE is gone is refused', async () => {
    const [, to] = await groupsOf({ args: ['--rename-command', 'MIGRATE', ''] }, {});
    const refused = await refusal(`moveSlots(input: { from: 0, to: 511, targetGroup: ${to} })`);
    expect(refused?.message).toMatch(/unknown command/);
  });

  test('whose memory its keys would fill pauses before any of them has moved, and none is evicted', async () => {
    const [from, to] = await groupsOf({}, {});
    const limit = Number(/used_memory:(\d+)/.exec(await tell(servers[1]!, 'INFO', 'memory'))![1]) + 600_000;
    await tell(servers[1]!, 'CONFIG', 'SET', 'maxmemory', String(limit));
    await tell(servers[1]!, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    const client = new Redis({ port: member.proxyPort! });
    const large = HALF.slice(0, 40).map((key) => `{${key}}large`);
    await Promise.all(large.map((key) => client.set(key, Buffer.alloc(50_000, 'x'))));
    const id = await startMove(member, `from: 0, to: 511, targetGroup: ${to}`);
    const paused = await moveOutcome(member, id);
    expect(paused).toMatchObject({ state: 'PAUSED' });
    expect(paused.error).toMatch(/MiB \(maxmemory\).* Raise maxmemory/);
    expect(await tell(servers[1]!, 'DBSIZE')).toBe(':0');
    await tell(servers[1]!, 'CONFIG', 'SET', 'maxmemory', '0');
    await change(member, `resumeOperation(input: { id: "${id}" })`);
    expect(await moveOutcome(member, id)).toMatchObject({ state: 'SUCCEEDED' });
    await checkValues();
    expect(await client.exists(...large)).toBe(large.length);
    client.disconnect();
    expect(from).toBeDefined();
  });
});

test('slots do not leave a server that somebody has made a replica', async () => {
  const [, to] = await groupsOf({}, {});
  const real = await RedisServer.start();
  servers.push(real);
  await tell(servers[0]!, 'REPLICAOF', '127.0.0.1', String(real.port));
  await expect.poll(async () => tell(servers[0]!, 'INFO', 'replication')).toContain('master_link_status:up');
  const refused = await refusal(`moveSlots(input: { from: 0, to: 511, targetGroup: ${to} })`);
  expect(refused).toMatchObject({ code: 'PRECONDITION_FAILED' });
  expect(refused!.message).toContain(`is a replica of 127.0.0.1:${real.port}`);
});

test('slots stop on their way when their source becomes a replica', async () => {
  const [from, to] = await groupsOf({}, {});
  await change(member, 'setMigrationLimits(input: { keysPerSecond: 20, slotsPerBatch: 512 })');
  const id = await startMove(member, `from: 0, to: 511, targetGroup: ${to}`);
  await moveUntil(member, id, ({ done }) => Number(done) > 0);
  const real = await RedisServer.start();
  servers.push(real);
  await tell(servers[0]!, 'REPLICAOF', '127.0.0.1', String(real.port));
  await change(member, 'setMigrationLimits(input: { keysPerSecond: null })');
  expect(await moveOutcome(member, id)).toMatchObject({ state: 'PAUSED' });
  await change(member, `resumeOperation(input: { id: "${id}" })`);
  const paused = await moveOutcome(member, id);
  expect(paused).toMatchObject({ state: 'PAUSED' });
  expect(paused.error).toContain(`is to be the master of group ${from}, but it is a replica of`);
});

describe('keys that a target holds from another life of it', () => {
  const key = HALF[0]!;

  /** A slot went to the target and back; the target saved a snapshot in between, and is started again from it. */
  async function resurrect(from: number, to: number): Promise<void> {
    for (const [group, command] of [
      [to, ['SAVE']],
      [from, undefined],
    ] as const) {
      const id = await startMove(member, `from: 0, to: 511, targetGroup: ${group}`);
      expect(await moveOutcome(member, id)).toMatchObject({ state: 'SUCCEEDED' });
      if (command) expect(await tell(servers[1]!, ...command)).toBe('+OK');
    }
    const client = new Redis({ port: member.proxyPort! });
    expect(await client.del(key)).toBe(1);
    client.disconnect();
    await servers[1]!.restart();
    expect(await tell(servers[1]!, 'EXISTS', key)).toBe(':1');
  }

  const keeping = (): RedisServerOptions => ({ args: ['--dir', temporaryDirectory('rdb')] });

  test('do not come alive: the move stops, with how many there are', async () => {
    const [from, to] = (await groupsOf({}, keeping())) as [number, number];
    await resurrect(from, to);
    const id = await startMove(member, `from: 0, to: 511, targetGroup: ${to}`);
    const paused = await moveOutcome(member, id);
    expect(paused).toMatchObject({ state: 'PAUSED' });
    expect(paused.error).toMatch(new RegExp(`holds ${HALF.length} keys of slots .*discardAtTarget`));
    const client = new Redis({ port: member.proxyPort! });
    expect(await client.get(key)).toBeNull();
    client.disconnect();
    await change(member, `cancelOperation(input: { id: "${id}" })`);
    expect(await moveOutcome(member, id)).toMatchObject({ state: 'CANCELLED' });
  });

  test('are removed first when that is asked for', async () => {
    const [from, to] = (await groupsOf({}, keeping())) as [number, number];
    await resurrect(from, to);
    const id = await startMove(member, `from: 0, to: 511, targetGroup: ${to}, discardAtTarget: true`);
    expect(await moveOutcome(member, id)).toMatchObject({ state: 'SUCCEEDED', error: null });
    const client = new Redis({ port: member.proxyPort! });
    expect(await client.get(key)).toBeNull();
    expect(await client.get(HALF[1]!)).toBe(`value of ${HALF[1]}`);
    client.disconnect();
  });
});

describe('a move that is half done', () => {
  test.runIf(hasVersion('redis-8'))(
    'to a newer version has no way back: cancelling is refused and says so, and it goes on forward',
    async () => {
      const [, to] = await groupsOf({}, { version: 'redis-8' });
      await change(member, 'setMigrationLimits(input: { keysPerSecond: 20, slotsPerBatch: 512 })');
      const id = await startMove(member, `from: 0, to: 511, targetGroup: ${to}`);
      await moveUntil(member, id, ({ done }) => Number(done) > 0);
      const refused = await refusal(`cancelOperation(input: { id: "${id}" })`);
      expect(refused).toMatchObject({ code: 'PRECONDITION_FAILED' });
      expect(refused!.message).toMatch(/there is no way back: .*DUMP payload version or checksum are wrong/);
      await checkValues();
      await change(member, 'setMigrationLimits(input: { keysPerSecond: null })');
      expect(await moveOutcome(member, id)).toMatchObject({ state: 'SUCCEEDED', error: null });
      await checkValues();
    },
  );

  test('and on its way back can be turned forward again, and says which way it goes', async () => {
    const [from, to] = await groupsOf({}, {});
    await change(member, 'setMigrationLimits(input: { keysPerSecond: 40, slotsPerBatch: 512 })');
    const id = await startMove(member, `from: 0, to: 511, targetGroup: ${to}`);
    await moveUntil(member, id, ({ done }) => Number(done) > 20);
    expect(await direction(id)).toBe('FORWARD');
    await change(member, `cancelOperation(input: { id: "${id}" })`);
    expect(await direction(id)).toBe('BACK');
    await member.follow<{ slotStatus: { status: string; targetGroup: { number: number } | null }[] }>(
      'subscription { slotStatus { status targetGroup { number } } }',
      ({ slotStatus }) =>
        slotStatus.some(({ status, targetGroup }) => status === 'MIGRATE' && targetGroup?.number === from),
    );
    await change(member, `resumeOperation(input: { id: "${id}", direction: FORWARD })`);
    expect(await direction(id)).toBe('FORWARD');
    await checkValues();
    await change(member, 'setMigrationLimits(input: { keysPerSecond: null })');
    expect(await moveOutcome(member, id)).toMatchObject({ state: 'SUCCEEDED', error: null });
    await checkValues();
    expect(await tell(servers[1]!, 'DBSIZE')).toBe(`:${HALF.length}`);
  });
});
