import type { Stored } from '../../cluster/collection.js';
import { Backoff, delay, sharedAbortController } from '../../common/async.js';
import { errorMessage, QuorateError } from '../../common/errors.js';
import { isPassing } from '../../coordinator/errors.js';
import type { JournalWriter } from '../journal/journal-writer.js';
import type { Flavour, GtidSet } from '../protocol/gtid/gtid-set.js';
import type { FollowSink } from '../syncer/source-follower.js';
import type { SourcePosition } from '../syncer/source-position.js';
import { adopt, JournalUnfitError } from './adoption.js';
import { CatchUp } from './catch-up.js';
import { Committer } from './committer.js';
import { streamToFollower, type FollowMessage } from './stream-to-follower.js';
import { FollowerStreams } from './follower-streams.js';
import { readJournalRecords, type JournalRecords } from './journal-records.js';
import type { PeerChannel } from './peer/channel.js';
import type { JournalTermOptions } from './journal-term-options.js';
import { Quorum } from './quorum.js';
import {
  COMMIT_KEY,
  compareTerms,
  journalCollections,
  START_KEY,
  TERMS_KEY,
  type StartRecord,
  type TermHistoryRecord,
  type TermRecord,
} from './records.js';
import { refuse } from './serve-segments.js';
import { SourcePositions } from './source-positions.js';
import { withTerm } from './term-history.js';

/** Another journal has been put in the place of the one that was appended to. */
export class JournalRestartedError extends QuorateError {
  constructor() {
    super('JOURNAL_RESTARTED', 'The journal was restarted.');
  }
}

/**
 * The right of a leader to append to the journal, taken by docs/replication.md, rules 1, 2 and 6. It ends
 * with the leadership.
 */
export class JournalTerm {
  private readonly streams = new FollowerStreams();

  private constructor(
    private readonly options: JournalTermOptions,
    private history: TermHistoryRecord,
    private termsRevision: bigint,
    private readonly quorum: Quorum,
    private readonly committer: Committer,
    /** The revision of the record that the journal begins by. */
    private readonly startRevision: bigint,
    private readonly positions: SourcePositions,
  ) {
    committer.signal.addEventListener('abort', () => this.streams.end(), { once: true });
    if (committer.signal.aborted) this.streams.end();
  }

  /**
   * @throws JournalUnfitError when nothing can be appended to what this member has; whatever kept it from fetching what it
   *   lacks
   */
  static async begin(options: JournalTermOptions): Promise<JournalTerm> {
    const { coordinator, leadership, journal } = options;
    for (;;) {
      leadership.signal.throwIfAborted();
      const records = await readJournalRecords(coordinator, leadership.signal);
      await adopt(journal, records);
      const committed = await reachCommitted(options, records);
      const term = nextTerm(records.history, String(leadership.epoch), committed);
      const history = withTerm(records.history, term);
      const result = await coordinator.commit({
        conditions: [
          leadership.condition,
          { key: TERMS_KEY, modRevision: records.termsRevision },
          // Not that of the key's last change alone: what was read must still be what is committed.
          { key: COMMIT_KEY, modRevision: records.commitRevision },
        ],
        operations: [{ put: TERMS_KEY, value: journalCollections.terms.encode(history) }],
      });
      if (!result.committed) continue;
      await journal.recordTerm(term);
      if (journal.flavour !== null) await journal.commit(committed);
      const quorum = new Quorum();
      const { commit, commitRevision } = records;
      const positions = new SourcePositions({ offset: committed, source: commit?.source ?? null });
      const committer = new Committer(options, quorum, term, result.revision, commitRevision, positions);
      const { startRevision } = records;
      return new JournalTerm(options, history, result.revision, quorum, committer, startRevision, positions);
    }
  }

  /** Aborted when nothing can be appended under it any more. */
  get signal(): AbortSignal {
    return this.committer.signal;
  }

  /** The newest term, under which this member appends. */
  get term(): TermRecord {
    return this.history.terms.at(-1)!;
  }

  /** Up to where a member is known to have the journal on its disk; null when it is not in touch. */
  offsetOf(id: string): number | null {
    return id === this.options.memberId ? this.options.journal.endOffset : this.quorum.offsetOf(id);
  }

