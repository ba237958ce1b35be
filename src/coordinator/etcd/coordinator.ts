import { errorMessage } from '../../common/errors.js';
import { abortable, pause, sharedAbortController } from '../../common/async.js';
import { CoordinatorUnavailableError, InvalidRequestError } from '../errors.js';
import { abortableIterator } from '../iteration.js';
import type {
  CallOptions,
  CommitResult,
  Coordinator,
  CoordinatorStatus,
  KeyValue,
  Session,
  Snapshot,
  Transaction,
  WatchBatch,
  WatchOptions,
} from '../types.js';
import { validateTransaction } from '../validation.js';
import type { EtcdClient } from './client.js';
import { EtcdEndpoints, unavailable } from './endpoints.js';
import { isCompacted, isFutureRevision, isRefusal } from './failures.js';
import { Keyspace } from './keyspace.js';
import { OutcomeKeys } from './outcome-keys.js';
import { LeaseKeeper } from './lease-keeper.js';
import {
  DEFAULT_CALL_TIMEOUT_MS,
  DEFAULT_OUTCOME_TIMEOUT_MS,
  type EtcdCoordinatorOptions,
} from './options.js';
import { TransactionRun } from './transaction-run.js';
import { readKey, readPrefix } from './read.js';
import { EtcdSession } from './session.js';
import { clusterStatus } from './status.js';
import { followPrefix } from './watch.js';

/** The coordinator of a deployment of several processes: an etcd cluster, version 3.4 or newer. */
export class EtcdCoordinator implements Coordinator {
  readonly kind = 'ETCD';
  readonly endpoints: readonly string[];

  private readonly pool: EtcdEndpoints;
  private readonly keeper: LeaseKeeper;
  private readonly keyspace: Keyspace;
  private readonly outcomeKeys: OutcomeKeys;
  private readonly sessions = new Set<EtcdSession>();
  private readonly stopped = sharedAbortController();
  private readonly outcomeTimeoutMs: number;
  private newestRevision = 0n;
  private stopping: Promise<void> | undefined;

  constructor(options: EtcdCoordinatorOptions) {
    this.endpoints = options.endpoints;
    this.outcomeTimeoutMs = options.outcomeTimeoutMs ?? DEFAULT_OUTCOME_TIMEOUT_MS;
    this.pool = new EtcdEndpoints(options, options.callTimeoutMs ?? DEFAULT_CALL_TIMEOUT_MS);
    this.keeper = new LeaseKeeper(options, this.pool.callTimeoutMs);
    this.keyspace = new Keyspace(options.root);
    this.outcomeKeys = new OutcomeKeys(this.pool, options.root);
  }

  /** Asks every endpoint once, until one answers with the consent of a majority. May be called again. */
  async start(): Promise<void> {
    const reasons = new Map<EtcdClient, unknown>();
    for (const _endpoint of this.pool.clients) {
      const client = this.pool.client;
      try {
        await client.kv.range({ ...this.keyspace.range(''), limit: 1, keys_only: true });
        // The first session waits for the thread, which takes a while to start; whoever opens it learns why it cannot.
        this.keeper.ready().catch(() => undefined);
        return;
      } catch (error) {
        reasons.set(client, error);
        this.pool.rotate(client);
      }
    }
    throw unavailable(reasons);
  }

  stop(): Promise<void> {
    this.stopping ??= this.shutDown();
    return this.stopping;
  }

  async read(prefix: string, options: CallOptions = {}): Promise<Snapshot> {
    const snapshot = await this.answer(
      () => readPrefix(this.pool, this.keyspace, prefix, options.signal),
      options,
    );
    this.note(snapshot.revision);
    return snapshot;
  }

  get(key: string, options: CallOptions = {}): Promise<KeyValue | undefined> {
    return this.answer(() => readKey(this.pool, this.keyspace, key, options.signal), options);
  }

  async commit(transaction: Transaction, options: CallOptions = {}): Promise<CommitResult> {
    options.signal?.throwIfAborted();
    validateTransaction(transaction);
    const { pool, outcomeKeys, keyspace, outcomeTimeoutMs } = this;
    const run = new TransactionRun(pool, outcomeKeys, keyspace, transaction, outcomeTimeoutMs);
    const result = await this.answer(() => run.run(options.signal));
    this.note(result.revision);
    return result;
  }

  watch(prefix: string, options: WatchOptions): AsyncIterableIterator<WatchBatch> {
    return abortableIterator(
      (signal) => followPrefix(this.pool, this.keyspace, prefix, options.afterRevision, signal),
      [options.signal, this.stopped.signal],
    );
  }

  async openSession(ttlMs: number, options: CallOptions = {}): Promise<Session> {
    const opening = EtcdSession.open(this.pool, this.keeper, ttlMs, options.signal).then((session) => {
      this.sessions.add(session);
      session.signal.addEventListener('abort', () => this.sessions.delete(session), { once: true });
      if (options.signal?.aborted === true || this.stopped.signal.aborted) void session.close();
      return session;
    });
    return this.answer(() => opening, options);
  }

  async status(): Promise<CoordinatorStatus> {
    const status = await clusterStatus(this.pool, this.keyspace);
    this.note(status.revision);
    return { ...status, revision: this.newestRevision };
  }

  async compact(revision: bigint): Promise<void> {
    await this.answer(async () => {
      try {
        await this.pool.call((client) => client.kv.compact({ revision: String(revision) }));
      } catch (error) {
        if (isFutureRevision(error)) throw new InvalidRequestError(`Revision ${revision} is in the future.`);
        if (!isCompacted(error)) throw error;
      }
    });
  }

  /** Turns what etcd refuses into an error of ours that names the endpoint. */
  private async answer<T>(action: () => Promise<T>, options: CallOptions = {}): Promise<T> {
    if (this.stopped.signal.aborted) throw new CoordinatorUnavailableError('The etcd client is stopped.');
    try {
      return await abortable(action(), options.signal);
    } catch (error) {
      if (isRefusal(error)) throw unavailable(new Map([[this.pool.client, error]]));
      if (this.stopped.signal.aborted && !(error instanceof CoordinatorUnavailableError)) {
        throw new CoordinatorUnavailableError(`The etcd client was stopped: ${errorMessage(error)}`, {
          cause: error,
        });
      }
      throw error;
    }
  }

  private note(revision: bigint): void {
    if (revision > this.newestRevision) this.newestRevision = revision;
  }

  private async shutDown(): Promise<void> {
    this.stopped.abort();
    const farewell = Promise.all([
      ...[...this.sessions].map((session) => session.close()),
      this.outcomeKeys.stop(),
    ]);
    // When etcd cannot be reached, leases run out by themselves.
    await Promise.race([farewell, pause(this.pool.callTimeoutMs)]);
    await this.keeper.stop();
    this.pool.close();
  }
}
