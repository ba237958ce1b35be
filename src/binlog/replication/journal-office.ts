import { Backoff, delay } from '../../common/async.js';
import { errorMessage, QuorateError } from '../../common/errors.js';
import { sharedAbortController } from '../../coordinator/async.js';
import { CoordinatorUnavailableError, OutcomeUnknownError } from '../../coordinator/errors.js';
import type { Coordinator } from '../../coordinator/types.js';
import type { Leadership } from '../../coordinator/leadership.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Journal } from '../journal/journal.js';
import type { JournalWriter } from '../journal/journal-writer.js';
import { isEqual, parseGtidSet, type Flavour, type GtidSet } from '../protocol/gtid/gtid-set.js';
import type { FollowSink } from '../syncer/source-follower.js';
import { Committer } from './committer.js';
import { readJournalRecords, type JournalRecords } from './journal-records.js';
import { compareTerms, journalCollections, START_KEY, TERMS_KEY, type TermRecord } from './records.js';

/** So many terms are remembered; a member that knows only older ones starts over. */
const MAX_TERMS = 200;

/** This member's journal is not the cluster's, or not as far as the cluster has committed. It serves nothing. */
export class JournalUnfitError extends QuorateError {
  constructor(message: string) {
    super('JOURNAL_UNFIT', message);
  }
}

export interface OfficeOptions {
  readonly coordinator: Coordinator;
  readonly leadership: Leadership;
  readonly journal: Journal;
  readonly memberName: string;
  readonly log: Logger;
}

/**
 * The right of a leader to append to the journal, taken by the rules 1, 2 and 6 of DESIGN section 5. It ends with
 * the leadership.
 */
export class JournalOffice {
  private constructor(
    private readonly options: OfficeOptions,
    private terms: readonly TermRecord[],
    private termsRevision: bigint,
    private readonly committer: Committer,
  ) {}

  /** @throws JournalUnfitError when nothing can be appended to what this member has */
  static async take(options: OfficeOptions): Promise<JournalOffice> {
    const { coordinator, leadership, journal } = options;
    for (;;) {
      leadership.signal.throwIfAborted();
      const records = await readJournalRecords(coordinator, leadership.signal);
      await adoptStart(journal, records);
      await adoptTerms(journal, records.terms);
      const committed = await truncateToCommitted(journal, records);
      const term = { epoch: String(leadership.epoch), generation: 0, base: committed };
      const terms = [...records.terms, term].slice(-MAX_TERMS);
      const result = await coordinator.commit({
        conditions: [
          leadership.condition,
          { key: TERMS_KEY, modRevision: records.termsRevision },
          // Not that of the key's last change alone: what was read must still be what is committed.
          { key: journalCollections.commit.key('record'), modRevision: records.commitRevision },
        ],
        operations: [{ put: TERMS_KEY, value: journalCollections.terms.encode({ terms }) }],
      });
      if (!result.committed) continue;
      await journal.recordTerm(term);
      if (journal.flavour !== null) await journal.commit(committed);
      const committer = new Committer(options, term, result.revision);
      return new JournalOffice(options, terms, result.revision, committer);
    }
  }

  /** Aborted when nothing can be appended under it any more. */
  get signal(): AbortSignal {
    return this.committer.signal;
  }

