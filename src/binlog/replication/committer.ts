import { Backoff, delay, sharedAbortController } from '../../common/async.js';
import { errorMessage } from '../../common/errors.js';
import { isPassing } from '../../coordinator/errors.js';
import type { Condition } from '../../coordinator/types.js';
import type { Voters } from './voter-source.js';
import type { JournalTermOptions } from './journal-term-options.js';
import type { Decision, Quorum } from './quorum.js';
import type { SourcePositions } from './source-positions.js';
import { COMMIT_KEY, journalCollections, TERMS_KEY, type TermRecord } from './records.js';

/** How often the coordinator's history of commits is forgotten; whoever watches is never that far behind. */
const COMPACT_INTERVAL_MS = 60_000;

/**
 * Moves the commit record behind what a quorum has on disk (docs/replication.md, rule 5), one transaction of the
 * coordinator at a time: what becomes durable meanwhile joins the next.
 */
export class Committer {
  private readonly ended = sharedAbortController();
  private readonly forgetVoterSource: () => void;
  private running: Promise<void> | null = null;
  private compactTo = 0n;
  private readonly compaction: NodeJS.Timeout;
  private lastRevision = 0n;
  private holds = 0;

  constructor(
    private readonly options: JournalTermOptions,
    private readonly quorum: Quorum,
    private term: TermRecord,
    private termsRevision: bigint,
    /** The revision of the commit record, as it was last known; 0n before there is one. */
    private commitRevision: bigint,
    private readonly positions: SourcePositions,
  ) {
    this.compaction = setInterval(() => this.compact(), COMPACT_INTERVAL_MS);
    this.compaction.unref();
    this.forgetVoterSource = options.voterSource.onChange(() => this.request());
    const { signal } = options.leadership;
    const onAbort = (): void => this.end(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true, signal: this.ended.signal });
    // The leadership may have ended while the term was being begun, and tells so only once.
    if (signal.aborted) onAbort();
  }

  /** Aborted when nothing can be committed any more. */
  get signal(): AbortSignal {
    return this.ended.signal;
  }

  changeTerm(term: TermRecord, revision: bigint): void {
    this.term = term;
    this.termsRevision = revision;
  }

  /** More may be durable somewhere, or others may vote. */
  request(): void {
    if (this.hasWork()) this.running ??= this.run();
  }

  /** Runs the work while nothing is committed; what is due is committed afterwards. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    this.holds++;
    try {
      while (this.running !== null) await this.running;
      return await work();
    } finally {
      this.holds--;
      this.request();
    }
  }

  /** Resolves when everything that a quorum has is committed, or nothing can be any more. */
  async idle(): Promise<void> {
    while (this.running !== null) await this.running;
  }

  async stop(): Promise<void> {
    this.end(new Error('This member gives up the journal.'));
    await this.idle();
  }

  private hasWork(): boolean {
    if (this.ended.signal.aborted || this.holds > 0) return false;
    return this.decide(this.options.voterSource.voters()).offset > this.options.journal.committedOffset;
  }

  /** Offsets that members have acknowledged are boundaries of this journal: they have nothing but what it sent. */
  private decide(voters: Voters): Decision {
    const { memberId, journal } = this.options;
    return this.quorum.decide(voters.ids, { id: memberId, offset: journal.endOffset });
  }

  /** Only with work: it must not end before it has been noted as running. */
  private async run(): Promise<void> {
    const { journal, voterSource } = this.options;
    const backoff = new Backoff(20, 1_000);
    try {
      while (this.hasWork()) {
        const voters = voterSource.voters();
        const decision = this.decide(voters);
        if (await this.attempt(decision, voters, backoff)) await journal.commit(decision.offset);
      }
    } catch (error) {
      this.end(error);
    } finally {
      this.running = null;
    }
  }

  /**
   * What an attempt before, whose outcome stayed unknown, may have written or still may write, is not undone: the record
   * must be the one that is known.
   */
  private async attempt(decision: Decision, voters: Voters, backoff: Backoff): Promise<boolean> {
    const { coordinator, journal, leadership, log } = this.options;
    const { epoch, generation } = this.term;
    const { offset } = decision;
    const record = {
      epoch,
      generation,
      offset,
      holders: [...decision.holders],
      source: this.positions.at(offset),
    };
    const term = { key: TERMS_KEY, modRevision: this.termsRevision };
    const before = { key: COMMIT_KEY, modRevision: this.commitRevision };
    const startedAt = performance.now();
    try {
      const result = await coordinator.commit({
        conditions: [leadership.condition, term, voters.condition, before],
        operations: [{ put: COMMIT_KEY, value: journalCollections.commit.encode(record) }],
      });
      if (!result.committed) {
        if (!(await this.findsOwn())) await this.refuseUnlessOthersVote(voters);
        return false;
      }
      this.commitRevision = this.lastRevision = result.revision;
      this.positions.advance(offset);
      journal.counters.commits++;
      journal.counters.commitSeconds += (performance.now() - startedAt) / 1_000;
      return true;
    } catch (error) {
      if (!isPassing(error)) throw error;
      log.warn({ reason: errorMessage(error) }, 'The journal could not be committed; trying again');
      await delay(backoff.next(), this.ended.signal).catch(() => undefined);
      return false;
    }
  }

  /** Whether the record is another one than was known, and this member's own. */
  private async findsOwn(): Promise<boolean> {
    const { coordinator, journal } = this.options;
    const entry = await coordinator.get(COMMIT_KEY);
    if (!entry || entry.modRevision === this.commitRevision) return false;
    const { epoch, offset } = journalCollections.commit.decode(COMMIT_KEY, entry.value);
    if (epoch !== this.term.epoch) return false;
    this.commitRevision = entry.modRevision;
    await journal.commit(offset);
    this.positions.advance(offset);
    return true;
  }

  /** Others may vote than those who were counted: then it is decided anew, otherwise nothing can be any more. */
  private async refuseUnlessOthersVote({ condition }: Voters): Promise<void> {
    const { voterSource } = this.options;
    await voterSource.refresh(this.ended.signal);
    if (!isSameCondition(voterSource.voters().condition, condition)) return;
    throw new Error('This member no longer leads, or another term has begun.');
  }

  private compact(): void {
    const { coordinator, log } = this.options;
    if (this.compactTo > 0n) {
      coordinator.compact(this.compactTo).catch((error: unknown) => {
        log.warn({ reason: errorMessage(error) }, "The coordinator's history could not be compacted");
      });
    }
    this.compactTo = this.lastRevision;
    this.lastRevision = 0n;
  }

  /** Nothing more is committed, for this reason. */
  end(reason: unknown): void {
    clearInterval(this.compaction);
    this.forgetVoterSource();
    this.ended.abort(reason);
  }
}

function isSameCondition(one: Condition, other: Condition): boolean {
  const revisionOf = (condition: Condition): bigint =>
    'modRevision' in condition ? condition.modRevision : condition.createRevision;
  return one.key === other.key && revisionOf(one) === revisionOf(other);
}
