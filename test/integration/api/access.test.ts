import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../../harness/generated/answers.js';
import { launchQuorate, QuorateMember, type GraphqlAnswer } from '../../harness/servers/quorate.js';
import { freePort } from '../../harness/servers/ports.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';

const tokensFile = join(temporaryDirectory('tokens'), 'tokens.yaml');
let member: QuorateMember;
const tokens: Record<string, string> = {};

async function createToken(name: string, role: string, ...more: string[]): Promise<string> {
  const command = launchQuorate([
    'token',
    'create',
    '--name',
    name,
    '--role',
    role,
    '--tokens',
    tokensFile,
    ...more,
  ]);
  expect(await command.exited).toBe(0);
  return command.output.split('\n').find((line) => line.startsWith('qt_'))!;
}

beforeAll(async () => {
  for (const role of ['VIEWER', 'OPERATOR', 'ADMIN'])
    tokens[role] = await createToken(role.toLowerCase(), role);
  member = await QuorateMember.start({ args: ['--tokens', tokensFile] });
});

afterAll(() => member?.stop());

async function post(
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: GraphqlAnswer<Answer> }> {
  const answer = await fetch(`${member.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as GraphqlAnswer<Answer> };
}

const as = (role: string) => ({ authorization: `Bearer ${tokens[role]}` });

/** The close code of a websocket, or its first message's payload. */
async function subscribe(query: string, connectionParams: Record<string, unknown>): Promise<unknown> {
  const client = createClient({
    url: `ws://127.0.0.1:${member.port}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams,
  });
  try {
    for await (const event of client.iterate({ query })) return event;
    return undefined;
  } catch (error) {
    return error;
  } finally {
    await client.dispose();
  }
}

test('whoever asks is told who they are, and an ADMIN who has tokens, without what is secret of them', async () => {
  const { body } = await post({ query: '{ viewer { name role expiresAt } }' }, as('OPERATOR'));
  expect(body.data!.viewer).toEqual({ name: 'operator', role: 'OPERATOR', expiresAt: null });
  const query = '{ tokens { id name role createdAt expiresAt } }';
  expect((await post({ query }, as('OPERATOR'))).body.errors![0]!.extensions!.code).toBe('FORBIDDEN');
  const answer = await post({ query }, as('ADMIN'));
  expect(answer.body.data!.tokens.map(({ name, role }) => [name, role])).toEqual(
    expect.arrayContaining([
      ['admin', 'ADMIN'],
      ['operator', 'OPERATOR'],
      ['viewer', 'VIEWER'],
    ]),
  );
  const { id } = answer.body.data!.tokens[0]!;
  const node = { query: `{ node(id: "${id}") { id __typename } }` };
  expect((await post(node, as('ADMIN'))).body.data!.node).toEqual({ id, __typename: 'Token' });
  expect((await post(node, as('OPERATOR'))).body.errors![0]!.extensions!.code).toBe('FORBIDDEN');
  expect(JSON.stringify(answer.body)).not.toMatch(/qt_|[0-9a-f]{64}/);
});

