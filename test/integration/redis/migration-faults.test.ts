import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { slotOfKey } from '../../../src/redis/key-slot.js';
import {
  change,
  moveOutcome,
  moveUntil,
  startMove,
  type MoveOperation,
} from '../../harness/servers/moves.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { RedisServer } from '../../harness/servers/redis.js';
import { startShardedRedis } from '../../harness/servers/sharded-redis.js';
import { TcpRelay } from '../../harness/servers/tcp-relay.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';

async function statuses(member: QuorateMember): Promise<Set<string>> {
  const { slots } = await member.run<{ slots: { status: string; group: { number: number } }[] }>(
    '{ slots { status group { number } } }',
  );
  return new Set(slots.map(({ status, group }) => `${status} ${group.number}`));
}

describe('a move that a server stops', () => {
  let member: QuorateMember;
  let source: RedisServer;
  let target: RedisServer;

  const KEYS = Array.from({ length: 1_000 }, (_, i) => `key:${i}`);

  /** What a server holds survives its end. */
  const durable = (): Promise<RedisServer> =>
    RedisServer.start({ args: ['--appendonly', 'yes', '--dir', temporaryDirectory('aof')] });

  beforeAll(async () => {
    [member, source, target] = await Promise.all([
      QuorateMember.start({ proxy: true }),
      durable(),
      durable(),
    ]);
    await change(member, 'initSlots');
    for (const [index, server] of [source, target].entries()) {
      await change(member, `createGroup(input: { number: ${index + 1} })`);
      await change(member, `addServer(input: { group: ${index + 1}, address: "${server.address}" })`);
    }
  });

  afterAll(async () => {
    await Promise.all([member?.kill(), source?.stop(), target?.stop()]);
  });

  beforeEach(async () => {
    for (const server of [source, target]) await tell(server, 'FLUSHALL');
    await change(member, 'assignSlots(input: { from: 0, to: 1023, group: 1, force: true })');
    await change(member, 'setMigrationLimits(input: { keysPerSecond: null, slotsPerBatch: 512 })');
    await through(async (client) => {
      for (const key of KEYS) await client.set(key, `value of ${key}`);
    });
  });

  async function tell(server: RedisServer, ...words: string[]): Promise<string> {
    const client = await server.client();
    return client.ask(...words).finally(() => client.close());
  }

  async function through(work: (client: Redis) => Promise<void>): Promise<void> {
    const client = new Redis({ port: member.proxyPort! });
    await work(client).finally(() => client.disconnect());
  }

  /** A move of half of the slots that has moved some keys, and then waits for seconds before it moves the next ones. */
  async function slowMove(): Promise<string> {
    await change(member, 'setMigrationLimits(input: { keysPerSecond: 8 })');
    const id = await startMove(member, 'from: 0, to: 511, targetGroup: 2');
    await moveUntil(member, id, ({ done }) => Number(done) > 0);
    return id;
  }

  /** Clients of slots that are not under way notice nothing. */
  async function checkOthers(): Promise<void> {
    await through(async (client) => {
      for (const key of KEYS.filter((key) => slotOfKey(Buffer.from(key)) >= 512)) {
        expect(await client.get(key)).toBe(`value of ${key}`);
        await client.set(key, `value of ${key}`);
      }
    });
  }

  async function resume(id: string): Promise<MoveOperation> {
    await change(member, 'setMigrationLimits(input: { keysPerSecond: null })');
    await change(member, `resumeOperation(input: { id: "${id}" })`);
    return moveOutcome(member, id);
  }

  /** Every key has its value, and is at the group of its slot only. */
  async function checkKeys(moved: boolean): Promise<void> {
    await through(async (client) => {
      for (const key of KEYS) expect(await client.get(key)).toBe(`value of ${key}`);
    });
    const low = KEYS.filter((key) => slotOfKey(Buffer.from(key)) < 512).length;
    const [atSource, atTarget] = await Promise.all([source, target].map((server) => tell(server, 'DBSIZE')));
    expect([atSource, atTarget]).toEqual(
      moved ? [`:${KEYS.length - low}`, `:${low}`] : [`:${KEYS.length}`, ':0'],
    );
    expect(await statuses(member)).toEqual(new Set(moved ? ['ONLINE 1', 'ONLINE 2'] : ['ONLINE 1']));
  }

  test('pauses with its message and the name of the key when the target is full, and goes on when it has room', async () => {
    const id = await slowMove();
    await tell(target, 'CONFIG', 'SET', 'maxmemory', '1');
    await change(member, 'setMigrationLimits(input: { keysPerSecond: null })');
    const paused = await moveOutcome(member, id);
    expect(paused.state).toBe('PAUSED');
    expect(paused.error).toMatch(/Key "key:\d+" could not be moved from .*OOM command not allowed/);
    await checkOthers();
    await tell(target, 'CONFIG', 'SET', 'maxmemory', '0');
    expect(await resume(id)).toMatchObject({ state: 'SUCCEEDED', error: null });
    await checkKeys(true);
  });

  test('pauses when the target dies, and goes on when it is back with its data', async () => {
    const id = await slowMove();
    await target.kill();
    const paused = await moveOutcome(member, id);
    expect(paused.state).toBe('PAUSED');
    expect(paused.error).toContain(target.address);
    await checkOthers();
    await target.restart();
    expect(await resume(id)).toMatchObject({ state: 'SUCCEEDED', error: null });
    await checkKeys(true);
  });

  test('pauses when the source dies, and goes on when it is back with its data', async () => {
    const id = await slowMove();
    await source.kill();
    const paused = await moveOutcome(member, id);
    expect(paused.state).toBe('PAUSED');
    expect(paused.error).toContain(source.address);
    await source.restart();
    expect(await resume(id)).toMatchObject({ state: 'SUCCEEDED', error: null });
    await checkKeys(true);
  });

  test('pauses with the name of a key that takes too long, and leaves one copy of it in the end', async () => {
    const id = await slowMove();
    target.freeze();
    const paused = await moveOutcome(member, id).finally(() => target.thaw());
    expect(paused.state).toBe('PAUSED');
    expect(paused.error).toMatch(/Key "key:\d+" could not be moved from .*IOERR/);
    await checkOthers();
    expect(await resume(id)).toMatchObject({ state: 'SUCCEEDED', error: null });
    await checkKeys(true);
  });

  test('while it is being cancelled goes on with that when it is resumed', async () => {
    const id = await slowMove();
    await target.kill();
    expect((await moveOutcome(member, id)).state).toBe('PAUSED');
    await change(member, `cancelOperation(input: { id: "${id}" })`);
    const stopped = await moveOutcome(member, id);
    expect(stopped).toMatchObject({ state: 'PAUSED' });
    expect(stopped.error).toContain(target.address);
    await target.restart();
    await change(member, 'setMigrationLimits(input: { keysPerSecond: null })');
    await change(member, `resumeOperation(input: { id: "${id}" })`);
    const end = await moveOutcome(member, id);
    expect(end).toMatchObject({ state: 'CANCELLED', error: null });
    await checkKeys(false);
  });

  test('has its last command cut off before clients change keys where they were', async () => {
    const late = await RedisServer.start();
    const relay = await TcpRelay.start(late.port);
    try {
      await change(member, 'createGroup(input: { number: 3 })');
      await change(member, `addServer(input: { group: 3, address: "${relay.address}" })`);
      await change(member, 'assignSlots(input: { from: 0, to: 1023, group: 3, force: true })');
      await through(async (client) => void (await client.set('key', 'before')));
      const slot = slotOfKey(Buffer.from('key'));
      const isMove = (chunk: Buffer): boolean =>
        chunk.includes('MIGRATE') && chunk.includes('REPLACE') && !chunk.includes('quorate:rehearsal');
      let held = false;
      relay.judge = (chunk) => {
        if (held || !isMove(chunk)) return 'forward';
        held = true;
        return 'hold';
      };
      const id = await startMove(member, `from: ${slot}, to: ${slot}, targetGroup: 2`);
      expect(await moveOutcome(member, id)).toMatchObject({ state: 'PAUSED' });
      expect(await tell(late, 'CLIENT', 'LIST')).toContain('name=quorate-mover:');

      await change(member, `cancelOperation(input: { id: "${id}" })`);
      expect(await moveOutcome(member, id)).toMatchObject({ state: 'CANCELLED', error: null });
      expect(await tell(late, 'CLIENT', 'LIST')).not.toContain('name=quorate-mover:');
      await through(async (client) => {
        await client.set('key', 'after');
        void relay.deliverHeld(() => true);
        for (let i = 0; i < 50; i++) expect(await client.get('key')).toBe('after');
      });
    } finally {
      await relay.stop();
      await late.stop();
    }
  });
});

