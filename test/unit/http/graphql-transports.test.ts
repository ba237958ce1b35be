import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { createHash, randomBytes } from 'node:crypto';
import express from 'express';
import { buildSchema } from 'graphql';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Services } from '../../../src/api/context.js';
import { Authenticator } from '../../../src/http/authenticator.js';
import { createGraphqlHttp } from '../../../src/http/graphql-http.js';
import { createGraphqlWebsocket } from '../../../src/http/graphql-websocket.js';
import { HttpRefusals } from '../../../src/http/refusals.js';
import { TokenStore } from '../../../src/http/tokens.js';
import { createLogger } from '../../../src/telemetry/logger.js';

const log = createLogger('silent');
const schema = buildSchema(
  'type Query { hello: String } type Mutation { hello: String } type Subscription { never: String }',
);
const services = {} as Services;
const local = new Authenticator(null, Buffer.alloc(32));

let server: Server;
afterEach(() => void server.closeAllConnections());

async function listen(handler: Parameters<typeof createServer>[1]): Promise<number> {
  server = createServer(handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('requests over HTTP', () => {
  async function serve(authenticator: Authenticator) {
    const graphql = await createGraphqlHttp(schema, services, authenticator, new HttpRefusals(log), log);
    const port = await listen(express().use(express.json(), graphql.handler));
    return async (body: unknown, headers: Record<string, string> = {}) => {
      const answer = await fetch(`http://127.0.0.1:${port}/`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
      return { status: answer.status, text: await answer.text() };
    };
  }

  test('cannot hide a mutation behind the hash of its document', async () => {
    const ask = await serve(local);
    const query = 'mutation { hello }';
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    await ask({ query, extensions });
    expect((await ask({ extensions })).text).toMatch(/PERSISTED_QUERY_NOT_SUPPORTED/);
  });

  test('are not taken in batches, of which one could be a mutation', async () => {
    const ask = await serve(local);
    expect((await ask([{ query: '{ hello }' }, { query: 'mutation { hello }' }])).status).toBe(400);
  });

  test('are told nothing of why their caller cannot be looked up', async () => {
    const broken = new Authenticator(TokenStore.empty(), Buffer.alloc(32));
    vi.spyOn(broken, 'authenticate').mockRejectedValue(new Error('/etc/quorate/tokens.yaml is broken'));
    const { text } = await (await serve(broken))({ query: '{ hello }' });
    expect(text).not.toMatch(/tokens\.yaml/);
    expect(text).toMatch(/INTERNAL/);
  });

  test('learn that their token is not accepted', async () => {
    const refusing = new Authenticator(TokenStore.empty(), Buffer.alloc(32));
    const { status, text } = await (await serve(refusing))({ query: '{ hello }' });
    expect(status).toBe(401);
    expect(text).toMatch(/UNAUTHENTICATED/);
  });

  test('of a page are refused when the browser would send them without asking', async () => {
    const ask = await serve(local);
    expect((await ask({ query: '{ hello }' }, { 'content-type': 'text/plain' })).status).toBe(400);
  });
});

describe('the websocket', () => {
  async function serve() {
    const port = await listen((_, response) => response.end());
    const websocket = createGraphqlWebsocket({
      server,
      path: '/graphql',
      schema,
      services,
      authenticator: local,
      isMember: () => true,
      loopbackOnly: true,
      refusals: new HttpRefusals(log),
      log,
    });
    return { port, websocket };
  }

  /** Opens a websocket by hand and never reads from it again. */
  async function openSilently(port: number, path = '/graphql') {
    const socket = connect(port, '127.0.0.1');
    socket.write(
      [
        `GET ${path} HTTP/1.1`,
        `Host: 127.0.0.1:${port}`,
        'Upgrade: websocket',
        'Connection: Upgrade',
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Protocol: graphql-transport-ws',
        '\r\n',
      ].join('\r\n'),
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return { socket, status: /^HTTP\/1\.1 (\d+)/.exec(answer.toString())?.[1] };
  }

  test('stops although a client never answers the goodbye', async () => {
    const { port, websocket } = await serve();
    const { socket, status } = await openSilently(port);
    expect(status).toBe('101');
    const closed = once(socket, 'close');
    await websocket.stop();
    await closed;
  });

  test('is only where it is said to be', async () => {
    const { port, websocket } = await serve();
    const { socket, status } = await openSilently(port, '/elsewhere');
    expect(status).toBe('400');
    socket.destroy();
    await websocket.stop();
  });

  test('leaves the errors of the server to the server', async () => {
    const { websocket } = await serve();
    const noise = vi.spyOn(console, 'error').mockReturnValue();
    const heard = vi.fn();
    server.on('error', heard);
    server.emit('error', new Error('EADDRINUSE'));
    expect(heard).toHaveBeenCalledOnce();
    expect(noise).not.toHaveBeenCalled();
    noise.mockRestore();
    await websocket.stop();
  });
});
