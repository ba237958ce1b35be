import type { HostPort } from '../../../common/address.js';
import { Backoff } from '../../../common/async.js';
import { QuorateError } from '../../../common/errors.js';
import type { Logger } from '../../../telemetry/logger.js';
import type { RoutingTable } from '../../routing-table.js';
import { logClientWarning } from '../client-warnings.js';
import type { AppliedListener, DataPlane } from '../data-plane.js';
import type { ProxyLimits } from '../options.js';
import type { SlowRequest } from '../slow-log.js';
import { addTallies, Counters, withoutSessions, type Tally } from '../stats.js';
import { Intake } from './intake.js';
import type { Exchange } from './messages.js';
import { WorkerProcess } from './worker-process.js';

/** How often every worker is told until when it may open connections, in milliseconds. */
const EXCHANGE_MS = 100;
/** How much longer than its clients' last requests a worker may take to stop, in milliseconds. */
const STOP_MARGIN_MS = 1_000;
/** A worker that lived for longer is replaced at once, in milliseconds; others after pauses that grow. */
const LASTING_MS = 10_000;

export interface FleetOptions {
  readonly listen: HostPort;
  readonly password: string | null;
  readonly name: string;
  readonly limits: ProxyLimits;
  readonly workers: number;
  /** What the connections of a new worker are called. */
  readonly nextIncarnation: () => string;
  /** Until when connections to servers may be opened, on the clock of `performance.now()`. */
  readonly mayOpenUntil: () => number;
  /** A worker ended; commands on its connections of that name may still be under way. */
  readonly onLost: (incarnation: string, worker: string) => void;
  readonly log: Logger;
}

/**
 * The data plane of a proxy in several processes. This one accepts the clients and hands them out; the workers
 * serve them by the tables, and within the lease, that this one passes on.
 *
 * Invariants: a revision is applied when every worker that was ever told an older table has applied it or is
 * gone; one that is gone without having settled is reported lost before that can advance anything. A worker's
 * lease is a moment on a clock that all processes share, so one that was stopped finds it over when it goes on.
 */
export class WorkerFleet implements DataPlane {
  appliedRevision = 0n;
  private table: RoutingTable | null = null;
  private readonly workers = new Map<number, WorkerProcess>();
  private readonly backoffs = new Map<number, Backoff>();
  private readonly listeners = new Set<AppliedListener>();
  private readonly intake: Intake;
  /** The tally of workers that have ended. */
  private past: Tally = new Counters().tally(0, 0);
  /** The slow requests of all workers, with numbers of the proxy's own; the oldest first. */
  private slow: SlowRequest[] = [];
  private slowNoted = 0;
  private state: 'new' | 'starting' | 'serving' | 'stopped' = 'new';
  private readonly timers = new Set<NodeJS.Timeout>();
  private started: { resolve(): void; reject(error: Error): void } | null = null;
  private stopping: Promise<boolean> | null = null;
  private whenEmpty: () => void = () => undefined;

  constructor(private readonly options: FleetOptions) {
    this.intake = new Intake({
      listen: options.listen,
      maxClients: options.limits.maxClients,
      workers: () => [...this.workers.values()],
    });
  }

