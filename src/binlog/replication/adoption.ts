import { QuorateError } from '../../common/errors.js';
import type { Journal } from '../journal/journal.js';
import { isEqual, parseGtidSet } from '../protocol/gtid/gtid-set.js';
import type { JournalRecords } from './journal-records.js';
import type { StartRecord } from './records.js';
import { isOlderThan, smallestNewBase } from './term-history.js';

/** This member's journal is not the cluster's, or not as far as the cluster has committed. It serves nothing. */
export class JournalUnfitError extends QuorateError {
  constructor(message: string) {
    super('JOURNAL_UNFIT', message);
  }
}

/**
 * Makes the journal one that the cluster's goes on from: of what is behind it, nothing is other than elsewhere, and the
 * newest term is known. No writer may be open.
 *
 * @throws JournalUnfitError when it is not of this cluster
 */
export async function adopt(journal: Journal, records: JournalRecords): Promise<void> {
  await adoptStart(journal, records);
  await adoptTerms(journal, records);
}

/**
 * An empty journal begins where the cluster's does; so does one that is older than all that is kept. One in whose place another one
 * has been put ends, whatever it has.
 */
async function adoptStart(journal: Journal, { start, history, commit }: JournalRecords): Promise<void> {
  if (start === null) {
    if (journal.flavour === null) return;
    throw new JournalUnfitError(
      `The journal in ${journal.directory} belongs to another cluster: this one has none yet. Start with its own ` +
        'data directory, or an empty one.',
    );
  }
  const purged = parseGtidSet(start.flavour, start.purged);
  const beginning = { offset: start.offset, segment: start.segment, incarnation: start.incarnation };
  if (journal.flavour === null) return journal.begin(start.flavour, purged, beginning);
  if (journal.incarnation !== start.incarnation) {
    await journal.restart(start.flavour, purged, beginning);
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
  const hasTransactions = journal.endOffset > journal.startOffset;
  const isTooOld =
    journal.endOffset < start.offset || (hasTransactions && isOlderThan(journal.term, history));
  if (isTooOld) await journal.startOver(start.flavour, purged, beginning, commit?.offset ?? 0);
}

/** docs/replication.md, rule 2: down to the smallest base of all terms that this member has not known. */
async function adoptTerms(journal: Journal, { history, start, commit }: JournalRecords): Promise<void> {
  const next = smallestNewBase(journal.term, history);
  if (!next) return;
  if (journal.flavour !== null && next.base < journal.endOffset) {
    if (next.base >= journal.startOffset) await journal.truncate(next.base);
    else if (journal.endOffset > journal.startOffset) await startOver(journal, start!, commit?.offset ?? 0);
  }
  await journal.recordTerm(next.newest);
}

/** The terms it knows are older than where the cluster's journal begins. */
function startOver(journal: Journal, start: StartRecord, committed: number): Promise<void> {
  const { flavour, offset, segment, purged, incarnation } = start;
  const beginning = { offset, segment, incarnation };
  return journal.startOver(flavour, parseGtidSet(flavour, purged), beginning, committed);
}
