import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createClient,
  InvalidRequestError,
  RefusedError,
  UnreachableError,
  type QuorateClient,
} from '../../../src/sdk/index.js';
import { freePort } from '../../harness/servers/ports.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { RedisServer } from '../../harness/servers/redis.js';

let member: QuorateMember;
let servers: RedisServer[];
let client: QuorateClient;

beforeAll(async () => {
  [member, ...servers] = await Promise.all([
    QuorateMember.start({ proxy: true }),
    RedisServer.start(),
    RedisServer.start(),
  ]);
  client = createClient({ url: member.url });
});

afterAll(async () => {
  await client?.close();
  await Promise.all([member?.stop(), ...(servers ?? []).map((server) => server.stop())]);
});

async function caught(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a client of a member', () => {
  test('moves slots and follows the operation to its end', async () => {
    const [first, second] = servers as [RedisServer, RedisServer];
    for (const [number, { address }] of [
      [1, first],
      [2, second],
    ] as const) {
      await client.createGroup({ input: { number } });
      await client.addServer({ input: { group: number, address } });
    }
    await client.initSlots();
    await client.assignSlots({ input: { from: 0, to: 1023, group: 1 } });

    const { operation, plan } = await client.moveSlots({ input: { from: 0, to: 15, targetGroup: 2 } });
    expect(plan).toHaveLength(16);
    const states: string[] = [];
    for await (const { state } of client.watchOperations({ id: operation!.id })) {
      states.push(state);
      if (state === 'SUCCEEDED') break;
    }
    expect(states.at(-1)).toBe('SUCCEEDED');
    expect((await client.slotRanges()).map(({ to, group }) => [to, group?.number])).toEqual([
      [15, 2],
      [1023, 1],
    ]);
  });

  test('answers every query without arguments', async () => {
    const answers = await Promise.all([
      client.cluster(),
      client.members(),
      client.syncer(),
      client.journal(),
      client.journalSegments(),
      client.binlogServers(),
      client.slaves(),
      client.groups(),
      client.slots(),
      client.slotRanges(),
      client.migrationLimits(),
      client.proxies(),
      client.operations(),
      client.actions(),
    ]);
    expect(answers.every((answer) => answer !== null && answer !== undefined)).toBe(true);
    const [{ leader }, members] = answers;
    expect(members.map(({ name }) => name)).toEqual([leader?.name]);
  });

  test('answers queries of one object, and null for one that there is not', async () => {
    const [proxy] = await client.proxies();
    expect((await client.group({ number: 1 }))?.slotCount).toBe(1008);
    expect(await client.group({ number: 77 })).toBeNull();
    expect((await client.member({ name: 'm1' }))?.isLeader).toBe(true);
    expect((await client.proxy({ name: proxy!.name }))?.state).toBe('ONLINE');
    expect((await client.proxyStatistics({ name: proxy!.name }))?.statistics?.sessionsTotal).toMatch(/^\d+$/);
    expect((await client.slot({ number: 3 }))?.keys).toBe('0');
    expect((await client.slotOf({ key: 'hello' })).group).not.toBeNull();
    expect(await client.node({ id: (await client.group({ number: 1 }))!.id })).toMatchObject({
      __typename: 'Group',
    });
    expect(await client.binlogServer({ name: 'none' })).toBeNull();
    const { nodes, totalCount } = await client.operations({ first: 1 });
    expect(await client.operation({ id: nodes[0]!.id })).toEqual(nodes[0]);
    expect(nodes).toHaveLength(1);
    expect(totalCount).toBeGreaterThanOrEqual(1);
  });

  test('rejects with every reason when a change is turned down', async () => {
    const error = await caught(client.createGroup({ input: { number: 1 } }));
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({ code: 'ALREADY_EXISTS', userErrors: [{ code: 'ALREADY_EXISTS' }] });
    expect((error as Error).message).toContain('1');
  });

  test('rejects when the service does not understand the request', async () => {
    const error = await caught(client.group({ number: 'one' as unknown as number }));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error).toMatchObject({ code: 'BAD_USER_INPUT' });
    const watching = client.watchGroups({ number: 'one' as unknown as number });
    expect(await caught(watching.next())).toBeInstanceOf(InvalidRequestError);
  });

  test('goes to the next member when one does not answer', async () => {
    const several = createClient({ url: [`http://127.0.0.1:${await freePort()}`, member.url] });
    expect((await several.members()).length).toBe(1);
    const [first] = await Promise.all([several.watchCluster().next(), several.groups()]);
    expect(first.value?.name).toBe((await client.cluster()).name);
    await several.close();
    const watching = createClient({ url: [`http://127.0.0.1:${await freePort()}`, member.url] });
    expect((await watching.watchMembers().next()).value?.name).toBe('m1');
    await watching.close();
  });

  test('says that no member can be reached, for calls and for subscriptions', async () => {
    const nobody = createClient({ url: `http://127.0.0.1:${await freePort()}` });
    expect(await caught(nobody.groups())).toBeInstanceOf(UnreachableError);
    expect(await caught(nobody.createGroup({ input: { number: 3 } }))).toBeInstanceOf(UnreachableError);
    expect(await caught(nobody.watchGroups().next())).toBeInstanceOf(UnreachableError);
    await nobody.close();
  });

  test('ends a call at once when its signal says so', async () => {
    const controller = new AbortController();
    const call = client.groups({}, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
  });
});
