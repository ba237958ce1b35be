import { connect } from 'node:net';
import { errorMessage } from '../../../common/errors.js';
import { encodeCommand } from '../resp/encode.js';
import { ReplyScanner, UNFINISHED } from '../resp/reply-scanner.js';
import { parseClientList, type ListedClient } from '../../client-list.js';
import type { Endpoint } from '../../routing-table.js';
import { BackendError } from './backend-error.js';
import { hostPortOf } from './endpoint.js';
import { Handshake } from './handshake.js';

const ERROR_TYPE = 0x2d;

/** Sends one command and resolves with its raw reply. */
export type Ask = (...words: string[]) => Promise<Buffer>;

/**
 * Talks to a server over a connection of its own that ends with the conversation.
 *
 * @param timeoutMs for the whole conversation
 * @param signal ends the conversation early
 * @throws BackendError when the server cannot be reached, refuses, or takes too long
 */
export async function converse<T>(
  endpoint: Endpoint,
  connectionName: string,
  timeoutMs: number,
  signal: AbortSignal,
  conversation: (ask: Ask) => Promise<T>,
): Promise<T> {
  const { host, port } = hostPortOf(endpoint.address);
  const handshake = new Handshake(endpoint.address, endpoint.password, 0, connectionName);
  const socket = connect({ host, port, noDelay: true });
  const scanner = new ReplyScanner();
  let received: Buffer = Buffer.alloc(0);
  let waiting: { resolve: (reply: Buffer) => void } | null = null;
  let stop: (error: BackendError) => void = () => undefined;
  const broken = new Promise<never>((_, reject) => (stop = reject));

  const fail = (why: string): void => stop(new BackendError(`${endpoint.address} is unreachable: ${why}`));
  const timer = setTimeout(() => fail(`no answer within ${timeoutMs} ms`), timeoutMs);
  const onAbort = (): void => fail('the proxy is shutting down');
  signal.addEventListener('abort', onAbort);
  socket.on('error', (error) => fail(errorMessage(error)));
  socket.on('close', () => fail('the connection was closed'));
  socket.on('connect', () => socket.write(handshake.request));
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    try {
      if (!handshake.done) {
        received = received.subarray(handshake.take(received, 0, received.length));
        if (handshake.done) opened();
      }
      if (waiting === null) return;
      const end = scanner.scan(received, 0, received.length);
      if (end === UNFINISHED) return;
      if (end < 0) return fail('it does not speak the Redis protocol');
      const reply = received.subarray(0, end);
      received = received.subarray(end);
      const { resolve } = waiting;
      waiting = null;
      resolve(reply);
    } catch (error) {
      stop(error instanceof BackendError ? error : new BackendError(errorMessage(error)));
    }
  });
  let opened: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (opened = resolve));
  const ask: Ask = (...words) =>
    Promise.race([
      broken,
      new Promise<Buffer>((resolve) => {
        waiting = { resolve };
        socket.write(encodeCommand(words));
      }),
    ]);
  try {
    await Promise.race([broken, ready]);
    return await conversation(ask);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
    // Nobody listens any more; a late failure must not count as an unhandled rejection.
    broken.catch(() => undefined);
  }
}

/** Kills those connections of the server that the predicate picks; when it returns, they are gone. */
export async function killClients(ask: Ask, doomed: (client: ListedClient) => boolean): Promise<void> {
  for (const client of parseClientList(await askOrThrow(ask, 'CLIENT', 'LIST'))) {
    if (doomed(client)) await askOrThrow(ask, 'CLIENT', 'KILL', 'ID', client.id);
  }
}

/** The reply as text. @throws BackendError when it is an error */
export async function askOrThrow(ask: Ask, ...words: string[]): Promise<string> {
  const reply = await ask(...words);
  const text = reply.toString('latin1').trimEnd();
  if (reply[0] === ERROR_TYPE) throw new BackendError(`${words.join(' ')} failed: ${text.slice(1)}`);
  return text;
}