  /** Up to where a member has ever said, under this term, to have the journal on its disk; null when it never has. */
  acknowledgedBy(id: string): number | null {
    return this.quorum.acknowledgedBy(id);
  }

  /** Whether too few members that vote are in touch for anything to be committed. */
  get isWithoutQuorum(): boolean {
    const { voterSource, memberId } = this.options;
    return this.quorum.isLacking(voterSource.voters().ids, memberId);
  }

  /** Where the transaction that ends at that offset of the journal ends in the source's files; null when that is not known. */
  sourceAt(offset: number): SourcePosition | null {
    return this.positions.at(offset);
  }

  /** Runs the work while nothing is committed. */
  withoutCommits<T>(work: () => Promise<T>): Promise<T> {
    return this.committer.hold(work);
  }

  /** Answers a follower, until it ends or this term does. Rejects when the channel breaks. */
  async serveFollower(channel: PeerChannel, id: string, message: FollowMessage): Promise<void> {
    const { journal, voterSource, memberId, catchUpLimit } = this.options;
    const { quorum, committer, term } = this;
    if (committer.signal.aborted) return refuse(channel, 'NOT_LEADER', 'It does not lead.');
    if (compareTerms(message.term, term) !== 0) return refuse(channel, 'TERM', 'Its term is another one.');
    if (journal.flavour === null || message.from < journal.startOffset)
      return refuse(channel, 'PURGED', `Its journal begins at offset ${journal.startOffset}.`);
    if (message.from > journal.endOffset)
      return refuse(channel, 'AHEAD', `Its journal ends at offset ${journal.endOffset}.`);
    const onAcknowledged = (): void => committer.request();
    const catchUp = new CatchUp(catchUpLimit, () => quorum.needs(id, voterSource.voters().ids, memberId));
    await this.streams.run(id, channel, () =>
      streamToFollower({ journal, channel, quorum, catchUp, term, id, onAcknowledged }, message),
    );
  }

  /** Begins a journal that has not begun, behind these transactions. */
  async begin(flavour: Flavour, purged: GtidSet): Promise<void> {
    const { coordinator, leadership, journal } = this.options;
    const start = { flavour, offset: 0, segment: 1, purged: purged.toString(), incarnation: null };
    const result = await coordinator.commit({
      conditions: [leadership.condition, { key: START_KEY, modRevision: 0n }],
      operations: [{ put: START_KEY, value: journalCollections.start.encode(start) }],
    });
    if (!result.committed) {
      // An attempt before, whose outcome was not known, may have written it; the source may have gone on since.
      const records = await readJournalRecords(coordinator, leadership.signal);
      const isOurs = records.start !== null && records.commit === null && leadership.isHeld();
      if (!isOurs) throw new JournalUnfitError('Another member has begun the journal meanwhile.');
      await adopt(journal, records);
      throw new QuorateError(
        'JOURNAL_BEGUN',
        'The journal has just begun; the source is asked anew from there.',
      );
    }
    await journal.begin(flavour, purged);
  }

  /** Opens the journal for one dump. */
  async open(): Promise<FollowSink> {
    const { journal } = this.options;
    const { committer } = this;
    committer.signal.throwIfAborted();
    await this.recordTerm();
    const writer = await journal.openWriter();
    this.positions.cut(journal.endOffset);
    const ended = sharedAbortController();
    writer.onDurable(() => committer.request());
    writer.onFailure((error) => ended.abort(error));
    const end = (): void => ended.abort(committer.signal.reason);
    committer.signal.addEventListener('abort', end, { once: true });
    return {
      setFormat: (event, file) => writer.setFormat(event, file),
      append: (bytes, start, end) => writer.append(bytes, start, end),
      endTransaction: (source, number, big, timestamp, file, position) => {
        writer.endTransaction(source, number, big, timestamp);
        this.positions.push(writer.boundaryOffset, file, position);
      },
      get boundaryOffset() {
        return writer.boundaryOffset;
      },
      get committedOffset() {
        return journal.committedOffset;
      },
      writable: (signal) => writer.writable(signal),
      onCommit: (listener) => journal.onCommit(listener),
      signal: ended.signal,
      close: async () => {
        committer.signal.removeEventListener('abort', end);
        await this.endWriter(writer);
      },
    };
  }