test('requests are not held for a move that was paused while its leader was lost', async () => {
  const cluster = await startShardedRedis({
    groups: 2,
    proxies: 2,
    members: 2,
    assignTo: [1],
    memberArgs: ['--session-ttl', '2000', '--barrier-timeout', '60000'],
  });
  try {
    const [leader, other] = cluster.members as [QuorateMember, QuorateMember];
    const [alive, hanging] = cluster.proxies;
    hanging!.process.signal('SIGSTOP');
    const id = await startMove(other, 'from: 0, to: 63, targetGroup: 2');
    await other.follow<{ slotStatus: { status: string }[] }>(
      'subscription { slotStatus { status } }',
      ({ slotStatus }) => slotStatus.some(({ status }) => status === 'PRE_MIGRATE'),
    );
    await change(other, `pauseOperation(input: { id: "${id}" })`);
    await leader.kill();
    await other.follow<{ clusterStatus: { leader: { name: string } | null } }>(
      'subscription { clusterStatus { leader { name } } }',
      ({ clusterStatus }) => clusterStatus.leader?.name === other.name,
    );
    await expect.poll(() => statuses(other), { timeout: 20_000 }).toEqual(new Set(['ONLINE 1']));
    expect((await moveOutcome(other, id)).state).toBe('PAUSED');
    const client = new Redis({ port: alive!.port });
    for (let i = 0; i < 200; i++) expect(await client.set(`key:${i}`, 'value')).toBe('OK');
    client.disconnect();
    hanging!.process.signal('SIGCONT');
    await change(other, `resumeOperation(input: { id: "${id}" })`);
    expect(await moveOutcome(other, id)).toMatchObject({ state: 'SUCCEEDED', error: null });
  } finally {
    await cluster.stop();
  }
}, 90_000);
