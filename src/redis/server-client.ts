import { Redis, type RedisOptions } from 'ioredis';
import { parseAddress } from '../common/address.js';
import { errorMessage, QuorateError } from '../common/errors.js';
import type { Endpoint } from './routing-table.js';

/** A Redis server could not be reached or turned us away. */
export class RedisServerError extends QuorateError {
  readonly address: string;

  constructor(address: string, message: string, cause?: unknown) {
    super('REDIS_SERVER', `${address}: ${message}`, { cause });
    this.address = address;
  }
}

/** For operators: what may be behind an error of a connection to what should be a Redis server. */
export function explainServerError(error: unknown): string {
  const message = errorMessage(error);
  if (/Command timed out|connect ETIMEDOUT/.test(message)) {
    return 'it takes connections and does not answer in time: it hangs, is another service, or speaks TLS only';
  }
  if (/Protocol error|Please report this/.test(message)) {
    return 'it does not speak the Redis protocol: it is another service, or speaks TLS only';
  }
  if (/Connection is closed|EPIPE|ECONNRESET/.test(message)) {
    return 'it ends connections at once: it speaks TLS only, is in protected mode, or has reached its maxclients';
  }
  return message;
}

export interface ClientOptions {
  /** Shown by CLIENT LIST on the server; the prefix tells who it is. */
  readonly connectionName: string;
  readonly connectTimeoutMs?: number;
  /** For each command, in milliseconds. */
  readonly commandTimeoutMs?: number;
  /** Disconnects when it aborts. */
  readonly signal?: AbortSignal;
  /** Whether it comes back by itself after the connection broke. */
  readonly reconnect?: boolean;
}

/**
 * A client of one server, for control and for moving keys; not for user traffic.
 * Without `reconnect` a broken connection stays broken: what was sent on it has an unknown outcome, and the
 * caller decides what to do about that.
 */
export function createClient(endpoint: Endpoint, options: ClientOptions): Redis {
  const target = parseAddress(endpoint.address);
  if (!target) throw new RedisServerError(endpoint.address, 'not an address of the form HOST:PORT');
  const settings: RedisOptions = {
    host: target.host,
    port: target.port,
    lazyConnect: true,
    connectionName: options.connectionName,
    connectTimeout: options.connectTimeoutMs ?? 2_000,
    commandTimeout: options.commandTimeoutMs ?? 5_000,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: options.reconnect === true ? (times) => Math.min(2_000, 100 * times) : () => null,
  };
  if (endpoint.password !== null) settings.password = endpoint.password;
  const client = new Redis(settings);
  // Without a listener a refused connection would end the process; each command rejects by itself anyway.
  client.on('error', () => undefined);
  return client;
}

/** Connects, lets the callback work and closes, whatever happens. Failures name the server. */
export async function withClient<T>(
  endpoint: Endpoint,
  options: ClientOptions,
  work: (client: Redis) => Promise<T>,
): Promise<T> {
  const client = createClient(endpoint, options);
  let refusal: unknown;
  client.on('error', (error) => (refusal = error));
  const onAbort = (): void => client.disconnect();
  options.signal?.addEventListener('abort', onAbort);
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    if (error instanceof QuorateError) throw error;
    const reason = explainServerError(refusal ?? error);
    throw new RedisServerError(endpoint.address, reason, refusal ?? error);
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
    client.disconnect();
  }
}

/** INFO as a flat map. */
export function parseInfo(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

/** Databases that hold keys, with how many, from INFO's keyspace section. */
export function parseKeyspace(info: ReadonlyMap<string, string>): Map<number, number> {
  const databases = new Map<number, number>();
  for (const [field, value] of info) {
    const database = /^db(\d+)$/.exec(field)?.[1];
    const keys = /keys=(\d+)/.exec(value)?.[1];
    if (database !== undefined && keys !== undefined) databases.set(Number(database), Number(keys));
  }
  return databases;
}