  /** Begins a journal that has not begun, behind these transactions. */
  async begin(flavour: Flavour, purged: GtidSet): Promise<void> {
    const { coordinator, leadership, journal } = this.options;
    const start = { flavour, offset: 0, segment: 1, purged: purged.toString() };
    const result = await coordinator.commit({
      conditions: [leadership.condition, { key: START_KEY, modRevision: 0n }],
      operations: [{ put: START_KEY, value: journalCollections.start.encode(start) }],
    });
    if (!result.committed) {
      // An attempt before, whose outcome was not known, may have written it; the source may have gone on since.
      const records = await readJournalRecords(coordinator, leadership.signal);
      const isOurs = records.start !== null && records.commit === null && leadership.isHeld();
      if (!isOurs) throw new JournalUnfitError('Another member has begun the journal meanwhile.');
      await adoptStart(journal, records);
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
    const ended = sharedAbortController();
    writer.onDurable((offset) => committer.request(offset));
    writer.onFailure((error) => ended.abort(error));
    const end = (): void => ended.abort(committer.signal.reason);
    committer.signal.addEventListener('abort', end, { once: true });
    return {
      setFormat: (event, file) => writer.setFormat(event, file),
      append: (bytes, start, end) => writer.append(bytes, start, end),
      endTransaction: (source, number, big, timestamp) =>
        writer.endTransaction(source, number, big, timestamp),
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

  /** Ends what is under way. */
  async close(): Promise<void> {
    await this.committer.stop();
  }

  /** Before anything is appended under it: a member that does not know its own term would throw that away. */
  private async recordTerm(): Promise<void> {
    const { journal } = this.options;
    const term = this.terms.at(-1)!;
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

  /** Rule 6: what followers may have of the cut transaction, they throw away before they take more. */
  private async newGeneration(base: number): Promise<void> {
    const last = this.terms.at(-1)!;
    const term = { ...last, generation: last.generation + 1, base };
    const terms = [...this.terms, term].slice(-MAX_TERMS);
    const revision = await this.putTerms(terms);
    this.terms = terms;
    this.termsRevision = revision;
    this.committer.changeTerm(term, revision);
  }

  /** Tries until it is known to be written. @returns its revision */
  private async putTerms(terms: readonly TermRecord[]): Promise<bigint> {
    const { coordinator, leadership, log } = this.options;
    const value = journalCollections.terms.encode({ terms: [...terms] });
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
        const passes = error instanceof CoordinatorUnavailableError || error instanceof OutcomeUnknownError;
        if (!passes) throw error;
        log.warn({ reason: errorMessage(error) }, 'The new term could not be written; trying again');
        await delay(backoff.next(), leadership.signal);
      }
    }
  }
}

/** Makes an empty journal begin where the cluster's does; one that has begun must have begun there. */
async function adoptStart(journal: Journal, { start, commit }: JournalRecords): Promise<void> {
  if (start === null) {
    if (journal.flavour === null) return;
    throw new JournalUnfitError(
      `The journal in ${journal.directory} belongs to another cluster: this one has none yet. Start with its own ` +
        'data directory, or an empty one.',
    );
  }
  const purged = parseGtidSet(start.flavour, start.purged);
  if (journal.flavour === null) {
    if ((commit?.offset ?? start.offset) > start.offset) throw behind(journal, commit!.offset);
    await journal.begin(start.flavour, purged, { offset: start.offset, segment: start.segment });
    return;
  }
  const isSame =
    journal.flavour === start.flavour &&
    (journal.startOffset !== start.offset || isEqual(journal.purgedGtidSet!, purged));
  if (!isSame) {
    throw new JournalUnfitError(
      `The journal in ${journal.directory} begins otherwise than this cluster's: is it the data directory of another one?`,
    );
  }
}

/** Rule 2: down to the smallest base of all terms that this member has not known. */
async function adoptTerms(journal: Journal, terms: readonly TermRecord[]): Promise<void> {
  const known = journal.term;
  const newer = known === null ? terms : terms.filter((term) => compareTerms(term, known) > 0);
  const last = newer.at(-1);
  if (!last) return;
  const base = Math.min(...newer.map((term) => term.base));
  if (journal.flavour !== null && base < journal.endOffset) await journal.truncate(base, { force: true });
  await journal.recordTerm(last);
}

/** Rule 1: what is not committed is nobody's any more. @returns the committed offset */
async function truncateToCommitted(journal: Journal, { commit, start }: JournalRecords): Promise<number> {
  const committed = commit?.offset ?? start?.offset ?? 0;
  if (journal.flavour === null) return committed;
  if (journal.endOffset < committed) throw behind(journal, committed);
  await journal.truncate(committed);
  return committed;
}

function behind(journal: Journal, committed: number): JournalUnfitError {
  return new JournalUnfitError(
    `The journal in ${journal.directory} ends at offset ${journal.endOffset}, but the cluster has committed up to ` +
      `${committed}: files are missing. Restore them; nothing is followed or served meanwhile.`,
  );
}
