import { Backoff, delay, raceAbort, sharedAbortController } from '../../common/async.js';
import { errorMessage } from '../../common/errors.js';
import { depose } from '../../cluster/depose.js';
import { collections } from '../../cluster/records.js';
import type { MembershipView } from '../../cluster/membership/membership-view.js';
import type { Leadership } from '../../coordinator/leadership.js';
import type { Coordinator } from '../../coordinator/types.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Journal } from '../journal/journal.js';
import { JournalWriteError } from '../journal/journal-error.js';
import { Turnstile } from '../../common/turnstile.js';
import { adopt, JournalUnfitError } from './adoption.js';
import type { CatchUpLimit } from './catch-up.js';
import { CommitLearner } from './commit-learner.js';
import type { VoterSource } from './voter-source.js';
import { fetchFromHolders } from './fetch-from-holders.js';
import { follow, PeerRefusedError } from './follow.js';
import { JournalTerm } from './journal-term.js';
import { readJournalRecords } from './journal-records.js';
import { PeerUnreachableError, type PeerChannel, type PeerNetwork } from './peer/channel.js';
import { withChannel } from './peer/with-channel.js';
import { compareTerms, journalCollections, type CommitRecord, type TermRecord } from './records.js';
import { refuse, serveFetch } from './serve-segments.js';

const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 2_000;
/** A journal that does not fit may be put right by hand. */
const UNFIT_RETRY_MS = 15_000;
/** There may be room again at any time. */
const DISK_RETRY_MS = 2_000;
/** A process that is started again may listen in a moment. */
const GONE_MS = 400;
/** Reasons to refuse that go away by themselves. */
const PASSING = new Set(['NOT_LEADER', 'TERM']);

export interface ReplicaOptions {
  readonly journal: Journal;
  readonly coordinator: Coordinator;
  readonly membership: MembershipView;
  readonly network: PeerNetwork;
  /** Name and id of this member. */
  readonly self: { readonly name: string; readonly id: string };
  readonly catchUpLimit: CatchUpLimit;
  readonly log: Logger;
}

/**
 * This member's copy of the journal: follows whoever leads, or is the one that the others follow. Never both, and neither
 * while the other is still ending (docs/replication.md, rule 3).
 */
export class JournalReplica {
  private readonly stopping = sharedAbortController();
  private readonly changes = new Turnstile();
  private term: JournalTerm | null = null;
  private following: { stop: AbortController; done: Promise<void> } | null = null;
  private readonly learner: CommitLearner;
  private currentProblem: string | null = null;
  /** Why nothing could be written, when that was what went wrong last. */
  private diskProblem: string | null = null;
  /** Since when nothing listens where the leader should be. */
  private goneSince: number | null = null;
  private unsubscribe: () => void = () => undefined;

  constructor(private readonly options: ReplicaOptions) {
    this.learner = new CommitLearner(options.journal, options.log);
  }

  get journal(): Journal {
    return this.options.journal;
  }

  /** Why it does not follow though it should; null when it does, or leads, or nobody does. */
  get problem(): string | null {
    return this.currentProblem;
  }

  /** While this member leads and may append. */
  get heldTerm(): JournalTerm | null {
    return this.term;
  }

  start(): void {
    const { view } = this.options.membership;
    this.unsubscribe = view.subscribe(() => {
      this.changes.open();
      if (this.following) this.learner.learnRecord(this.commit());
    });
    this.resume();
  }

  async stop(): Promise<void> {
    this.stopping.abort(new Error('This member is stopping.'));
    this.unsubscribe();
    await this.pause();
  }

  /**
   * Begins a term of the journal and works in it. Follows nobody until both are over.
   *
   * @throws JournalUnfitError, and whatever the work throws
   */
  async lead(leadership: Leadership, work: (term: JournalTerm) => Promise<void>): Promise<void> {
    const { journal, coordinator, self, catchUpLimit, log } = this.options;
    await this.pause();
    try {
      const voterSource = this.voterSource();
      const fetch = (to: number, holders: readonly string[]): Promise<void> =>
        fetchFromHolders(this.options, to, holders, leadership.signal);
      const parts = {
        journal,
        coordinator,
        leadership,
        voterSource,
        catchUpLimit,
        fetch,
        memberId: self.id,
        log,
      };
      const term = await JournalTerm.begin(parts);
      this.term = term;
      try {
        await work(term);
      } finally {
        this.term = null;
        await term.close();
      }
    } finally {
      this.resume();
    }
  }

  /** What another member wants of this one. Never rejects. */
  async answer(channel: PeerChannel): Promise<void> {
    const { journal, membership, log } = this.options;
    try {
      const id = membership.byName(channel.peer)?.id;
      const message = await channel.receive();
      if (id == null) await refuse(channel, 'UNKNOWN', `It does not know a member ${channel.peer}.`);
      else if (message?.type === 'fetch') await serveFetch(journal, channel, message);
      else if (message?.type !== 'follow') return;
      else if (this.term) await this.term.serveFollower(channel, id, message);
      else await refuse(channel, 'NOT_LEADER', 'It does not lead.');
    } catch (error) {
      log.debug({ peer: channel.peer, reason: errorMessage(error) }, 'A conversation with a member broke');
    } finally {
      channel.close();
    }
  }

