import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { slotOfKey } from '../../../src/redis/key-slot.js';
import { change, moveOutcome, moveUntil, startMove } from '../../harness/servers/moves.js';
import { QuorateProxy, type QuorateMember } from '../../harness/servers/quorate.js';
import { RedisServer } from '../../harness/servers/redis.js';
import { startShardedRedis, type ShardedRedis } from '../../harness/servers/sharded-redis.js';
import { TcpRelay } from '../../harness/servers/tcp-relay.js';

const BARRIER_TIMEOUT_MS = 1_500;

/** In the tests' slot range; each test has one of its own. */
const KEYS = Array.from({ length: 200 }, (_, i) => `key:${i}`);

let cluster: ShardedRedis;
let member: QuorateMember;
/** A proxy that reaches the coordinator by a relay, and everything else directly. */
let cutOff: QuorateProxy;
let relay: TcpRelay;

beforeAll(async () => {
  cluster = await startShardedRedis({
    groups: 3,
    proxies: 1,
    assignTo: [1],
    memberArgs: ['--barrier-timeout', String(BARRIER_TIMEOUT_MS)],
    proxyArgs: ['--session-ttl', '2000'],
  });
  [member] = cluster.members as [QuorateMember];
  relay = await TcpRelay.start(Number(new URL(cluster.etcd.endpoints[0]!).port));
  cutOff = await QuorateProxy.start({
    name: 'p2',
    etcd: [`http://${relay.address}`],
    secretKey: member.secretKey,
    args: ['--session-ttl', '2000'],
  });
});

afterAll(async () => {
  await cutOff?.kill();
  await relay?.stop();
  await cluster?.stop();
});

interface Refusal {
  readonly code: string;
  readonly message: string;
}

async function refusals(mutation: string): Promise<Refusal[]> {
  const { data } = await member.ask<Record<string, { userErrors: Refusal[] }>>(
    `mutation { ${mutation} { userErrors { code message } } }`,
  );
  return Object.values(data!)[0]!.userErrors;
}

async function slot(number: number): Promise<string> {
  const { slots } = await member.run<
    Record<
      'slots',
      { number: number; status: string; group: { number: number } | null; operation: unknown }[]
    >
  >('{ slots { number status group { number } operation { id } } }');
  const found = slots.find((each) => each.number === number)!;
  return `${found.status} ${found.group?.number ?? 'none'}${found.operation === null ? '' : ' claimed'}`;
}

/** Until the proxy that was away is in touch again: changes wait for it. */
async function isBack(): Promise<void> {
  const isLost = async (): Promise<boolean> => {
    const { cluster: state } = await member.run<{ cluster: { problems: { message: string }[] } }>(
      '{ cluster { problems { message } } }',
    );
    return state.problems.some(({ message }) => message.includes('Proxy p2 is not in touch'));
  };
  await expect.poll(isLost, { timeout: 20_000 }).toBe(false);
}

const through = (proxy: { readonly port: number }): Redis =>
  new Redis({ port: proxy.port, retryStrategy: null });

/** Every change of a slot's owner that moves no data. */
const FORCED: Record<string, (number: number) => string> = {
  'assignSlots to another group': (n) =>
    `assignSlots(input: { from: ${n}, to: ${n}, group: 2, force: true, keysAtTarget: KEEP })`,
  'assignSlots to no group': (n) => `assignSlots(input: { from: ${n}, to: ${n}, force: true })`,
  initSlots: () => 'initSlots(input: { force: true })',
};

