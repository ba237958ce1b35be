import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Services } from '../../../src/api/context.js';
import { pullStream } from '../../../src/api/subscriptions/pull-stream.js';
import { Authenticator } from '../../../src/http/authenticator.js';
import { createGraphqlWebsocket } from '../../../src/http/graphql-websocket.js';
import { HttpRefusals } from '../../../src/http/refusals.js';
import type { Logger } from '../../../src/telemetry/logger.js';

const EVENT = { flood: 'x'.repeat(256 * 1024) };

/** A new event of 256 KiB whenever a client takes one. */
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { hello: { type: GraphQLString } } }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      flood: {
        type: GraphQLString,
        subscribe: () => pullStream({ open: () => () => undefined, next: () => ({ ...EVENT }) }),
      },
    },
  }),
});

const warnings: string[] = [];
const log = {
  warn: (_: unknown, text: string) => void warnings.push(text),
  error: vi.fn(),
} as unknown as Logger;
const server = createServer();
let websocket: ReturnType<typeof createGraphqlWebsocket>;
const sockets: WebSocket[] = [];

beforeEach(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  websocket = createGraphqlWebsocket({
    server,
    path: '/graphql',
    schema,
    services: {} as Services,
    authenticator: new Authenticator(null, Buffer.alloc(32)),
    isMember: () => true,
    loopbackOnly: true,
    refusals: new HttpRefusals(log),
    stallMs: 300,
    log,
  });
});

afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  await websocket.stop();
  server.close();
});

/** Follows the flood; counts what it got. */
async function subscribe() {
  const { port } = server.address() as AddressInfo;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws');
  sockets.push(socket);
  const seen = { events: 0 };
  await once(socket, 'open');
  socket.on('message', (data: Buffer) => {
    if (data.subarray(0, 40).includes('next')) seen.events++;
  });
  socket.send('{"type":"connection_init"}');
  await once(socket, 'message');
  socket.send('{"id":"1","type":"subscribe","payload":{"query":"subscription { flood }"}}');
  await vi.waitUntil(() => seen.events > 0);
  return { socket, seen };
}

test('a subscriber that stops reading is dropped with a reason; others go on', async () => {
  const [stalled, reading] = [await subscribe(), await subscribe()];
  stalled.socket.pause();
  await vi.waitUntil(() => warnings.length > 0, { timeout: 20_000 });
  expect(warnings[0]).toMatch(/read nothing for 0.3 s was dropped/);
  const before = reading.seen.events;
  await vi.waitUntil(() => reading.seen.events > before + 10, { timeout: 20_000 });
  const closed = once(stalled.socket, 'close');
  stalled.socket.resume();
  await closed;
  expect(reading.socket.readyState).toBe(WebSocket.OPEN);
});