  private voterSource(): VoterSource {
    const { membership } = this.options;
    return {
      voters: () => ({ ids: membership.voterIds(), condition: membership.condition }),
      refresh: (signal) => membership.refresh(signal),
      onChange: (listener) => membership.onChange(listener),
    };
  }

  private resume(): void {
    if (this.stopping.signal.aborted || this.following) return;
    const stop = sharedAbortController();
    this.following = { stop, done: this.followAll(stop.signal) };
  }

  private async pause(): Promise<void> {
    const { following } = this;
    if (!following) return;
    following.stop.abort(new Error('It leads now, or is stopping.'));
    await following.done;
    await this.learner.idle();
    this.following = null;
    this.currentProblem = null;
  }

  private async followAll(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(RETRY_MIN_MS, RETRY_MAX_MS);
    while (!signal.aborted) {
      try {
        await this.followOnce(signal, () => backoff.reset());
      } catch (error) {
        if (signal.aborted) return;
        await this.noteTrouble(error, signal, backoff);
      }
    }
  }

  /** One leader under one term, or nobody as long as nobody is to be followed. */
  private async followOnce(signal: AbortSignal, onMessage: () => void): Promise<void> {
    const { journal, coordinator, self } = this.options;
    const changed = this.changes.next();
    const records = await readJournalRecords(coordinator, signal);
    await this.learner.idle();
    await adopt(journal, records);
    this.learner.learnRecord(records.commit);
    const leader = this.leader();
    const term = records.history.terms.at(-1);
    if (leader === null || leader === self.name || journal.flavour === null || !term) {
      this.currentProblem = null;
      await raceAbort(changed, signal);
      return;
    }
    await this.followLeader(leader, term, signal, onMessage);
  }

  private async followLeader(
    leader: string,
    term: TermRecord,
    signal: AbortSignal,
    onMessage: () => void,
  ): Promise<void> {
    const { journal, network, membership } = this.options;
    const { learner } = this;
    await withChannel(network, leader, signal, async (channel) => {
      const isOver = (): boolean => this.leader() !== leader || !this.isNewest(term);
      const unwatch = membership.view.subscribe(() => {
        if (isOver()) channel.close();
      });
      try {
        if (isOver()) return;
        await follow({
          ...{ journal, channel, term },
          onCommitted: (offset) => learner.learn(offset),
          onDurable: () => learner.poke(),
          onMessage: () => {
            this.currentProblem = this.goneSince = null;
            onMessage();
          },
        });
      } finally {
        unwatch();
      }
    });
  }

  /** It need not be waited for until its session ends: with it, nothing would be committed until then. */
  private async deposeTheGone(): Promise<void> {
    const { coordinator, membership, self, log } = this.options;
    const leader = membership.view.get(collections.leadership, 'leader');
    const isVoter = membership.byId(self.id)?.role === 'VOTER';
    if (!leader || !isVoter || leader.value.member === self.name) return;
    try {
      const isDeposed = await depose(coordinator, leader.createRevision, self.name);
      if (isDeposed)
        log.warn({ leader: leader.value.member }, 'The leader is gone: nothing listens there any more');
    } catch (error) {
      log.warn({ reason: errorMessage(error) }, 'The leader is gone, and could not be deposed');
    }
  }

  /** A leader that has just been elected takes a moment; for its term there is a change to wait for. */
  private async noteTrouble(error: unknown, signal: AbortSignal, backoff: Backoff): Promise<void> {
    const changed = this.changes.next();
    const isGone = error instanceof PeerUnreachableError && error.isGone;
    this.goneSince = isGone ? (this.goneSince ?? performance.now()) : null;
    if (this.goneSince !== null && performance.now() - this.goneSince > GONE_MS) await this.deposeTheGone();
    const isRefused = error instanceof PeerRefusedError && PASSING.has(error.reason);
    const isDisk = error instanceof JournalWriteError;
    if (!isRefused) {
      this.currentProblem = errorMessage(error);
      if (!isDisk || this.currentProblem !== this.diskProblem)
        this.options.log.warn({ reason: this.currentProblem }, 'Cannot follow the leader; trying again');
    }
    this.diskProblem = isDisk ? this.currentProblem : null;
    // The leader sends again what could not be written: each attempt brings something, and gets no further.
    const waitMs =
      error instanceof JournalUnfitError ? UNFIT_RETRY_MS : isDisk ? DISK_RETRY_MS : backoff.next();
    await Promise.race([delay(waitMs, signal), raceAbort(changed, signal)]).catch(() => undefined);
  }

  private leader(): string | null {
    return this.options.membership.view.get(collections.leadership, 'leader')?.value.member ?? null;
  }

  private commit(): CommitRecord | null {
    return this.options.membership.view.get(journalCollections.commit, 'record')?.value ?? null;
  }

  /** As far as is known here: the view may be behind what was read. */
  private isNewest(term: TermRecord): boolean {
    const terms = this.options.membership.view.get(journalCollections.terms, 'history')?.value.terms ?? [];
    return terms.every((each) => compareTerms(each, term) <= 0);
  }
}