  /**
   * Ends it when another journal has been put in the place of the one that it appends to: it is to be taken anew.
   *
   * @param start as the coordinator says, sooner or later
   */
  endIfRestarted(start: Stored<StartRecord> | undefined): void {
    const isOld = !start || start.revision <= this.startRevision;
    if (isOld || start.value.incarnation === this.options.journal.incarnation) return;
    this.committer.end(new JournalRestartedError());
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    await this.committer.stop();
  }

  /** Before anything is appended under it: a member that does not know its own term would throw that away. */
  private async recordTerm(): Promise<void> {
    const { journal } = this.options;
    const { term } = this;
    if (journal.term === null || compareTerms(journal.term, term) < 0) await journal.recordTerm(term);
  }

  /** Whole transactions stay; a writer that has failed keeps those that were durable before. */
  private async endWriter(writer: JournalWriter): Promise<void> {
    const { journal, log } = this.options;
    const { committer } = this;
    const isCut = writer.isInTransaction;
    try {
      await writer.discard().catch((error: unknown) => {
        const reason = errorMessage(error);
        log.warn({ reason }, 'The unfinished end of the journal is cut when it is opened next');
      });
      // A commit under the term that ends now must not meet the new one.
      await committer.idle();
      const hasLost = isCut || writer.error !== null;
      if (hasLost && !committer.signal.aborted) await this.newGeneration(journal.endOffset);
    } catch (error) {
      // Without a new generation, followers could keep what is cut here.
      committer.end(error);
      log.warn({ reason: errorMessage(error) }, 'This member gives up the journal');
    } finally {
      await writer.close().catch(() => undefined);
    }
  }

  /**
   * docs/replication.md, rule 6: what followers may have of the cut transaction, they throw away before they take
   * more.
   */
  private async newGeneration(base: number): Promise<void> {
    const term = { ...this.term, generation: this.term.generation + 1, base };
    const history = withTerm(this.history, term);
    const revision = await this.putTerms(history);
    this.history = history;
    this.termsRevision = revision;
    this.committer.changeTerm(term, revision);
    this.streams.startOver();
  }

  /** Tries until it is known to be written. @returns its revision */
  private async putTerms(history: TermHistoryRecord): Promise<bigint> {
    const { coordinator, leadership, log } = this.options;
    const value = journalCollections.terms.encode(history);
    const backoff = new Backoff(20, 1_000);
    for (;;) {
      try {
        const result = await coordinator.commit({
          conditions: [leadership.condition, { key: TERMS_KEY, modRevision: this.termsRevision }],
          operations: [{ put: TERMS_KEY, value }],
        });
        if (result.committed) return result.revision;
        const written = await coordinator.get(TERMS_KEY);
        if (written?.value === value && leadership.isHeld()) return written.modRevision;
        throw new JournalUnfitError('This member no longer leads.');
      } catch (error) {
        if (!isPassing(error)) throw error;
        log.warn({ reason: errorMessage(error) }, 'The new term could not be written; trying again');
        await delay(backoff.next(), leadership.signal);
      }
    }
  }
}

/** A second term may begin under one leadership: it must still be newer than those before. */
function nextTerm({ terms }: TermHistoryRecord, epoch: string, base: number): TermRecord {
  const last = terms.at(-1);
  return { epoch, generation: last?.epoch === epoch ? last.generation + 1 : 0, base };
}

/** docs/replication.md, rule 1: as far as the cluster has committed, and no further. @returns the committed offset */
async function reachCommitted(
  { journal, fetch }: JournalTermOptions,
  { commit, start }: JournalRecords,
): Promise<number> {
  const committed = commit?.offset ?? start?.offset ?? 0;
  if (journal.flavour === null) return committed;
  if (journal.endOffset < committed) await fetch(committed, commit?.holders ?? []);
  await journal.truncate(committed);
  return committed;
}
