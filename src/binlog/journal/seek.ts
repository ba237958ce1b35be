import { containsAll, differenceOf, unionOf, type GtidSet } from '../protocol/gtid/gtid-set.js';
import { MariadbGtidSet } from '../protocol/gtid/mariadb-gtid-set.js';
import { MysqlGtidSet } from '../protocol/gtid/mysql-gtid-set.js';
import { JournalDivergedError, JournalPurgedError } from './journal-error.js';
import type { Segment } from './segment.js';

export interface SeekOptions {
  /** The UUID of the source: a slave of MySQL must not have more of its transactions than the journal. */
  readonly serverUuid?: string;
}

/** Where reading starts for a slave: behind it come all transactions that it lacks, and few that it has. */
export interface StartPoint {
  readonly offset: number;
  /** The segment that holds the offset or ends there; null while the journal has none. */
  readonly segment: Segment | null;
}

/** What is committed. */
export interface SeekView {
  readonly segments: readonly Segment[];
  readonly purged: GtidSet;
  readonly executed: GtidSet;
  readonly end: number;
}

export async function seek(view: SeekView, set: GtidSet, options: SeekOptions): Promise<StartPoint> {
  requireNotAhead(view.executed, set, options);
  if (!hasAll(set, view.purged)) throw purged(view.purged, set);
  if (hasAll(set, view.executed)) return { offset: view.end, segment: view.segments.at(-1) ?? null };
  const segment = view.segments.findLast(({ header }) => hasAll(set, header.previous));
  if (!segment) return { offset: view.end, segment: null };
  return { offset: segment.startOffset + (await firstLacking(segment, set)), segment };
}

async function firstLacking(segment: Segment, set: GtidSet): Promise<number> {
  const entries = await segment.entries();
  let before = segment.header.previous;
  for (const { offset, gtids } of entries) {
    before = unionOf(before, gtids);
    if (!hasAll(set, before)) return offset;
  }
  return entries.at(-1)?.offset ?? segment.header.bytes;
}

/** A set of MariaDB is a position here: one GTID stands for all that the log has before it. */
function hasAll(slave: GtidSet, state: GtidSet): boolean {
  if (slave instanceof MariadbGtidSet && state instanceof MariadbGtidSet) return state.isReachedBy(slave);
  return containsAll(slave, state);
}

function requireNotAhead(executed: GtidSet, slave: GtidSet, { serverUuid }: SeekOptions): void {
  if (slave instanceof MysqlGtidSet) {
    const own = serverUuid === undefined ? new MysqlGtidSet() : slave.ofServer(serverUuid);
    if (!containsAll(executed, own)) throw diverged(differenceOf(own, executed));
  } else if (executed instanceof MariadbGtidSet) {
    requireKnown(executed, slave);
  }
}

/** A domain that the journal does not have is the slave's own affair. */
function requireKnown(executed: MariadbGtidSet, slave: MariadbGtidSet): void {
  const domains = new Set(executed.entries().map(({ domain }) => domain));
  const unknown = new MariadbGtidSet();
  for (const gtid of slave.position().entries())
    if (domains.has(gtid.domain) && !executed.has(gtid))
      unknown.update(gtid.domain, gtid.server, gtid.sequence);
  if (!unknown.isEmpty) throw diverged(unknown);
}

function purged(gone: GtidSet, slave: GtidSet): JournalPurgedError {
  const missing = String(differenceOf(gone, slave));
  return new JournalPurgedError(`Transactions that the slave lacks are purged: ${missing}.`, missing);
}

function diverged(excess: GtidSet): JournalDivergedError {
  const text = String(excess);
  return new JournalDivergedError(
    `The slave has transactions that the journal does not have: ${text}.`,
    text,
  );
}
