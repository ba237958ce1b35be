import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Services } from '../../../src/api/context.js';
import { Authenticator } from '../../../src/http/authenticator.js';
import { forwardMutations } from '../../../src/http/forward.js';
import { TokenStore } from '../../../src/http/tokens.js';
import { createLogger } from '../../../src/telemetry/logger.js';

const KEY = Buffer.alloc(32, 1);
const MUTATION = {
  query: 'mutation ($n: Int!) { createGroup(input: { number: $n }) { revision } }',
  variables: { n: 1 },
};

interface Answered {
  readonly data?: unknown;
  readonly errors: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

interface Seen {
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: unknown;
}

let servers: Server[];
let seen: Seen[];
let leader: string | readonly string[] | undefined;
let leads: boolean;
let ask: (body: unknown, headers?: Record<string, string>) => Promise<{ status: number; body: Answered }>;

async function serve(app: express.Express): Promise<string> {
  const server = createServer(app).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeEach(async () => {
  [servers, seen, leads] = [[], [], false];
  leader = await serve(
    express().use(express.json(), (request, response) => {
      seen.push({ headers: request.headers, body: request.body });
      response.status(418).json({ data: 'from the leader' });
    }),
  );
  await follow(new Authenticator(null, KEY));
});

/** Starts a follower whose own answer is `here`. */
async function follow(authenticator: Authenticator): Promise<void> {
  const view = {
    get: () => ({ createRevision: 1n, value: { member: 'm1' } }),
    until: (predicate: () => boolean) =>
      predicate() ? Promise.resolve() : Promise.reject(new Error('too late')),
    subscribe: () => () => undefined,
  };
  const membership = { byName: () => ({ adminUrls: leader === undefined ? [] : [leader].flat() }) };
  const services = { view, membership, memberName: 'm2' } as unknown as Services;
  const forward = forwardMutations(services, authenticator, () => leads, createLogger('silent'));
  const url = await serve(
    express().use(express.json(), forward, (_request, response) => void response.json({ data: 'here' })),
  );
  ask = async (body, headers = {}) => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Answered };
  };
}

afterEach(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

describe('a follower', () => {
  test('passes a mutation on to the leader for its caller, and the whole answer back', async () => {
    expect(await ask(MUTATION, { authorization: 'Bearer secret', cookie: 'a=b' })).toEqual({
      status: 418,
      body: { data: 'from the leader' },
    });
    expect(seen).toMatchObject([{ body: MUTATION, headers: { 'x-quorate-forwarded': '1' } }]);
    expect(seen[0]!.headers['cookie']).toBeUndefined();
    const { authorization } = seen[0]!.headers as { authorization: string };
    expect(authorization).not.toContain('secret');
    const told = await new Authenticator(TokenStore.empty(), KEY).authenticate(authorization);
    expect(told).toMatchObject({ name: 'local', role: 'ADMIN' });
  });

  test.each([
    ['queries', { query: '{ cluster { name } }' }],
    ['subscriptions', { query: 'subscription { clusterStatus { name } }' }],
    ['batches', [MUTATION]],
    ['documents that do not parse', { query: 'mutation {' }],
    ['documents that are too large', { query: `mutation { ${'a '.repeat(3_000)} }` }],
    ['documents that do not say which operation', { query: 'mutation A { a } mutation B { b }' }],
    ['the query among other operations', { query: 'mutation A { a } query B { b }', operationName: 'B' }],
    ['bodies without a document', { query: 5 }],
  ])('answers %s itself', async (_, body) => {
    expect((await ask(body)).body).toEqual({ data: 'here' });
    expect(seen).toEqual([]);
  });

  test('passes on the mutation among other operations', async () => {
    await ask({ query: 'mutation A { a } query B { b }', operationName: 'A' });
    expect(seen).toHaveLength(1);
  });

  test('passes nothing on twice', async () => {
    const { body } = await ask(MUTATION, { 'x-quorate-forwarded': '1' });
    expect(body.errors[0]!.extensions.code).toBe('NO_LEADER');
    expect(seen).toEqual([]);
  });

  test('passes nothing on for a caller that it does not know', async () => {
    await follow(new Authenticator(TokenStore.empty(), KEY));
    expect((await ask(MUTATION)).body).toEqual({ data: 'here' });
    expect(seen).toEqual([]);
  });

  test('says that the outcome is unknown when the leader does not answer', async () => {
    leader = await serve(express().use((request) => void request.socket.destroy()));
    const { body } = await ask(MUTATION);
    expect(body.errors[0]).toMatchObject({
      extensions: { code: 'TIMEOUT' },
      message: expect.stringContaining('is unknown'),
    });
  });

  test('says that nothing was changed when the leader is not there', async () => {
    servers[0]!.close();
    const { body } = await ask(MUTATION);
    expect(body.errors[0]).toMatchObject({
      extensions: { code: 'NO_LEADER' },
      message: expect.stringContaining('Nothing was changed'),
    });
  });

  test('tries all URLs of the leader, past those that lead elsewhere', async () => {
    const real = leader as string;
    const gone = await serve(express());
    servers.at(-1)!.close();
    const other = await serve(
      express().use((_, response) => void response.json({ errors: [{ extensions: { code: 'NO_LEADER' } }] })),
    );
    const foreign = await serve(express());
    const misleading = [gone, 'http://127.0.0.1:10080', other, foreign];
    leader = [...misleading, real];
    expect((await ask(MUTATION)).body).toEqual({ data: 'from the leader' });
    expect(seen).toHaveLength(1);

    leader = misleading;
    const { message, extensions } = (await ask(MUTATION)).body.errors[0]!;
    expect(extensions.code).toBe('NO_LEADER');
    for (const part of [
      `${gone} cannot be reached (ECONNREFUSED)`,
      'http://127.0.0.1:10080 cannot be reached (no program connects to that port)',
      `${other} is a member that does not lead`,
      `${foreign} is no API of Quorate (HTTP 404)`,
      'Nothing was changed',
    ])
      expect(message).toContain(part);
  });

  test('does not ask at another URL what the leader may have done', async () => {
    leader = [await serve(express().use((request) => void request.socket.destroy())), leader as string];
    expect((await ask(MUTATION)).body.errors[0]!.extensions.code).toBe('TIMEOUT');
    expect(seen).toEqual([]);
  });

  test('says so when nobody leads', async () => {
    leader = undefined;
    expect((await ask(MUTATION)).body.errors[0]!.extensions.code).toBe('NO_LEADER');
  });

  test('answers mutations itself once it leads', async () => {
    leads = true;
    expect((await ask(MUTATION)).body).toEqual({ data: 'here' });
    expect(seen).toEqual([]);
  });
});