  /** Resolves when all workers serve. @throws when one cannot, or the address cannot be listened at */
  async start(): Promise<void> {
    if (this.state !== 'new') return;
    this.state = 'starting';
    this.timers.add(setInterval(() => this.exchangeWithAll(), EXCHANGE_MS));
    const serving = new Promise<void>((resolve, reject) => (this.started = { resolve, reject }));
    for (let number = 1; number <= this.options.workers; number++) this.launch(number);
    try {
      await serving;
      await this.intake.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
    if (this.state === 'starting') this.state = 'serving';
    else this.intake.stop();
  }

  /** Stops accepting, lets the workers answer what is in flight, and ends those that do not end. */
  stop(): Promise<boolean> {
    return (this.stopping ??= this.stopAll());
  }

  apply(table: RoutingTable): void {
    if (this.table !== null && table.revision < this.table.revision) return;
    this.table = table;
    this.exchangeWithAll();
    this.settle();
  }

  onApplied(listener: AppliedListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  waitingFor(): string | null {
    const { table } = this;
    if (table === null) return null;
    const reasons = this.counted()
      .filter((worker) => worker.applied < table.revision)
      .map((worker) => `${worker.label}: ${reasonOf(worker)}`);
    return reasons.length === 0 ? null : reasons.join('; ');
  }

  tally(): Tally {
    const reports = [...this.workers.values()]
      .map(({ report }) => report)
      .filter((report) => report !== null);
    const sum = addTallies([this.past, ...reports.map(({ tally }) => tally)]);
    return { ...sum, sessionsRefused: sum.sessionsRefused + this.intake.refused };
  }

  slowLog(): SlowRequest[] {
    return [...this.slow].reverse();
  }

  private async stopAll(): Promise<boolean> {
    this.state = 'stopped';
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.intake.stop();
    this.started?.reject(new QuorateError('REDIS_PROXY_STOPPED', 'The proxy was stopped while it started.'));
    if (this.workers.size > 0) {
      const empty = new Promise<void>((resolve) => (this.whenEmpty = resolve));
      for (const worker of this.workers.values()) worker.stop();
      const deadline = setTimeout(() => {
        for (const worker of this.workers.values()) worker.kill();
      }, this.options.limits.stopTimeoutMs + STOP_MARGIN_MS);
      await empty;
      clearTimeout(deadline);
    }
    // What was not settled has been reported lost, worker by worker.
    return true;
  }

  /** The workers that may have requests under way. */
  private counted(): WorkerProcess[] {
    return [...this.workers.values()].filter(({ incarnation }) => incarnation !== null);
  }

  private launch(number: number): void {
    const worker = new WorkerProcess({
      proxy: this.options.name,
      number,
      onReady: () => this.begin(worker),
      onReport: ({ slow }) => this.noteSlow(slow),
      onWarning: (warning) => logClientWarning(this.options.log, warning),
      onNews: () => this.heard(worker),
      onExit: (_, how) => this.ended(worker, how),
    });
    this.workers.set(number, worker);
  }

  private begin(worker: WorkerProcess): void {
    if (this.state === 'stopped') return;
    const { password, name, limits, workers, nextIncarnation } = this.options;
    const sessionIds = { first: worker.number, step: workers };
    worker.serve({ password, name, limits, sessionIds, incarnation: nextIncarnation() }, this.exchange());
  }

  private noteSlow(requests: readonly SlowRequest[]): void {
    if (requests.length === 0) return;
    const numbered = requests.map((request) => ({ ...request, id: ++this.slowNoted }));
    this.slow = [...this.slow, ...numbered].slice(-this.options.limits.slowLogLength);
  }

  private heard(worker: WorkerProcess): void {
    if (this.table !== null && !worker.knows(this.table.revision)) worker.exchange(this.exchange());
    this.settle();
    this.intake.handOut();
    const workers = [...this.workers.values()];
    if (workers.length === this.options.workers && workers.every(({ report }) => report !== null)) {
      this.started?.resolve();
    }
  }

  private ended(worker: WorkerProcess, how: string): void {
    const { log, onLost } = this.options;
    const { number, incarnation, report, label } = worker;
    this.workers.delete(number);
    if (report !== null) this.past = addTallies([this.past, withoutSessions(report.tally)]);
    if (incarnation !== null && !worker.settled) onLost(incarnation, label);
    this.settle();
    if (this.state === 'stopped') {
      if (this.workers.size === 0) this.whenEmpty();
      return;
    }
    log.warn({ worker: number, how }, 'A worker of this proxy ended; another takes its place');
    this.started?.reject(new QuorateError('REDIS_PROXY_WORKER', `${label} of this proxy ${how}.`));
    if (this.state === 'serving') this.relaunch(number, performance.now() - worker.startedAt);
  }

  private relaunch(number: number, livedMs: number): void {
    const backoff = this.backoffs.get(number) ?? new Backoff(100, 3_000);
    this.backoffs.set(number, backoff);
    if (livedMs > LASTING_MS) backoff.reset();
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.launch(number);
    }, backoff.next());
    this.timers.add(timer);
  }

  private exchange(): Exchange {
    return { mayOpenUntil: this.options.mayOpenUntil(), table: this.table ?? undefined };
  }

  private exchangeWithAll(): void {
    for (const worker of this.workers.values()) worker.exchange(this.exchange());
  }

  private settle(): void {
    if (this.table === null) return;
    let { revision } = this.table;
    for (const { applied } of this.counted()) if (applied < revision) revision = applied;
    if (revision <= this.appliedRevision) return;
    this.appliedRevision = revision;
    for (const listener of this.listeners) listener(revision);
  }
}

function reasonOf(worker: WorkerProcess): string {
  if (worker.hangs) return 'it does not answer';
  return worker.report?.waitingFor ?? `it is at revision ${worker.applied}`;
}