describe.each(Object.keys(FORCED))('%s, forced', (name) => {
  const key = KEYS[Object.keys(FORCED).indexOf(name)]!;
  const number = slotOfKey(Buffer.from(key));
  const mutation = FORCED[name]!(number);

  beforeEach(async () => {
    await change(
      member,
      'assignSlots(input: { from: 0, to: 1023, group: 1, force: true, keysAtTarget: KEEP })',
    );
  });

  test('changes nothing while a proxy that serves clients is cut off from the coordinator', async () => {
    const [first, second] = [through(cluster.proxies[0]!), through(cutOff)];
    await first.set(key, 'before');
    expect(await second.get(key)).toBe('before');
    relay.silence();
    try {
      const [refusal] = await refusals(mutation);
      expect(refusal).toMatchObject({ code: 'TIMEOUT' });
      expect(refusal!.message).toContain('p2');
      expect(await slot(number)).toBe('ONLINE 1');
      // Both still serve the slot where it is: what one writes, the other reads.
      expect(await second.set(key, 'by the one that is cut off')).toBe('OK');
      expect(await first.get(key)).toBe('by the one that is cut off');
    } finally {
      relay.restore();
      first.disconnect();
      second.disconnect();
    }
    await isBack();
  });

  test('changes nothing while a proxy hangs', async () => {
    const first = through(cluster.proxies[0]!);
    await first.set(key, 'before');
    cutOff.process.signal('SIGSTOP');
    try {
      const [refusal] = await refusals(mutation);
      expect(refusal).toMatchObject({ code: 'TIMEOUT' });
      expect(await slot(number)).toBe('ONLINE 1');
      expect(await first.get(key)).toBe('before');
    } finally {
      cutOff.process.signal('SIGCONT');
      first.disconnect();
    }
    await isBack();
  });

  test('is in force at every proxy when it answers', async () => {
    const clients = [through(cluster.proxies[0]!), through(cutOff)];
    await clients[0]!.set(key, 'before');
    await change(member, mutation);
    const isNowhere = !name.includes('another');
    for (const client of clients) {
      const answer = await client.get(key).catch(String);
      expect(answer).toEqual(isNowhere ? expect.stringContaining('offline') : null);
      client.disconnect();
    }
  });
});

describe('reads from a replica', () => {
  let replica: RedisServer;

  beforeAll(async () => {
    replica = await RedisServer.start();
    await change(member, `addServer(input: { group: 1, address: "${replica.address}" })`);
  });

  afterAll(() => replica?.stop());

  test.each([
    ['are turned off', () => 'setReplicaReads(input: { group: 1, enabled: false })'],
    ['end with its removal', () => `removeServer(input: { group: 1, address: "${replica.address}" })`],
  ])('%s only when no proxy reads there any more', async (_, mutation) => {
    await change(member, 'setReplicaReads(input: { group: 1, enabled: true })');
    relay.silence();
    try {
      const [refusal] = await refusals(mutation());
      expect(refusal).toMatchObject({ code: 'TIMEOUT' });
      expect(refusal!.message).toContain('p2');
    } finally {
      relay.restore();
    }
    await isBack();
    await change(member, mutation());
  });
});

describe('slots whose owner never comes back', () => {
  let dead: RedisServer;

  beforeAll(async () => {
    dead = await RedisServer.start();
    await change(member, 'createGroup(input: { number: 9 })');
    await change(member, `addServer(input: { group: 9, address: "${dead.address}" })`);
  });

  afterAll(() => dead?.stop());

  const key = KEYS[9]!;
  const number = slotOfKey(Buffer.from(key));

  beforeEach(async () => {
    dead.thaw();
    await change(
      member,
      'assignSlots(input: { from: 0, to: 1023, group: 1, force: true, keysAtTarget: KEEP })',
    );
    await change(
      member,
      `assignSlots(input: { from: ${number}, to: ${number}, group: 9, force: true, keysAtTarget: DISCARD })`,
    );
  });

  test('go to another group when the loss of data is accepted, and what it still executes is not read', async () => {
    const client = through(cluster.proxies[0]!);
    await client.set(key, 'old');
    dead.freeze();
    const pending = client.append(key, ' and late').catch((error: Error) => error.message);
    await expect
      .poll(async () => (await refusals(FORCED['assignSlots to another group']!(number)))[0]?.message)
      .toContain(dead.address);
    expect(await slot(number)).toBe('ONLINE 9');

    await change(
      member,
      `assignSlots(input: { from: ${number}, to: ${number}, group: 2, force: true, acceptDataLoss: true, keysAtTarget: DISCARD })`,
    );
    expect(await pending).toContain('has been given up');
    expect(await slot(number)).toBe('ONLINE 2');
    expect(await client.set(key, 'new')).toBe('OK');
    dead.thaw();

    // It may have slots again: first it has answered, and nothing that was on its way to it can come late.
    await change(
      member,
      `assignSlots(input: { from: ${number}, to: ${number}, group: 9, force: true, keysAtTarget: DISCARD })`,
    );
    expect(await client.get(key)).toBeNull();
    client.disconnect();
  });

  test('go there also in the middle of a move, which has nothing left to do then', async () => {
    const client = through(cluster.proxies[0]!);
    // So large that each is moved alone.
    for (let i = 0; i < 20; i++) await client.set(`{${key}}${i}`, Buffer.alloc(100_000, 'x'));
    client.disconnect();
    await change(member, 'setMigrationLimits(input: { keysPerSecond: 4 })');
    const id = await startMove(
      member,
      `from: ${number}, to: ${number}, targetGroup: 2, discardAtTarget: true`,
    );
    await moveUntil(member, id, ({ done }) => Number(done) > 0);
    dead.freeze();
    await change(member, 'setMigrationLimits(input: { keysPerSecond: null })');
    const paused = await moveOutcome(member, id);
    expect(paused.state).toBe('PAUSED');
    await change(
      member,
      `assignSlots(input: { from: ${number}, to: ${number}, group: 3, force: true, acceptDataLoss: true })`,
    );
    expect(await slot(number)).toBe('ONLINE 3');
    await change(member, `cancelOperation(input: { id: "${id}" })`);
    expect(await moveOutcome(member, id)).toMatchObject({ state: 'CANCELLED', error: null });
  });
});

