import { pause, sharedAbortController } from '../../common/async.js';
import { CoordinatorRefusalError, CoordinatorUnavailableError } from '../errors.js';
import { EtcdClient } from './client.js';
import { explain, isRefusal } from './failures.js';
import type { EtcdCoordinatorOptions } from './options.js';

/** Between two attempts, so that endpoints which refuse at once are not asked in a tight loop. */
const RETRY_MS = 100;

/**
 * The endpoints of one etcd cluster. One is in use until it fails; then the next is.
 */
export class EtcdEndpoints {
  readonly clients: readonly EtcdClient[];
  private readonly closing = sharedAbortController();
  private current = 0;

  constructor(
    options: EtcdCoordinatorOptions,
    readonly callTimeoutMs: number,
  ) {
    this.clients = options.endpoints.map((endpoint) => new EtcdClient(endpoint, options, callTimeoutMs));
    // Clients of one cluster spread over its members.
    this.current = Math.floor(Math.random() * this.clients.length);
  }

  /** Aborted by `close`: nobody goes on trying. */
  get closed(): AbortSignal {
    return this.closing.signal;
  }

  /** The endpoint in use. */
  get client(): EtcdClient {
    const client = this.clients[this.current];
    if (client === undefined) throw new CoordinatorUnavailableError('No etcd endpoint is configured.');
    return client;
  }

  /** Goes on to another endpoint, unless that was done already since `failed` was in use. */
  rotate(failed: EtcdClient): void {
    if (this.clients[this.current] === failed) this.current = (this.current + 1) % this.clients.length;
  }

  /**
   * Runs a call that may be repeated, on one endpoint after the other until one answers.
   * A refusal is thrown as it is; otherwise, after `windowMs` and one attempt at every endpoint, it rejects
   * with a CoordinatorUnavailableError that says what was wrong with each.
   */
  async call<T>(
    action: (client: EtcdClient) => Promise<T>,
    signal?: AbortSignal,
    windowMs = 2 * this.callTimeoutMs,
  ): Promise<T> {
    const until = performance.now() + windowMs;
    const reasons = new Map<EtcdClient, unknown>();
    for (;;) {
      signal?.throwIfAborted();
      const client = this.client;
      try {
        return await action(client);
      } catch (error) {
        if (isRefusal(error)) throw error;
        signal?.throwIfAborted();
        reasons.set(client, error);
        this.rotate(client);
        const allTried = reasons.size === this.clients.length && performance.now() >= until;
        if (allTried || this.closed.aborted) {
          throw unavailable(reasons);
        }
        await pause(RETRY_MS, signal ?? this.closed);
      }
    }
  }

  close(): void {
    this.closing.abort();
    for (const client of this.clients) client.close();
  }
}

/** Names every endpoint with what was wrong there. */
export function unavailable(reasons: ReadonlyMap<EtcdClient, unknown>): CoordinatorUnavailableError {
  const each = [...reasons].map(([client, error]) => `${client.endpoint}: ${explain(error)}`);
  const [cause] = reasons.values();
  const Failure = [...reasons.values()].some(isRefusal)
    ? CoordinatorRefusalError
    : CoordinatorUnavailableError;
  return new Failure(`etcd is not available (${each.join('; ')}).`, { cause });
}
