import { Notifier } from '../../../src/common/notifier.js';
import { pause, sharedAbortController } from '../../../src/common/async.js';
import {
  CoordinatorUnavailableError,
  type CallOptions,
  type CommitResult,
  type Coordinator,
  type CoordinatorStatus,
  type KeyValue,
  type Session,
  type Snapshot,
  type Transaction,
  type WatchBatch,
  type WatchOptions,
} from '../../../src/coordinator/index.js';
import { abortableIterator } from '../../../src/coordinator/iteration.js';
import { validateTransaction } from '../../../src/coordinator/validation.js';
import type { CoordinatorLink } from './coordinator-link.js';
import type { CoordinatorServer } from './coordinator-server.js';
import { SimulatedSession } from './simulated-session.js';
import type { World } from './world.js';

const RETRY_MS = 100;

/** One process' client of the simulated coordinator. */
export class SimulatedCoordinator implements Coordinator {
  readonly kind = 'ETCD';
  readonly endpoints = ['simulated'];
  private readonly stopped = sharedAbortController();
  private readonly sessions = new Set<SimulatedSession>();
  private readonly heard = new Notifier();
  /** Watches have been told of everything up to it. */
  private known = 0n;
  private unfollow: () => void = () => undefined;

  constructor(
    private readonly world: World,
    private readonly server: CoordinatorServer,
    private readonly link: CoordinatorLink,
  ) {}

  async start(): Promise<void> {
    this.unfollow = this.server.onChange(() => this.receive());
  }

  async stop(): Promise<void> {
    this.unfollow();
    for (const session of this.sessions) await session.close();
    this.stopped.abort();
  }

  /** Its process is no more. */
  abandon(): void {
    this.unfollow();
  }

  /** What was missed while the link was cut is heard now. */
  receive(): void {
    if (this.link.faults.isCut) return;
    const { revision } = this.server;
    this.world.later(this.link.delay(), this.link.process, () => this.learn(revision));
  }

  read(prefix: string, options?: CallOptions): Promise<Snapshot> {
    return this.link.ask(() => this.server.read(prefix), false, options);
  }

  get(key: string, options?: CallOptions): Promise<KeyValue | undefined> {
    return this.link.ask(() => this.server.get(key), false, options);
  }

  async commit(transaction: Transaction, options?: CallOptions): Promise<CommitResult> {
    options?.signal?.throwIfAborted();
    validateTransaction(transaction);
    return this.link.ask(() => this.server.commit(transaction), true);
  }

  watch(prefix: string, options: WatchOptions): AsyncIterableIterator<WatchBatch> {
    return abortableIterator(
      (signal) => this.follow(prefix, options.afterRevision, signal),
      [options.signal, this.stopped.signal],
    );
  }

  async openSession(ttlMs: number, options?: CallOptions): Promise<Session> {
    const sentAt = this.world.now;
    const id = await this.link.ask(() => this.server.openSession(ttlMs), false, options);
    const session = new SimulatedSession(id, ttlMs, sentAt, this.link, this.server);
    this.sessions.add(session);
    return session;
  }

  async status(): Promise<CoordinatorStatus> {
    const reachable = !this.link.faults.isCut;
    const reason = reachable ? null : 'The link is cut.';
    return { reachable, reason, alarms: [], revision: this.known, answeredRevision: this.known, members: [] };
  }

  compact(revision: bigint): Promise<void> {
    return this.link.ask(() => this.server.compact(revision), false);
  }

  private learn(revision: bigint): void {
    if (revision > this.known) this.known = revision;
    this.heard.notify();
  }

  private async *follow(
    prefix: string,
    afterRevision: bigint,
    signal: AbortSignal,
  ): AsyncGenerator<WatchBatch, void, undefined> {
    let position = afterRevision;
    await this.catchUp(signal);
    while (!signal.aborted) {
      const last = this.known;
      const batches = this.server.historyBetween(position, last);
      for (const { revision, changes } of batches) {
        const matching = changes.filter(({ key }) => key.startsWith(prefix));
        if (matching.length > 0) yield { revision, changes: matching };
        position = revision;
      }
      if (position < last) position = last;
      if (this.known === last && !signal.aborted) await this.heard.wait(signal);
    }
  }

  private async catchUp(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.learn(await this.link.ask(() => this.server.revision, false, { signal }));
        return;
      } catch (error) {
        if (!(error instanceof CoordinatorUnavailableError)) return;
        await pause(RETRY_MS, signal);
      }
    }
  }
}
