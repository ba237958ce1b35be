import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { QuorateMember } from '../../harness/servers/quorate.js';

const CHANGES = Number(process.env['QUORATE_TEST_CHANGES'] ?? 2_000);
const CUTS = 100;

let member: QuorateMember;
beforeAll(async () => {
  member = await QuorateMember.start();
});
afterAll(() => member?.stop());

interface ActionEvent {
  actions: { id: string; revision: string; target: string };
}

/** Makes and removes groups until that many changes have committed; their revisions in the order of commits. */
async function makeChanges(count: number): Promise<string[]> {
  const revisions: string[] = [];
  const lanes = Array.from({ length: 8 }, async (_, lane) => {
    for (let i = lane; i < count; i += 16) {
      const number = 100 + lane;
      for (const mutation of ['createGroup', 'removeGroup']) {
        const answer = await member.run<Record<string, { revision: string }>>(
          `mutation ($n: Int!) { ${mutation}(input: { number: $n }) { revision userErrors { message } } }`,
          { n: number },
        );
        revisions.push(answer[mutation]!.revision);
      }
    }
  });
  await Promise.all(lanes);
  return revisions.sort((a, b) => Number(BigInt(a) - BigInt(b)));
}

describe('the action feed', () => {
  test(`is resumed after ${CUTS} cuts of the websocket during ${CHANGES} changes: nothing missed, nothing twice`, async () => {
    const { actions } = await member.run<{ actions: { nodes: { revision: string }[] } }>(
      '{ actions(first: 500) { nodes { revision } } }',
    );
    const start = actions.nodes[actions.nodes.length - 1]!.revision;
    const seen: string[] = [];
    let cuts = 0;
    let finished = false;
    let expected = Number.POSITIVE_INFINITY;

    const following = (async () => {
      while (!finished) {
        const sockets: WebSocket[] = [];
        const client = createClient({
          url: `ws://127.0.0.1:${member.port}/graphql`,
          retryAttempts: 0,
          webSocketImpl: class extends WebSocket {
            constructor(url: string, protocol: string) {
              super(url, protocol);
              sockets.push(this);
            }
          },
        });
        const cutAfter = 1 + Math.floor(Math.random() * ((2 * CHANGES) / CUTS));
        let taken = 0;
        try {
          for await (const { data } of client.iterate<ActionEvent>({
            query: 'subscription ($after: BigInt) { actions(afterRevision: $after) { id revision target } }',
            variables: { after: seen[seen.length - 1] ?? start },
          })) {
            seen.push(data!.actions.revision);
            if (seen.length >= expected) finished = true;
            if (finished) break;
            if (++taken >= cutAfter && cuts < CUTS) {
              cuts++;
              sockets.forEach((socket) => socket.terminate());
            }
          }
        } catch {
          // The cut itself.
        }
        void client.dispose();
      }
    })();
    const revisions = await makeChanges(CHANGES);
    expected = revisions.length;
    // One more change, so that a follower which has seen everything already learns that it is done.
    const [last] = (await makeChanges(1)).slice(-1);
    await following;
    const all = await member.run<{ actions: { nodes: { revision: string }[] } }>(
      'query ($after: BigInt) { actions(first: 10, afterRevision: $after) { nodes { revision } } }',
      { after: revisions[revisions.length - 1] },
    );
    expect(all.actions.nodes.map((node) => node.revision)).toContain(last);
    expect(seen.slice(0, revisions.length)).toEqual(revisions);
    expect(cuts).toBe(CUTS);
  }, 120_000);

  test('pages go through all of it without repeating or skipping', async () => {
    const collected: string[] = [];
    let after: string | null = null;
    do {
      const page: {
        actions: { nodes: { revision: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
      } = await member.run(
        'query ($after: String) { actions(first: 333, after: $after) { nodes { revision } pageInfo { hasNextPage endCursor } } }',
        { after },
      );
      collected.push(...page.actions.nodes.map((node) => node.revision));
      after = page.actions.pageInfo.hasNextPage ? page.actions.pageInfo.endCursor : null;
    } while (after !== null);
    expect(collected.length).toBeGreaterThan(CHANGES);
    expect(new Set(collected).size).toBe(collected.length);
    expect([...collected].sort((a, b) => Number(BigInt(a) - BigInt(b)))).toEqual(collected);
  });

  test('names what happened in the past, and is filtered by these names', async () => {
    await member.run('mutation { createGroup(input: { number: 90 }) { revision } }');
    await member.run('mutation { removeGroup(input: { number: 90 }) { revision } }');
    const { actions } = await member.run<{ actions: { nodes: { type: string; target: string }[] } }>(
      '{ actions(types: [GROUP_REMOVED], last: 1) { nodes { type target } } }',
    );
    expect(actions.nodes).toEqual([{ type: 'GROUP_REMOVED', target: 'group/90' }]);
  });

  test('a refused collection counts nothing', async () => {
    const { data } = await member.ask<{ collectActions: object }>(
      'mutation { collectActions(input: {}) { collected userErrors { code } } }',
    );
    expect(data!.collectActions).toEqual({ collected: null, userErrors: [{ code: 'INVALID_INPUT' }] });
  });

  test('a feed that wants to resume before what was collected is told so', async () => {
    const before = await member.run<{ actions: { nodes: { revision: string }[] } }>(
      '{ actions(first: 1) { nodes { revision } } }',
    );
    const collect = await member.run<{ collectActions: { collected: number } }>(
      'mutation { collectActions(input: { keepLast: 10 }) { collected userErrors { message } } }',
    );
    expect(collect.collectActions.collected).toBeGreaterThan(CHANGES - 20);
    const query = 'query ($r: BigInt) { actions(afterRevision: $r) { nodes { id } } }';
    const late = await member.ask(query, { r: before.actions.nodes[0]!.revision });
    expect(late.errors?.[0]?.extensions?.['code']).toBe('COMPACTED');
    const client = member.websocket();
    const events = client.iterate({
      query: 'subscription ($r: BigInt) { actions(afterRevision: $r) { id } }',
      variables: { r: before.actions.nodes[0]!.revision },
    });
    const outcome = await events.next().catch((error: unknown) => error);
    expect(JSON.stringify(outcome)).toContain('COMPACTED');
    await client.dispose();
  });
});

describe('a mutation', () => {
  test('answers with the proposal and the revision at which the feed shows it', async () => {
    const { createGroup } = await member.run<{
      createGroup: {
        revision: string;
        proposal: { id: string; revision: string; committedBy: string };
        group: { revision: string };
      };
    }>(
      'mutation { createGroup(input: { number: 7 }) { revision proposal { id revision committedBy } group { revision } userErrors { message } } }',
    );
    expect(createGroup.proposal).toMatchObject({ revision: createGroup.revision, committedBy: member.name });
    expect(createGroup.group.revision).toBe(createGroup.revision);
    const { node } = await member.run<{ node: { revision: string; type: string; target: string } }>(
      'query ($id: ID!) { node(id: $id) { ... on Action { revision type target } } }',
      { id: createGroup.proposal.id },
    );
    expect(node).toEqual({ revision: createGroup.revision, type: 'GROUP_CHANGED', target: 'group/7' });
  });

  test('that expects another revision is refused with CONFLICT and changes nothing', async () => {
    const { removeGroup } = (
      await member.ask(
        'mutation { removeGroup(input: { number: 7, expectedRevision: "1" }) { revision proposal { id } group { number } userErrors { code path message } } }',
      )
    ).data!;
    expect(removeGroup).toMatchObject({ revision: null, proposal: null, group: null });
    expect(removeGroup.userErrors).toEqual([
      { code: 'CONFLICT', path: ['input', 'expectedRevision'], message: expect.stringContaining('Group 7') },
    ]);
    expect(await member.run('{ group(number: 7) { number } }')).toEqual({ group: { number: 7 } });
  });

  test.each([
    ['createGroup(input: { number: 0 })', ['INVALID_INPUT', 'input.number']],
    ['createGroup(input: { number: 7 })', ['ALREADY_EXISTS', 'input.number']],
    ['removeGroup(input: { number: 4711 })', ['NOT_FOUND', 'input.number']],
    ['addServer(input: { group: 7, address: "nonsense" })', ['INVALID_INPUT', 'input.address']],
    ['addServer(input: { group: 7, address: "127.0.0.1:1" })', ['UNREACHABLE', 'input.address']],
    ['assignSlots(input: { from: 5, to: 4, group: 7 })', ['INVALID_INPUT', 'input.to']],
    ['assignSlots(input: { from: 0, to: 2000, group: 7 })', ['INVALID_INPUT', 'input.to']],
    ['moveSlots(input: { from: 0, to: 1, targetGroup: 7 })', ['PRECONDITION_FAILED', '']],
    ['cancelOperation(input: { id: "none" })', ['NOT_FOUND', 'input.id']],
    ['setProxyState(input: { name: "none", state: ONLINE })', ['NOT_FOUND', 'input.name']],
    ['setProxyState(input: { name: "none", state: UNREACHABLE })', ['INVALID_INPUT', 'input.state']],
    ['collectActions(input: {})', ['INVALID_INPUT', 'input']],
    ['setMigrationLimits(input: { slotsPerBatch: 0 })', ['INVALID_INPUT', 'input.slotsPerBatch']],
    ['addMember(input: { name: "no name", peerUrls: ["tcp://a:1"] })', ['INVALID_INPUT', 'input.name']],
    ['addMember(input: { name: "m2", peerUrls: ["garbage"] })', ['INVALID_INPUT', 'input.peerUrls.0']],
    ['addMember(input: { name: "m2", peerUrls: ["tcp://a:1"] })', ['PRECONDITION_FAILED', '']],
    ['updateMember(input: { name: "m2", newPeerUrls: ["tcp://a:1"] })', ['NOT_FOUND', 'input.name']],
    [
      'updateMember(input: { name: "m1", newPeerUrls: ["tcp://a"] })',
      ['INVALID_INPUT', 'input.newPeerUrls.0'],
    ],
    [
      'updateAdminUrls(input: { name: "m1", adminUrls: ["ftp://a" ] })',
      ['INVALID_INPUT', 'input.adminUrls.0'],
    ],
    ['removeMember(input: { name: "m2" })', ['NOT_FOUND', 'input.name']],
    ['removeMember(input: { name: "m1", force: true })', ['WOULD_LOSE_QUORUM', 'input.name']],
    ['transferLeadership(input: { to: "m2" })', ['NOT_FOUND', 'input.to']],
    ['transferLeadership(input: {})', ['UNHEALTHY', '']],
    ['promoteServer(input: { group: 7, address: "127.0.0.1:1" })', ['UNSUPPORTED', '']],
  ])('%s is refused with its code and path', async (mutation, [code, path]) => {
    const { data, errors } = await member.ask<
      Record<string, { revision: unknown; userErrors: { code: string; path: string[] }[] }>
    >(`mutation { ${mutation} { revision userErrors { code path message } } }`);
    expect(errors).toBeUndefined();
    const [payload] = Object.values(data!);
    expect(payload!.revision).toBeNull();
    expect(payload!.userErrors.map((error) => [error.code, error.path.join('.')])).toEqual([[code, path]]);
  });
});

test('the newest actions are asked for by their number, and followed from there', async () => {
  const revisions = async (args: string): Promise<string[]> =>
    (await member.run(`{ actions(${args}) { nodes { revision } } }`)).actions.nodes.map(
      (node: { revision: string }) => node.revision,
    );
  const newest = await revisions('last: 3');
  expect(newest.length).toBe(3);
  await member.run('mutation { createGroup(input: { number: 77 }) { revision userErrors { message } } }');
  const later = await revisions(`last: 500, afterRevision: "${newest.at(-1)}"`);
  expect(await revisions('last: 4')).toEqual([...newest, ...later]);
  expect(later.length).toBe(1);
});

describe('a status subscription', () => {
  test('begins with the present state and goes on with what changes', async () => {
    const client = member.websocket();
    const events = client.iterate<{ groupStatus: { number: number; slotCount: number } }>({
      query: 'subscription { groupStatus(number: 7) { number slotCount } }',
    });
    expect((await events.next()).value.data.groupStatus).toEqual({ number: 7, slotCount: 0 });
    await client.dispose();

    await member.run('mutation { initSlots { userErrors { message } } }');
    const slots = await member.follow<{ slotStatus: { number: number; status: string }[] }>(
      'subscription { slotStatus(from: 10, to: 12) { number status } }',
      () => true,
    );
    expect(slots[0]!.slotStatus).toEqual([10, 11, 12].map((number) => ({ number, status: 'OFFLINE' })));
  });

  test('that is left while its source is idle leaves nothing behind', async () => {
    const listeners = async (): Promise<number> => {
      const text = await (await fetch(`${member.url}/metrics`)).text();
      return Number(/^quorate_subscriptions (\d+)$/m.exec(text)?.[1]);
    };
    // Those of the tests before have been left, which the member may not have seen yet.
    await expect.poll(listeners, { timeout: 10_000 }).toBe(0);
    const clients = Array.from({ length: 50 }, () => member.websocket());
    await Promise.all(
      clients.map(async (client) => {
        const events = client.iterate({ query: 'subscription { clusterStatus { name } }' });
        await events.next();
        void events.next().catch(() => undefined);
      }),
    );
    expect(await listeners()).toBe(50);
    await Promise.all(clients.map(async (client) => client.dispose()));
    await expect.poll(listeners, { timeout: 10_000 }).toBe(0);
  });
});
