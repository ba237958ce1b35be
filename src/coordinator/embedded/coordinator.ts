import { randomUUID } from 'node:crypto';
import { abortable, sharedAbortController } from '../../common/async.js';
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
import { EmbeddedSession } from './session.js';
import { Store } from './store.js';
import { Transactor } from './transactor.js';
import { followHistory } from './watch.js';

export interface EmbeddedCoordinatorOptions {
  /** Made when missing; one process at a time. */
  readonly directory: string;
  /** How many past revisions a watch can start from; default 10,000. */
  readonly historyRevisions?: number;
}

const DEFAULT_HISTORY_REVISIONS = 10_000;

/** The coordinator of a deployment that is one process: durable, and with the semantics of etcd. */
export class EmbeddedCoordinator implements Coordinator {
  readonly kind = 'EMBEDDED';
  /** It is reached from nowhere else. */
  readonly endpoints: readonly string[] = [];

  private readonly store: Store;
  private readonly transactor: Transactor;
  private readonly sessions = new Set<EmbeddedSession>();
  private readonly stopped = sharedAbortController();
  private state: 'new' | 'running' | 'stopped' = 'new';
  private stopping: Promise<void> | undefined;
  private readonly directory: string;

  constructor(options: EmbeddedCoordinatorOptions) {
    this.directory = options.directory;
    this.store = new Store(options.directory);
    this.transactor = new Transactor(
      this.store,
      BigInt(options.historyRevisions ?? DEFAULT_HISTORY_REVISIONS),
    );
  }

  async start(): Promise<void> {
    await this.store.open();
    try {
      await this.transactor.start();
    } catch (error) {
      await this.store.close();
      throw error;
    }
    this.state = 'running';
  }

  stop(): Promise<void> {
    this.stopping ??= this.shutDown();
    return this.stopping;
  }

  async read(prefix: string, options?: CallOptions): Promise<Snapshot> {
    this.requireRunning();
    return abortable(this.store.read(prefix), options?.signal);
  }

  async get(key: string, options?: CallOptions): Promise<KeyValue | undefined> {
    this.requireRunning();
    return abortable(this.store.get(key), options?.signal);
  }

  async commit(transaction: Transaction, options?: CallOptions): Promise<CommitResult> {
    options?.signal?.throwIfAborted();
    this.requireRunning();
    validateTransaction(transaction);
    return this.transactor.submit(transaction);
  }

  watch(prefix: string, options: WatchOptions): AsyncIterableIterator<WatchBatch> {
    return abortableIterator(
      (signal) => followHistory(this.store, this.transactor.committed, prefix, options.afterRevision, signal),
      [options.signal, this.stopped.signal],
    );
  }

  async openSession(ttlMs: number, options?: CallOptions): Promise<Session> {
    options?.signal?.throwIfAborted();
    this.requireRunning();
    const id = randomUUID();
    const session = new EmbeddedSession(id, ttlMs, async () => {
      this.sessions.delete(session);
      await this.transactor.submit({ endSessions: new Set([id]) });
    });
    this.sessions.add(session);
    return session;
  }

  async status(): Promise<CoordinatorStatus> {
    const { revision } = this.store;
    const reachable = this.state === 'running';
    const reason = reachable ? null : `The store in ${this.directory} is closed.`;
    return { reachable, reason, alarms: [], revision, answeredRevision: revision, members: [] };
  }

  async compact(revision: bigint): Promise<void> {
    this.requireRunning();
    if (revision > this.store.revision) {
      throw new InvalidRequestError(
        `Revision ${revision} is in the future; the newest is ${this.store.revision}.`,
      );
    }
    await this.store.compact(revision);
    // Watches that wait further back than this learn of it now.
    this.transactor.committed.notify();
  }

  private async shutDown(): Promise<void> {
    const wasRunning = this.state === 'running';
    await Promise.all([...this.sessions].map((session) => session.close()));
    this.state = 'stopped';
    this.stopped.abort();
    if (!wasRunning) return;
    await this.transactor.drain();
    await this.store.close();
  }

  private requireRunning(): void {
    if (this.state === 'running') return;
    throw new CoordinatorUnavailableError(
      `The embedded coordinator in ${this.directory} is ${this.state === 'new' ? 'not started' : 'stopped'}.`,
    );
  }
}