describe('keys that the new owner holds already', () => {
  const key = KEYS[20]!;
  const number = slotOfKey(Buffer.from(key));
  const assign = (keysAtTarget: string): string =>
    `assignSlots(input: { from: ${number}, to: ${number}, group: 3, force: true, keysAtTarget: ${keysAtTarget} })`;

  beforeEach(async () => {
    await change(
      member,
      'assignSlots(input: { from: 0, to: 1023, group: 1, force: true, keysAtTarget: KEEP })',
    );
    const direct = await cluster.servers[2]!.client(3);
    await direct.ask('SET', key, 'from another life');
    direct.close();
  });

  test('are refused with their number unless somebody says what to do with them', async () => {
    const [refusal] = await refusals(assign('REFUSE'));
    expect(refusal).toMatchObject({ code: 'PRECONDITION_FAILED' });
    expect(refusal!.message).toContain(`holds 1 key of slots ${number}`);
    expect(await slot(number)).toBe('ONLINE 1');
  });

  test('are served, or removed', async () => {
    const client = new Redis({ port: cluster.proxies[0]!.port, db: 3 });
    await change(member, assign('KEEP'));
    expect(await client.get(key)).toBe('from another life');
    await change(
      member,
      'assignSlots(input: { from: 0, to: 1023, group: 1, force: true, keysAtTarget: KEEP })',
    );
    await change(member, assign('DISCARD'));
    expect(await client.get(key)).toBeNull();
    client.disconnect();
  });
});

test('keys of slots that a group does not own are counted, and removed', async () => {
  const key = KEYS[30]!;
  const number = slotOfKey(Buffer.from(key));
  await change(
    member,
    'assignSlots(input: { from: 0, to: 1023, group: 1, force: true, keysAtTarget: KEEP })',
  );
  const client = through(cluster.proxies[0]!);
  await client.set(key, 'of group 1');
  const direct = await cluster.servers[2]!.client();
  await direct.ask('FLUSHALL');
  await direct.ask('MSET', key, 'from another life', `{${key}}2`, 'and more');
  const remove = async (dryRun: boolean) => {
    const { removeForeignKeys } = await member.run<{ removeForeignKeys: { keys: string; slots: number[] } }>(
      `mutation { removeForeignKeys(input: { group: 3, dryRun: ${dryRun} }) { keys slots userErrors { message } } }`,
    );
    const { keys, slots } = removeForeignKeys;
    return { keys, slots };
  };
  expect(await remove(true)).toEqual({ keys: '2', slots: [number] });
  expect(await direct.ask('DBSIZE')).toBe(':2');
  expect(await remove(false)).toEqual({ keys: '2', slots: [number] });
  expect(await direct.ask('DBSIZE')).toBe(':0');
  direct.close();
  expect(await client.get(key)).toBe('of group 1');
  await change(member, `assignSlots(input: { from: ${number}, to: ${number}, group: 3, force: true })`);
  expect(await client.get(key)).toBeNull();
  await client.set(key, 'of group 3');
  expect(await remove(false)).toEqual({ keys: '0', slots: [] });
  expect(await client.get(key)).toBe('of group 3');
  client.disconnect();
});
