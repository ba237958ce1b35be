import { Backoff, delay, sharedAbortController, untilAborted } from '../../common/async.js';
import { errorMessage } from '../../common/errors.js';
import type { SecretBox } from '../../common/secret-box.js';
import type { Coordinator } from '../../coordinator/types.js';
import type { Leadership } from '../../coordinator/leadership.js';
import type { Logger } from '../../telemetry/logger.js';
import type { BinlogView } from '../control/binlog-view.js';
import type { JournalPurges } from '../control/journal-purges.js';
import type { Journal } from '../journal/journal.js';
import type { Retention } from '../journal/purge-plan.js';
import { JournalUnfitError } from '../replication/adoption.js';
import { JournalRestartedError, type JournalTerm } from '../replication/journal-term.js';
import type { JournalReplica } from '../replication/replica.js';
import { runSyncer } from '../syncer/syncer.js';
import { news, type SourceFacts } from '../syncer/source-facts.js';
import { HALT_KEY, SOURCE_KEY, SYNCER_KEY, syncerCollections } from '../syncer/syncer-record.js';
import type { SyncerStatus } from '../syncer/syncer-status.js';
import { CommitWatch, type Stall } from './commit-watch.js';
import type { JournalStore } from './journal-store.js';
import type { ReplicaHost } from './replica-host.js';
import { keepRetention } from './retention.js';

/** A journal that does not fit may be put right by hand. */
const UNFIT_RETRY_MS = 15_000;
/** How long a leader whose journal is of no use stays one while another member could lead. */
const GIVE_WAY_MS = 3_000;
const LOOK_MS = 500;
/** How long one that has stepped down, because it could not commit, lets others go first. */
const STEPPED_DOWN_MS = 15_000;
/** How long one that has let others lead, and leads again, does not do so anew for what it cannot read. */
const STAY_MS = 300_000;
const RETRY_MIN_MS = 200;
const RETRY_MAX_MS = 10_000;

export interface LeaderDutyOptions {
  readonly coordinator: Coordinator;
  readonly binlog: BinlogView;
  readonly replicas: ReplicaHost;
  readonly store: JournalStore;
  /** Whether another member could lead. */
  readonly othersRun: () => boolean;
  readonly purges: JournalPurges;
  readonly secrets: SecretBox;
  readonly status: SyncerStatus;
  /** What the journal is kept within, as it is at the moment of asking. */
  readonly retention: () => readonly Retention[];
  /** How long a leader that cannot commit stays one while another member could lead, in milliseconds. */
  readonly stepDownMs: number;
  readonly log: Logger;
}

/** Why this member, though it leads, cannot append to the journal. */
export interface TermProblem {
  /** Whether somebody has to do something about it. */
  readonly isUnfit: boolean;
  readonly message: string;
  readonly since: number;
}

/** The leader's part in the binlog store: it begins a term of the journal and keeps the syncer as its record says. */
export class LeaderDuty {
  private held = false;
  private staysUntil = -Infinity;
  private currentProblem: TermProblem | null = null;
  private term: JournalTerm | null = null;
  private readonly commits = new CommitWatch();
  private steppedDownAt = -Infinity;

  constructor(private readonly options: LeaderDutyOptions) {}

  /** Whether this member may append to the journal now: only then what it has committed is all there is. */
  get holdsTerm(): boolean {
    return this.held;
  }

  get problem(): TermProblem | null {
    return this.currentProblem;
  }

  /** Since when, and why, this member leads without committing; null while it commits, or does not lead. */
  get stall(): Stall | null {
    return this.commits.stall;
  }

  /** Whether this member has just given leadership up because it could not commit. */
  get hasSteppedDown(): boolean {
    return performance.now() - this.steppedDownAt < STEPPED_DOWN_MS;
  }

  /** Runs until leadership is lost; all of its own work has ended when it resolves. Never rejects. */
  async run(leadership: Leadership): Promise<void> {
    const { replicas, binlog, log } = this.options;
    const backoff = new Backoff(RETRY_MIN_MS, RETRY_MAX_MS);
    const giveWay = setInterval(() => this.giveWay(leadership), GIVE_WAY_MS);
    const looking = setInterval(() => this.lookAtCommits(leadership), LOOK_MS);
    while (leadership.isHeld()) {
      try {
        const replica = await replicas.untilOpen(leadership.signal);
        // What earlier leaders decided must be in the view before anything is done by it.
        await binlog.view.waitFor(leadership.epoch, leadership.signal);
        await replica.lead(leadership, (term) => this.holdTerm(replica, term, backoff));
      } catch (error) {
        if (!leadership.isHeld()) break;
        if (error instanceof JournalRestartedError) continue;
        const [isUnfit, message] = [error instanceof JournalUnfitError, errorMessage(error)];
        this.currentProblem = { isUnfit, message, since: this.currentProblem?.since ?? Date.now() };
        log.error({ reason: message }, 'This member leads, but cannot append to the journal; trying again');
        const wait = isUnfit ? UNFIT_RETRY_MS : backoff.next();
        await delay(wait, leadership.signal).catch(() => undefined);
      }
    }
    clearInterval(giveWay);
    clearInterval(looking);
    this.commits.reset();
    this.currentProblem = null;
  }

