import { containsAll, differenceOf, isEqual, unionOf, type GtidSet } from '../protocol/gtid/gtid-set.js';
import { MariadbGtidSet } from '../protocol/gtid/mariadb-gtid-set.js';
import { JournalPurgedError } from './journal-error.js';
import type { SegmentInfo } from './segment.js';

/** Those with a transaction at or before that time, for recovery to a point in time. */
export function segmentsAt(segments: readonly SegmentInfo[], time: Date): SegmentInfo[] {
  return segments.filter(({ minTimestamp }) => minTimestamp !== null && minTimestamp <= time);
}

/**
 * The fewest that hold those transactions; of MariaDB, those in which the GTIDs of the set stand.
 *
 * @throws JournalPurgedError when some of them stand in none
 */
export function segmentsCovering(segments: readonly SegmentInfo[], set: GtidSet): SegmentInfo[] {
  const first = segments[0]?.previousGtidSet;
  const holding = segments.filter((segment) => holdsAny(segment, set));
  const held = holding.reduce<GtidSet | null>(
    (sum, { addedGtidSet }) => (sum === null ? addedGtidSet : unionOf(sum, addedGtidSet)),
    null,
  );
  const missing = missingOf(set, held, first);
  if (missing.isEmpty) return holding;
  throw new JournalPurgedError(`No segments hold ${missing}.`, String(missing));
}

function holdsAny({ addedGtidSet, previousGtidSet }: SegmentInfo, set: GtidSet): boolean {
  if (set instanceof MariadbGtidSet && addedGtidSet instanceof MariadbGtidSet)
    return set
      .entries()
      .some((gtid) => addedGtidSet.has(gtid) && !(previousGtidSet as MariadbGtidSet).has(gtid));
  return !isEqual(differenceOf(set, addedGtidSet), set);
}

function missingOf(set: GtidSet, held: GtidSet | null, purged: GtidSet | undefined): GtidSet {
  const missing = held === null ? set.clone() : differenceOf(set, held);
  if (!(set instanceof MariadbGtidSet) || !purged) return missing;
  const gone = set.entries().filter((gtid) => containsAll(purged, MariadbGtidSet.parse(textOf(gtid))));
  for (const { domain, server, sequence } of gone)
    (missing as MariadbGtidSet).update(domain, server, sequence);
  return missing;
}

function textOf({ domain, server, sequence }: ReturnType<MariadbGtidSet['entries']>[number]): string {
  return `${domain}-${server}-${sequence}`;
}
