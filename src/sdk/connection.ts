import { createClient, type Client, type Sink } from 'graphql-ws/client';
import { backoff } from './backoff.js';
import type { Endpoints } from './endpoints.js';
import { ClosedError, ForbiddenError, UnreachableError } from './errors.js';
import { isForGood, type GraphqlError } from './failures.js';
import { OpenSockets } from './open-sockets.js';
import type { WebSocketConstructor } from './options.js';

/** How the websocket is: being opened, serving, or lost and to be opened again by itself. */
export type ConnectionState = 'connecting' | 'connected' | 'lost';

export interface Message {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly GraphqlError[];
}

/** How long a websocket may take to open and to be acknowledged. */
const CONNECT_MS = 10_000;
/** After so long without a word the service is asked whether it is still there, */
const KEEP_ALIVE_MS = 10_000;
/** and has so long to answer. */
const PONG_MS = 5_000;
/** A connection that lasted so long was a good one: the next loss is the first in a row. */
const GOOD_MS = 5_000;
/** How often a websocket is tried that is refused although the same is allowed over HTTP. */
const REFUSALS = 3;

/** Close codes of graphql-ws for those who may not be here. */
const REFUSED: readonly unknown[] = [4401, 4403];
/** So we ourselves end a connection that nobody uses any more. */
const NORMAL = 1000;

export interface ConnectionOptions {
  readonly endpoints: Endpoints;
  readonly token: string | undefined;
  readonly webSocket: () => Promise<WebSocketConstructor>;
  /** Asks the service over HTTP whether it lets us in; rejects with what is wrong. */
  readonly probe: () => Promise<unknown>;
}

/** The one websocket of a client: open while something is subscribed to. */
export class Connection {
  private client: Promise<Client> | undefined;
  private readonly listeners = new Set<(state: ConnectionState) => void>();
  private readonly sockets = new OpenSockets();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private url = '';
  private connectedAt: number | null = null;
  private hasWorked = false;
  private isCounted = false;
  private failures = 0;
  private refusals = 0;
  private retryAt = 0;
  private probing: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly options: ConnectionOptions) {}

  /** Subscribes, opening the websocket when there is none. Returns the way to end it. */
  subscribe(query: string, variables: Record<string, unknown>, sink: Sink<Message>): () => void {
    let ended = false;
    let end = (): void => undefined;
    this.client ??= this.create();
    this.client.then(
      (client) => {
        if (!ended) end = client.subscribe({ query, variables }, sink as Sink);
      },
      (error) => sink.error(error),
    );
    return () => {
      ended = true;
      end();
    };
  }

  /** How long to wait before the next try, in milliseconds. */
  get pauseMs(): number {
    return Math.max(0, this.retryAt - Date.now());
  }

  /**
   * Finds out whether a websocket that was lost is worth another try, and throws what is wrong when not: a token
   * that is no good, or a service that could not be reached from the start.
   */
  async worthAnotherTry(failure: unknown): Promise<void> {
    if (this.closed) throw new ClosedError();
    const isRefused = REFUSED.includes((failure as { code?: unknown } | null)?.code);
    if (this.hasWorked && !isRefused) return;
    this.probing ??= this.probe(isRefused, failure).finally(() => (this.probing = undefined));
    await this.probing;
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    const own = (state: ConnectionState): void => listener(state);
    this.listeners.add(own);
    return () => void this.listeners.delete(own);
  }

  /** Ends when the socket is closed, or cut because the other end says nothing. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.listeners.clear();
    clearTimeout(this.timer);
    await this.sockets.close();
  }

  private async create(): Promise<Client> {
    const WebSocket = await this.options.webSocket();
    if (this.closed) throw new ClosedError();
    const { endpoints, token } = this.options;
    const client = createClient({
      url: () => (this.url = endpoints.websocket),
      webSocketImpl: this.sockets.tracked(WebSocket),
      ...(token !== undefined && { connectionParams: { authorization: `Bearer ${token}` } }),
      retryAttempts: 0,
      keepAlive: KEEP_ALIVE_MS,
      on: {
        connecting: () => {
          this.isCounted = false;
          this.expect(client, CONNECT_MS);
          this.emit('connecting');
        },
        connected: () => {
          clearTimeout(this.timer);
          this.connectedAt = Date.now();
          this.hasWorked = true;
          this.refusals = 0;
          this.emit('connected');
        },
        ping: (received) => void (received || this.expect(client, PONG_MS)),
        pong: (received) => void (received && clearTimeout(this.timer)),
        error: () => this.count(),
        closed: (event) => {
          if ((event as { code?: number }).code === NORMAL) clearTimeout(this.timer);
          else this.count();
          this.connectedAt = null;
        },
      },
    });
    return client;
  }

  /** Gives up the socket unless the timer is cleared in time. */
  private expect(client: Client, ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      client.terminate();
      this.sockets.cut();
    }, ms);
  }

  /** Counts the loss of a socket, once. */
  private count(): void {
    clearTimeout(this.timer);
    if (this.isCounted) return;
    this.isCounted = true;
    if (this.connectedAt === null) this.options.endpoints.moveOn(this.url);
    else if (Date.now() - this.connectedAt >= GOOD_MS) this.failures = 0;
    this.failures++;
    this.retryAt = Date.now() + backoff(this.failures);
    this.emit('lost');
  }

  private async probe(isRefused: boolean, cause: unknown): Promise<void> {
    try {
      await this.options.probe();
    } catch (error) {
      if (!this.hasWorked || isForGood(error)) throw error;
      return;
    }
    if (++this.refusals < REFUSALS) return;
    throw isRefused
      ? new ForbiddenError(`${this.url} does not let this client subscribe.`, cause)
      : new UnreachableError(
          `The websocket at ${this.url} cannot be opened, although HTTP is answered there.`,
          cause,
        );
  }

  private emit(state: ConnectionState): void {
    for (const listener of this.listeners) listener(state);
  }
}
