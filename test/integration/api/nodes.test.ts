import { afterAll, beforeAll, expect, test } from 'vitest';
import type { QuorateMember } from '../../harness/servers/quorate.js';
import { startShardedRedis, type ShardedRedis } from '../../harness/servers/sharded-redis.js';

let cluster: ShardedRedis;
let member: QuorateMember;

beforeAll(async () => {
  cluster = await startShardedRedis({ groups: 1, proxies: 1, assignTo: [] });
  [member] = cluster.members as [QuorateMember];
});

afterAll(() => cluster?.stop());

async function typeOf(id: string): Promise<string | undefined> {
  const { node } = await member.run<{ node: { id: string; __typename: string } | null }>(
    'query ($id: ID!) { node(id: $id) { id __typename } }',
    { id },
  );
  if (node) expect(node.id).toBe(id);
  return node?.__typename;
}

test('whatever has an id is found by it', async () => {
  await expect
    .poll(() => member.run('{ cluster { problems { code } } }'))
    .toMatchObject({ cluster: { problems: [{ code: 'SLOTS_UNASSIGNED' }] } });
  const answer = await member.run(`{
    cluster { id problems { id } } syncer { id } journal { id } members { id } proxies { id }
    groups { id servers { id } } slots(from: 7, to: 7) { id } actions(last: 1) { nodes { id } }
  }`);
  const found: Record<string, string | undefined> = {};
  const look = async (value: unknown): Promise<void> => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, each] of Object.entries(value)) {
      if (name !== 'id') await look(each);
      else found[each.replace(/\/.*/, '').replace(/^[0-9a-f-]{36}$/, 'none')] = await typeOf(each);
    }
  };
  await look(answer);
  expect(found).toEqual({
    ...{ cluster: 'Cluster', problem: 'Problem', syncer: 'Syncer', journal: 'Journal', member: 'Member' },
    ...{ proxy: 'Proxy', group: 'Group', server: 'Server', slot: 'Slot', none: 'Action' },
  });
});

test.each([
  ...[
    'slot/007',
    'slot/',
    'slot/1024',
    'cluster/other',
    'cluster/',
    'journal/other',
    'syncer/',
    'server/none',
  ],
  ...['token/none', 'segment/default/none', 'problem/none', 'group/', 'constructor/x', 'none', ''],
])('nothing is found by %j', async (id) => {
  expect(await typeOf(id)).toBeUndefined();
});

test('a problem leads to the server that it is about', async () => {
  const [server] = cluster.servers;
  await server!.stop();
  const about = async () => {
    const { cluster: shown } = await member.run(
      '{ cluster { problems { code object { ... on Server { id address } } } } }',
    );
    return shown.problems.find(({ code }) => code === 'MASTER_DOWN')?.object;
  };
  await expect.poll(about, { timeout: 30_000 }).toMatchObject({ address: server!.address });
});
