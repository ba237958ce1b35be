import { QuorateError } from '../../common/errors.js';
import type { Coordinator } from '../../coordinator/types.js';
import type { Leadership } from '../../coordinator/leadership.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Journal } from '../journal/journal.js';
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
    if (!result.committed) throw new JournalUnfitError('Another member has begun the journal meanwhile.');
    await journal.begin(flavour, purged);
  }

  /** Opens the journal for one dump. */
  async open(): Promise<FollowSink> {
    const { journal, log } = this.options;
    const { committer } = this;
    const writer = await journal.openWriter();
    const failing = new AbortController();
    const unsubscribe = [
      writer.onDurable((offset) => committer.request(offset)),
      writer.onFailure((error) => failing.abort(error)),
      forward(committer.signal, failing),
    ];
    return {
      setFormat: (event, file) => writer.setFormat(event, file),
      append: (bytes, start, end) => writer.append(bytes, start, end),
      endTransaction: (source, number, big, timestamp) =>
        writer.endTransaction(source, number, big, timestamp),
      get boundaryOffset() {
        return writer.boundaryOffset;
      },
      writable: (signal) => writer.writable(signal),
      onCommit: (listener) => journal.onCommit(listener),
      signal: failing.signal,
      close: async () => {
        try {
          const isCut = writer.isInTransaction;
          await writer.discard();
          // A commit under the term that ends now must not meet the new one.
          await committer.idle();
          if (isCut && !committer.signal.aborted) await this.newGeneration(writer.boundaryOffset);
        } catch (error) {
          log.warn(
            { reason: String(error) },
            'The unfinished end of the journal is cut when it is opened next',
          );
        } finally {
          for (const end of unsubscribe) end();
          await writer.close().catch(() => undefined);
        }
      },
    };
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    await this.committer.stop();
  }

  /** Rule 6: what followers may have of the cut transaction, they throw away before they take more. */
  private async newGeneration(base: number): Promise<void> {
    const { coordinator, leadership, journal } = this.options;
    const last = this.terms.at(-1)!;
    const term = { ...last, generation: last.generation + 1, base };
    const terms = [...this.terms, term].slice(-MAX_TERMS);
    const result = await coordinator.commit({
      conditions: [leadership.condition, { key: TERMS_KEY, modRevision: this.termsRevision }],
      operations: [{ put: TERMS_KEY, value: journalCollections.terms.encode({ terms }) }],
    });
    if (!result.committed) throw new JournalUnfitError('This member no longer leads.');
    this.terms = terms;
    this.termsRevision = result.revision;
    this.committer.changeTerm(term, result.revision);
    await journal.recordTerm(term);
  }
}

/** Without AbortSignal.any, which the longer-lived signal would remember. */
function forward(from: AbortSignal, to: AbortController): () => void {
  const abort = (): void => to.abort(from.reason);
  if (from.aborted) abort();
  from.addEventListener('abort', abort);
  return () => from.removeEventListener('abort', abort);
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
