import type { HistoryLog } from '../../checkers/history/history.js';
import type { FaultCluster } from './fault-cluster.js';
import type { LoggingClients } from './logging-clients.js';
import type { Observer } from './observer.js';
import type { Schedule } from './plan.js';
import type { FailedRequest } from './requests.js';

/** Why requests may fail for a while; times are those of the history. */
export interface Excuse {
  readonly why: string;
  readonly fromMs: number;
  untilMs: number;
  /** Through these proxies, by index; null: any. */
  readonly proxies: readonly number[] | null;
  /** Of slots that these groups own or hand over, by number; null: any. */
  readonly groups: readonly number[] | null;
}

/** What one schedule knows while it runs. */
export class Run {
  /** What must not have happened. */
  readonly findings: string[] = [];
  readonly notes: string[] = [];
  readonly excuses: Excuse[] = [];
  /** Pairs of groups between which slots move. */
  readonly pairs: (readonly [number, number])[] = [];
  /** Operations that it has started, by id. */
  readonly started = new Set<string>();
  private readonly groupsOfSlot = new Map<number, Set<number>>();
  private readonly moving = new Set<number>();
  private readonly queues = new Map<string, Promise<unknown>>();
  clients!: LoggingClients;

  constructor(
    readonly cluster: FaultCluster,
    readonly schedule: Schedule,
    readonly observer: Observer,
    readonly log: HistoryLog,
  ) {}

  /** With a single fault it is certain what must follow from it. */
  get isSingle(): boolean {
    return this.schedule.faults.length === 1;
  }

  /** One after the other: faults of the same process or service. */
  async alone<T>(resource: string, work: () => Promise<T>): Promise<T> {
    const before = this.queues.get(resource) ?? Promise.resolve();
    const mine = before.then(work);
    this.queues.set(
      resource,
      mine.catch(() => undefined),
    );
    return mine;
  }

  note(message: string): void {
    this.notes.push(`${Math.round(this.log.nowMs)} ms: ${message}`);
  }

  find(message: string): void {
    this.findings.push(message);
    this.note(`FOUND: ${message}`);
  }

  /** Requests may fail from now on; call the result when the cause has been mended. */
  excuse(
    why: string,
    what: { readonly proxies?: readonly number[]; readonly groups?: readonly number[] },
    settleMs: number,
  ): () => void {
    const excuse: Excuse = {
      why,
      fromMs: this.log.nowMs,
      untilMs: Infinity,
      proxies: what.proxies ?? null,
      groups: what.groups ?? null,
    };
    this.excuses.push(excuse);
    return () => (excuse.untilMs = this.log.nowMs + settleMs);
  }

  setOwner(slot: number, group: number): void {
    this.groupsOfSlot.set(slot, new Set([group]));
  }

  setMove(slot: number, from: number, to: number): void {
    this.moving.add(slot);
    this.groupsOfSlot.get(slot)?.add(from).add(to);
    if (!this.pairs.some(([a, b]) => a === from && b === to)) this.pairs.push([from, to]);
  }

  isMoving(slot: number): boolean {
    return this.moving.has(slot);
  }

  /** The group and all that hand slots over to it or take them from it. */
  partnersOf(group: number): number[] {
    return [...new Set([group, ...this.pairs.filter((pair) => pair.includes(group)).flat()])];
  }

  /** The requests that had no business to fail. */
  unexcused(failed: readonly FailedRequest[]): FailedRequest[] {
    const excuses = this.merged();
    return failed.filter(
      (request) =>
        !excuses.some(
          ({ fromMs, untilMs, proxies, groups }) =>
            request.sentAtMs <= untilMs &&
            request.failedAtMs >= fromMs &&
            (proxies === null || proxies.includes(request.proxy)) &&
            (groups === null ||
              groups.some((group) =>
                request.slots.some((slot) => this.groupsOfSlot.get(slot)?.has(group) === true),
              )),
        ),
    );
  }

  /**
   * A proxy without a session opens no connection: what a fault of a Redis server has cut off then stays so
   * until the proxy has its session again.
   */
  private merged(): Excuse[] {
    const last = Math.max(...this.excuses.map(({ untilMs }) => untilMs), this.coordinatorMendedAtMs + 4_000);
    return this.excuses.map((excuse) =>
      excuse.groups !== null && this.coordinatorMendedAtMs > 0 ? { ...excuse, untilMs: last } : excuse,
    );
  }

  /** When the last fault that costs proxies their sessions had been mended. */
  coordinatorMendedAtMs = 0;
}