describe('who may do what', () => {
  test('nothing is answered without a token, over either transport', async () => {
    const { status, body } = await post({ query: '{ cluster { name } }' });
    expect(status).toBe(401);
    expect(body.errors![0]!.extensions!.code).toBe('UNAUTHENTICATED');
    expect(await subscribe('subscription { clusterStatus { name } }', {})).toMatchObject({ code: 4403 });
    expect(
      await subscribe('subscription { clusterStatus { name } }', { authorization: 'Bearer qt_wrong' }),
    ).toMatchObject({
      code: 4403,
    });
    expect((await fetch(`${member.url}/metrics`)).status).toBe(401);
    expect((await fetch(`${member.url}/healthz`)).status).toBe(200);
  });

  test('a viewer reads and follows, but changes nothing', async () => {
    expect((await post({ query: '{ cluster { name } }' }, as('VIEWER'))).body.data!.cluster.name).toBe(
      'default',
    );
    expect(
      await subscribe('subscription { clusterStatus { name } }', {
        Authorization: `Bearer ${tokens['VIEWER']}`,
      }),
    ).toMatchObject({ data: { clusterStatus: { name: 'default' } } });
    const { body } = await post(
      { query: 'mutation { createGroup(input: { number: 1 }) { revision } }' },
      as('VIEWER'),
    );
    expect(body.errors![0]!.extensions!.code).toBe('FORBIDDEN');
  });

  test('an operator changes the topology, but forces nothing and sets nothing', async () => {
    const done = await post(
      { query: 'mutation { createGroup(input: { number: 1 }) { revision } initSlots { revision } }' },
      as('OPERATOR'),
    );
    expect(done.body.errors).toBeUndefined();
    for (const mutation of [
      'initSlots(input: { force: true }) { revision }',
      'removeProxy(input: { name: "x", force: true }) { revision }',
      'assignSlots(input: { from: 0, to: 1, force: true }) { revision }',
      'setMigrationLimits(input: { keysPerSecond: 1 }) { revision }',
      'collectActions(input: { keepLast: 1 }) { revision }',
    ]) {
      const { body } = await post({ query: `mutation { ${mutation} }` }, as('OPERATOR'));
      expect(body.errors?.[0]!.extensions!.code, mutation).toBe('FORBIDDEN');
    }
  });

  test('the action feed names whose token it was', async () => {
    const { body } = await post(
      { query: '{ actions(types: [GROUP_CHANGED]) { nodes { actor } } }' },
      as('ADMIN'),
    );
    expect(body.data!.actions.nodes).toEqual([{ actor: 'operator' }]);
  });

  test('a token that expires or is taken out of the file ends its websocket', async () => {
    const token = await createToken(
      'brief',
      'VIEWER',
      '--expires',
      new Date(Date.now() + 8_000).toISOString(),
    );
    const client = createClient({
      url: `ws://127.0.0.1:${member.port}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${token}` },
    });
    const events = client.iterate({ query: 'subscription { clusterStatus { name } }' });
    expect((await events.next()).done).toBe(false);
    await expect(events.next()).rejects.toMatchObject({ code: 4403 });
    await client.dispose();
  });
});

describe('what a request may cost', () => {
  const deep = `group { ${'servers { '.repeat(14)} address ${'} '.repeat(14)} }`;
  const costly = Array.from(
    { length: 20 },
    (_, i) =>
      `a${i}: slots { ${'group { servers { address problem role version engine keys } } '.repeat(30)} }`,
  );
  const limits: [string, string, RegExp][] = [
    ['depth', `slots { ${deep} }`, /depth limit/i],
    ['aliases', Array.from({ length: 60 }, (_, i) => `a${i}: cluster { name }`).join(' '), /alias/i],
    ['tokens', 'cluster { name } '.repeat(1_000), /token/i],
    ['cost', costly.join(' '), /cost|token/i],
    [
      'introspection',
      'a: __typename b: __schema { types { name } } c: __schema { types { name } } d: __type(name: "Slot") { name }',
      /introspection limit/,
    ],
  ];

  test.each(limits)('a document over the limit of %s is refused over HTTP', async (_, fields, reason) => {
    const { body } = await post({ query: `{ ${fields} }` }, as('VIEWER'));
    expect(body.data).toBeUndefined();
    expect(body.errors![0]!.extensions).toEqual({ code: 'LIMIT_EXCEEDED' });
    expect(JSON.stringify(body)).not.toMatch(/Syntax Error/);
    expect(body.errors!.map((error: { message: string }) => error.message).join('\n')).toMatch(reason);
  });

  test.each([
    ['depth', `subscription { slotStatus { ${deep} } }`, /depth limit/i],
    [
      'aliases',
      `subscription { clusterStatus { ${Array.from({ length: 60 }, (_, i) => `a${i}: name`).join(' ')} } }`,
      /alias/i,
    ],
    ['tokens', `subscription { clusterStatus { ${'name '.repeat(3_000)} } }`, /token/i],
    ['kind', 'query { cluster { name } }', /over HTTP/],
    ['kind of a mutation', 'mutation { createGroup(input: { number: 99 }) { revision } }', /over HTTP/],
  ])('a document over the limit of %s is refused over the websocket', async (_, query, reason) => {
    const answer = await subscribe(query, { authorization: `Bearer ${tokens['ADMIN']}` });
    expect(JSON.stringify(answer)).toMatch(reason);
    const { body } = await post({ query: '{ group(number: 99) { id } }' }, as('VIEWER'));
    expect(body.data!.group).toBeNull();
  });

  test('one websocket carries a hundred subscriptions and refuses the next', async () => {
    const client = createClient({
      url: `ws://127.0.0.1:${member.port}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${tokens['VIEWER']}` },
    });
    const open = () => client.iterate({ query: 'subscription { clusterStatus { name } }' });
    const first = Array.from({ length: 100 }, open);
    for (const events of first) expect((await events.next()).done).toBe(false);
    const refused = await open()
      .next()
      .catch((error: unknown) => error);
    expect(JSON.stringify(refused)).toMatch(/at most 100 subscriptions/);
    await client.dispose();
  });

  test('a body that is too large or no JSON is answered, and the service lives on', async () => {
    const large = await fetch(`${member.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...as('VIEWER') },
      body: JSON.stringify({ query: ' '.repeat(1_200_000) }),
    });
    expect(large.status).toBe(413);
    const broken = await fetch(`${member.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...as('VIEWER') },
      body: '{',
    });
    expect(broken.status).toBe(400);
    expect(await broken.text()).not.toMatch(/node_modules|at .*\.js/);
    expect((await post({ query: '{ cluster { name } }' }, as('VIEWER'))).status).toBe(200);
  });
});

