import { afterAll, beforeAll, expect, test } from 'vitest';
import { change } from '../../harness/servers/moves.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { RedisServer } from '../../harness/servers/redis.js';

let member: QuorateMember;
let servers: RedisServer[];

beforeAll(async () => {
  [member, ...servers] = await Promise.all([
    QuorateMember.start({ proxy: true }),
    RedisServer.start(),
    RedisServer.start(),
  ]);
  for (const number of [1, 2, 3]) await change(member, `createGroup(input: { number: ${number} })`);
});

afterAll(async () => {
  await Promise.all([member?.kill(), ...(servers ?? []).map((server) => server.stop())]);
});

const add = (group: number, address: string): string =>
  `addServer(input: { group: ${group}, address: "${address}" })`;

async function codes(mutation: string): Promise<string[]> {
  const { data } = await member.ask<Record<string, { userErrors: { code: string }[] }>>(
    `mutation { ${mutation} { userErrors { code message } } }`,
  );
  return Object.values(data!)[0]!.userErrors.map(({ code }) => code);
}

interface Server {
  readonly address: string;
  readonly replicationLag: string | null;
}

async function all(): Promise<Server[]> {
  const { groups } = await member.run<{ groups: { servers: Server[] }[] }>(
    '{ groups { servers { address replicationLag } } }',
  );
  return groups.flatMap((group) => group.servers);
}

test('a server that is added under several names at the same time becomes one server', async () => {
  const { port } = servers[0]!;
  const names = [`127.0.0.1:${port}`, `localhost:${port}`];
  for (let round = 0; round < 5; round++) {
    const refused = await Promise.all(names.map((name, i) => codes(add(i + 1, name))));
    expect(refused.filter((each) => each.length === 0)).toHaveLength(1);
    const [only, ...more] = await all();
    expect(more).toEqual([]);
    const group = only!.address.startsWith('127.0.0.1') ? 1 : 2;
    await change(member, `removeServer(input: { group: ${group}, address: "${only!.address}" })`);
  }
});

test("a proxy of ours is no group's server", async () => {
  expect(await codes(add(1, `127.0.0.1:${member.proxyPort}`))).toEqual(['UNSUPPORTED']);
  expect(await all()).toEqual([]);
});

test('a replica belongs to its master by whatever name it follows that, and its lag is known', async () => {
  const [master, replica] = servers as [RedisServer, RedisServer];
  await change(member, add(3, master.address));
  const client = await replica.client();
  expect(await client.ask('REPLICAOF', 'localhost', String(master.port))).toBe('+OK');
  client.close();
  await change(member, add(3, replica.address));
  await expect
    .poll(async () => (await all()).find(({ address }) => address === replica.address)?.replicationLag, {
      timeout: 10_000,
    })
    .toBe('0');
});
