import { raceAbort } from '../../../common/async.js';
import { JournalDivergedError, JournalPurgedError } from '../../journal/journal-error.js';
import type { Journal } from '../../journal/journal.js';
import type { Segment } from '../../journal/segment.js';
import { BINLOG_MAGIC } from '../../protocol/event/event-header.js';
import { unionOf, type GtidSet } from '../../protocol/gtid/gtid-set.js';
import { MysqlGtidSet } from '../../protocol/gtid/mysql-gtid-set.js';
import type { DumpOptions } from './dump-options.js';
import type { DumpRequest } from './dump-request.js';
import { untilFirst } from './first-transaction.js';
import { isEventBoundary } from './event-listing.js';
import {
  beforeFirst,
  beyondEnd,
  diverged,
  insideEvent,
  purged,
  unknownFile,
  type Dialect,
} from './refusals.js';
import { createFilter, type TransactionFilter } from './transaction-filter.js';

/**
 * How long a client may be ahead of us: one that came from the source itself, or from another member, has what is still
 * on its way to us.
 */
const CATCH_UP_MS = 10_000;

export interface DumpStart {
  readonly offset: number;
  /** The segment whose head the client is told first. */
  readonly segment: Segment;
  /** What it is not sent; null: nothing is left out. */
  readonly filter: TransactionFilter | null;
  /** Whether all that comes is new to it. */
  readonly isCaughtUp: boolean;
  /** Whether it has been told of a format already, while there was nothing. */
  readonly hasFormat: boolean;
}

/**
 * Where a dump begins; waits for the first transaction of all.
 *
 * @throws SqlError
 */
export async function findStart(options: DumpOptions, signal: AbortSignal): Promise<DumpStart> {
  const { journal, request, dialect, catchUpMs = CATCH_UP_MS } = options;
  const hasFormat = await untilFirst(options, signal);
  if (request.has === null) return { ...(await byPosition(journal, request, dialect, signal)), hasFormat };
  const { has } = request;
  const { offset, segment } = await seek(journal, has, dialect, catchUpMs, signal);
  if (segment === null) throw unknownFile();
  const before = await gtidsBefore(segment, offset);
  const filter = createFilter(has, before, journal.executedGtidSet!, request.skipsTagged);
  return { offset, segment, filter, isCaughtUp: filter === null, hasFormat };
}

async function seek(
  journal: Journal,
  has: GtidSet,
  dialect: Dialect,
  catchUpMs: number,
  signal: AbortSignal,
): Promise<{ offset: number; segment: Segment | null }> {
  const patience = AbortSignal.timeout(catchUpMs);
  for (;;) {
    const commit = journal.nextCommit();
    try {
      const serverUuid = has instanceof MysqlGtidSet ? journal.lastGtid?.split(':')[0] : undefined;
      return await journal.seek(has, serverUuid === undefined ? {} : { serverUuid });
    } catch (error) {
      if (error instanceof JournalPurgedError) throw purged(dialect, has.toString(), error.missing);
      if (!(error instanceof JournalDivergedError)) throw error;
      await raceAbort(commit, signal, patience).catch(() => undefined);
      signal.throwIfAborted();
      if (patience.aborted) throw diverged(dialect, error.excess);
    }
  }
}

/** All transactions before an offset that the segment's index knows. */
async function gtidsBefore(segment: Segment, offset: number): Promise<GtidSet> {
  let before = segment.header.previous;
  for (const entry of await segment.entries()) {
    if (segment.startOffset + entry.offset >= offset) break;
    before = unionOf(before, entry.gtids);
  }
  return before;
}

async function byPosition(
  journal: Journal,
  { file, position }: DumpRequest,
  dialect: Dialect,
  signal: AbortSignal,
): Promise<Omit<DumpStart, 'hasFormat'>> {
  const segments = journal.committedSegments();
  const segment = file === '' ? segments[0] : segments.find(({ name }) => name === file);
  if (!segment) throw unknownFile();
  if (position < BINLOG_MAGIC.length) throw beforeFirst(dialect);
  const offset = segment.startOffset + position;
  const end = Math.min(segment.endOffset, journal.committedOffset);
  if (offset > end) throw beyondEnd(dialect);
  if (!(await isEventBoundary(journal, segment, position, signal)))
    throw insideEvent(dialect, segment.name, position);
  const isFirst = position === BINLOG_MAGIC.length;
  return { offset: isFirst ? segment.startOffset : offset, segment, filter: null, isCaughtUp: true };
}