describe('without tokens', () => {
  test('a start beyond loopback is refused with what to do', async () => {
    const port = await freePort();
    const process = launchQuorate([
      'serve',
      '--listen',
      `0.0.0.0:${port}`,
      '--data-dir',
      temporaryDirectory('open'),
    ]);
    expect(await process.exited).toBe(1);
    expect(process.output).toMatch(
      /Refusing to listen on 0\.0\.0\.0:\d+ without authentication.*quorate token create.*--tokens/s,
    );
  });

  test('requests under a foreign name or from a foreign page are refused, over either transport', async () => {
    const open = await QuorateMember.start({});
    try {
      const body = JSON.stringify({ query: '{ cluster { name } }' });
      const { request } = await import('node:http');
      const status = (headers: Record<string, string>) =>
        new Promise<number>((resolve, reject) => {
          const call = request(
            {
              port: open.port,
              host: '127.0.0.1',
              path: '/graphql',
              method: 'POST',
              headers: { 'content-type': 'application/json', ...headers },
            },
            (response) => {
              response.resume();
              resolve(response.statusCode ?? 0);
            },
          );
          call.on('error', reject);
          call.end(body);
        });
      expect(await status({})).toBe(200);
      expect(await status({ host: 'evil.example' })).toBe(403);
      expect(await status({ origin: 'http://evil.example' })).toBe(403);
      const refused = await new Promise<number>((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${open.port}/graphql`, 'graphql-transport-ws', {
          origin: 'http://evil.example',
        });
        socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
        socket.on('error', () => undefined);
      });
      expect(refused).toBe(403);
    } finally {
      await open.stop();
    }
  });

  test('a missing or broken tokens file stops the start', async () => {
    const directory = temporaryDirectory('broken');
    const missing = launchQuorate([
      'serve',
      '--data-dir',
      directory,
      '--tokens',
      join(directory, 'none.yaml'),
    ]);
    expect(await missing.exited).toBe(1);
    expect(missing.output).toMatch(/does not exist.*quorate token create/s);
    writeFileSync(join(directory, 'bad.yaml'), 'tokens: 5\n');
    const broken = launchQuorate(['serve', '--data-dir', directory, '--tokens', join(directory, 'bad.yaml')]);
    expect(await broken.exited).toBe(1);
    expect(broken.output).toMatch(/cannot be read/);
  });
});
