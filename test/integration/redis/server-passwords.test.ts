import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { change } from '../../harness/servers/moves.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { RedisServer } from '../../harness/servers/redis.js';

let member: QuorateMember;
let master: RedisServer;
let replica: RedisServer;
let client: Redis;

beforeAll(async () => {
  [member, master, replica] = await Promise.all([
    QuorateMember.start({ proxy: true }),
    RedisServer.start(),
    RedisServer.start(),
  ]);
  await change(member, 'initSlots');
  await change(member, 'createGroup(input: { number: 1 })');
  for (const { address } of [master, replica])
    await change(member, `addServer(input: { group: 1, address: "${address}" })`);
  await change(member, 'assignSlots(input: { from: 0, to: 1023, group: 1 })');
  client = new Redis({ port: member.proxyPort!, lazyConnect: true, retryStrategy: null });
  await client.connect();
  // The connection to the server is there before its password changes.
  await client.set('before', 'value');
});

afterAll(async () => {
  client?.disconnect();
  await Promise.all([member?.kill(), master?.stop(), replica?.stop()]);
});

interface Refusal {
  readonly code: string;
  readonly path: readonly string[];
}

async function update(fields: string): Promise<Refusal[]> {
  const { data } = await member.ask<{ updateServer: { userErrors: Refusal[] } }>(
    `mutation { updateServer(input: { group: 1, address: "${master.address}", ${fields} }) {
      userErrors { code path message } } }`,
  );
  return data!.updateServer.userErrors;
}

async function untilHealth(health: string): Promise<void> {
  await member.follow<{ clusterStatus: { health: string } }>(
    'subscription { clusterStatus { health } }',
    ({ clusterStatus }) => clusterStatus.health === health,
  );
}

/** Every write that a client sends until it is stopped, and what failed. */
function keepWriting(): () => Promise<string[]> {
  const failures: string[] = [];
  let isWanted = true;
  const writing = (async () => {
    for (let i = 0; isWanted; i++) {
      await client.set(`key${i % 100}`, i).catch((error: Error) => failures.push(error.message));
    }
  })();
  return async () => {
    isWanted = false;
    await writing;
    return failures;
  };
}

test('a new password of a master is recorded without a failed request', async () => {
  const stop = keepWriting();
  const admin = await master.client();
  expect(await admin.ask('CONFIG', 'SET', 'requirepass', 'new')).toBe('+OK');
  admin.close();
  expect(await update('password: "wrong"')).toEqual([
    expect.objectContaining({ code: 'INVALID_INPUT', path: ['input', 'password'] }),
  ]);
  expect(await update('password: "new", dryRun: true')).toEqual([]);
  expect(await update('password: "new", expectedRevision: "1"')).toMatchObject([{ code: 'CONFLICT' }]);
  expect(await update('password: "new"')).toEqual([]);
  await untilHealth('OK');
  expect(await stop()).toEqual([]);
});

test('connections that are made from then on use it, those of replicas too', async () => {
  const admin = await master.client();
  expect(await admin.ask('AUTH', 'new')).toBe('+OK');
  await admin.ask('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await admin.ask('CLIENT', 'KILL', 'TYPE', 'replica');
  admin.close();
  await untilHealth('OK');
  await expect.poll(() => client.set('after', 'value').catch((error: Error) => error.message)).toBe('OK');
  const follower = await replica.client();
  await expect.poll(() => follower.ask('GET', 'after'), { timeout: 30_000 }).toContain('value');
  follower.close();
});

test('it can be taken away again, and is never shown', async () => {
  const admin = await master.client();
  await admin.ask('AUTH', 'new');
  expect(await admin.ask('CONFIG', 'SET', 'requirepass', '')).toBe('+OK');
  admin.close();
  expect(await update('password: null, dataCenter: "east"')).toEqual([]);
  await untilHealth('OK');
  const shown = JSON.stringify(
    await member.run(
      '{ actions(first: 100) { nodes { description } } groups { servers { address dataCenter } } }',
    ),
  );
  expect(shown).toContain('New password and data centre of server');
  expect(shown).toContain('"east"');
  expect(shown).not.toMatch(/"new"/);
});
