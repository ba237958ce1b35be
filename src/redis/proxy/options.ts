import type { ClientWarning } from './client-warnings.js';

/** Bounds on what one client or one server may cost. Times in milliseconds, sizes in bytes. */
export interface ProxyLimits {
  /** Clients beyond it are answered with an error and closed. */
  readonly maxClients: number;
  /** The longest argument of a request; a whole request may have twice as many bytes. */
  readonly maxRequestBytes: number;
  /** A server that sends a longer reply is disconnected, and the requests in flight there fail. */
  readonly maxReplyBytes: number;
  /** The most arguments of a request. */
  readonly maxArguments: number;
  /** Requests of one client that may wait for their replies; beyond it the client is not read. */
  readonly maxPipeline: number;
  /** How long a request is held while its slot changes hands. */
  readonly holdTimeoutMs: number;
  /** How long a server may take to answer a request. */
  readonly requestTimeoutMs: number;
  /** How long connecting to a server, AUTH and SELECT included, may take. */
  readonly connectTimeoutMs: number;
  /** The timeout given to MIGRATE when a request's keys are brought over. */
  readonly migrateTimeoutMs: number;
  /** A client with more unread replies than this is not read until it has taken them. */
  readonly outputBufferBytes: number;
  /** A client with more unread replies than this when another arrives is disconnected. */
  readonly maxOutputBufferBytes: number;
  /** A server connection with more unsent requests than this makes the clients that need it wait. */
  readonly backendBufferBytes: number;
  /** How long {@link ProxyServer.stop} waits for requests that are in flight. */
  readonly stopTimeoutMs: number;
  /** A replica that lacks more bytes of its master's stream is not read from. */
  readonly maxReplicaLagBytes: number;
  /** Nor is one whose link to its master is down for longer. */
  readonly maxReplicaLinkDownMs: number;
  /** Requests that take at least this long are noted in the slow log. */
  readonly slowLogThresholdMs: number;
  /** How many slow requests are kept; 0: none are noted. */
  readonly slowLogLength: number;
}

export const DEFAULT_LIMITS: ProxyLimits = Object.freeze({
  maxClients: 10_000,
  maxRequestBytes: 512 * 1024 * 1024,
  maxReplyBytes: 1024 * 1024 * 1024,
  maxArguments: 1024 * 1024,
  maxPipeline: 8192,
  holdTimeoutMs: 3000,
  requestTimeoutMs: 10_000,
  connectTimeoutMs: 2000,
  migrateTimeoutMs: 5000,
  outputBufferBytes: 1024 * 1024,
  maxOutputBufferBytes: 256 * 1024 * 1024,
  backendBufferBytes: 4 * 1024 * 1024,
  stopTimeoutMs: 5000,
  maxReplicaLagBytes: 1024 * 1024,
  maxReplicaLinkDownMs: 1_000,
  slowLogThresholdMs: 10,
  slowLogLength: 128,
});

export interface ProxyOptions {
  /** Port 0 takes a free one; {@link ProxyServer.address} tells which. Null: it is only given clients. */
  readonly listen: { readonly host: string; readonly port: number } | null;
  /** What clients must AUTH with; null when they need not. */
  readonly password: string | null;
  /** The proxy's registered name. */
  readonly name: string;
  /** Unique for every proxy server that ever was: with the name it marks its connections on servers. */
  readonly incarnation: string;
  /** What CLIENT ID answers, so that several processes of one proxy give no id twice. */
  readonly sessionIds: { readonly first: number; readonly step: number };
  readonly limits: ProxyLimits;
  /** Told of clients that behave like attackers, of each kind once a minute. */
  readonly onWarning: (warning: ClientWarning) => void;
  /** Asked before every new connection to a server: false without a live session with the coordinator. */
  readonly mayOpenConnections: () => boolean;
}