  /**
   * A journal that cannot be opened or read here, or lacks files, may be sound elsewhere. One that is open serves what can be
   * read of it all the same: where it cannot be read at any member, the leadership is not to go round among them.
   */
  private giveWay(leadership: Leadership): void {
    const { store, othersRun, log } = this.options;
    const reason =
      store.currentProblem ?? (this.currentProblem?.isUnfit === true ? this.currentProblem.message : null);
    if (reason === null || !othersRun()) return;
    const isOnlyUnreadable = store.problem === null && this.currentProblem === null;
    if (isOnlyUnreadable && performance.now() < this.staysUntil) return;
    this.staysUntil = performance.now() + STAY_MS;
    log.warn({ reason }, 'The journal is of no use here: this member lets another one lead');
    void leadership.resign();
  }

  /**
   * A leader that cannot commit holds everybody up while the members that it does not reach may well reach each other
   * (etcd's CheckQuorum). Where no other leader fares better either, leadership is not to go round among them.
   */
  private lookAtCommits(leadership: Leadership): void {
    const { store, othersRun, stepDownMs, log } = this.options;
    const { term } = this;
    const { journal } = store;
    // Before a journal has begun nobody follows it, and nothing waits to be committed.
    if (term === null || journal === null || journal.flavour === null) return this.commits.reset();
    const { endOffset, committedOffset } = journal;
    const now = performance.now();
    this.commits.look({ isWithoutQuorum: term.isWithoutQuorum, endOffset, committedOffset }, now);
    const { stall } = this.commits;
    if (stall === null || now - stall.since < stepDownMs || now < this.staysUntil || !othersRun()) return;
    this.steppedDownAt = now;
    this.staysUntil = now + STAY_MS;
    log.warn({ reason: stall.message }, 'This member cannot commit: it lets another one lead');
    void leadership.resign();
  }

  private async holdTerm(replica: JournalReplica, term: JournalTerm, backoff: Backoff): Promise<void> {
    const { binlog, purges, retention, log } = this.options;
    const { journal } = replica;
    const ending = sharedAbortController();
    const end = (): void => ending.abort(term.signal.reason);
    term.signal.addEventListener('abort', end, { once: true });
    if (term.signal.aborted) end();
    const look = (): void => term.endIfRestarted(binlog.start());
    const unwatch = binlog.view.subscribe(look);
    look();
    backoff.reset();
    this.currentProblem = null;
    this.commits.reset();
    this.term = term;
    this.held = true;
    let retained: Promise<void> = Promise.resolve();
    try {
      await purges.followStart(journal);
      retained = keepRetention(journal, purges, retention, ending.signal, log);
      await this.followRecord(journal, term, ending.signal);
    } finally {
      this.held = false;
      this.term = null;
      unwatch();
      term.signal.removeEventListener('abort', end);
      ending.abort(new Error('The term has ended.'));
      await retained;
    }
    term.signal.throwIfAborted();
  }

  /** Whoever leads next, or this member after a restart, would otherwise pass over what it has halted at. */
  private async rememberHalt(revision: bigint, reason: string, signal: AbortSignal): Promise<void> {
    const { coordinator, log } = this.options;
    const value = syncerCollections.halt.encode({ syncerRevision: String(revision), reason });
    const backoff = new Backoff(RETRY_MIN_MS, RETRY_MAX_MS);
    while (!signal.aborted) {
      try {
        await coordinator.commit({
          conditions: [{ key: SYNCER_KEY, modRevision: revision }],
          operations: [{ put: HALT_KEY, value }],
        });
        return;
      } catch (error) {
        log.warn({ reason: errorMessage(error) }, 'What the syncer has halted at could not be written down');
        await delay(backoff.next(), signal).catch(() => undefined);
      }
    }
  }

  /** For binlog servers, whose clients ask for it. What cannot be written down now is told with the next connection. */
  private async rememberSource(revision: bigint, facts: SourceFacts): Promise<void> {
    const { binlog, coordinator, log } = this.options;
    const known = news(binlog.source(), facts);
    if (known === null) return;
    try {
      await coordinator.commit({
        conditions: [{ key: SYNCER_KEY, modRevision: revision }],
        operations: [{ put: SOURCE_KEY, value: syncerCollections.source.encode(known) }],
      });
    } catch (error) {
      log.warn({ reason: errorMessage(error) }, 'What the source says of itself could not be written down');
    }
  }

  /** One syncer after the other, each until its record changes. */
  private async followRecord(journal: Journal, term: JournalTerm, signal: AbortSignal): Promise<void> {
    const { binlog, secrets, status, log } = this.options;
    while (!signal.aborted) {
      const record = binlog.syncer();
      const changed = sharedAbortController();
      const end = (): void => changed.abort(signal.reason);
      signal.addEventListener('abort', end, { once: true });
      const unwatch = binlog.view.subscribe(() => {
        if (binlog.syncer()?.revision !== record?.revision)
          changed.abort(new Error('The syncer was changed.'));
      });
      try {
        if (record?.value.isWanted) {
          const onHalt = (reason: string): Promise<void> =>
            this.rememberHalt(record.revision, reason, changed.signal);
          const halted = binlog.halt();
          const onSource = (facts: SourceFacts): Promise<void> => this.rememberSource(record.revision, facts);
          const parts = { journal, term, secrets, status, log, halted, onHalt, onSource };
          await runSyncer(record.value, parts, changed.signal);
        } else await untilAborted(changed.signal);
      } finally {
        unwatch();
        signal.removeEventListener('abort', end);
      }
    }
  }
}
