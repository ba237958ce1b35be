import { JournalError } from './journal-error.js';
import type { SegmentInfo } from './segment.js';

/**
 * What is to stay: so many bytes at the end, what is not older by the source's times of transactions, what has come since, or the
 * named segment and those behind it.
 */
export type Retention =
  | { readonly keepBytes: number }
  | { readonly olderThan: Date }
  | { readonly arrivedBefore: Date }
  | { readonly toSegment: string };

/** Segments that go, oldest first. */
export interface PurgePlan {
  readonly segments: readonly SegmentInfo[];
  readonly bytes: number;
  /** Some more would go if nobody needed them. */
  readonly isHeldBack: boolean;
}

/**
 * Whole segments from the front, never the last one.
 *
 * @param neededFrom nothing goes that ends behind it
 * @throws JournalError when there is no segment of the given name
 */
export function planPurge(
  segments: readonly SegmentInfo[],
  retention: Retention,
  neededFrom: number,
): PurgePlan {
  const wanted = Math.min(countOf(segments, retention), segments.length - 1);
  let count = 0;
  while (count < wanted && endOf(segments[count]!) <= neededFrom) count++;
  const going = segments.slice(0, count);
  const bytes = going.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return { segments: going, bytes, isHeldBack: count < wanted };
}

function countOf(segments: readonly SegmentInfo[], retention: Retention): number {
  if ('toSegment' in retention) {
    const index = segments.findIndex(({ name }) => name === retention.toSegment);
    if (index < 0) throw new JournalError(`There is no segment ${retention.toSegment} in the journal.`);
    return index;
  }
  const first = segments.findIndex(keptBy(segments, retention));
  return first < 0 ? segments.length : first;
}

function keptBy(
  segments: readonly SegmentInfo[],
  retention: Exclude<Retention, { toSegment: string }>,
): (segment: SegmentInfo) => boolean {
  if ('keepBytes' in retention) return keepsBytes(segments, retention.keepBytes);
  if ('arrivedBefore' in retention) return ({ arrivedAt }) => arrivedAt >= retention.arrivedBefore;
  return ({ maxTimestamp }) => maxTimestamp === null || maxTimestamp >= retention.olderThan;
}

/** So many bytes at the end are kept at the least. */
function keepsBytes(segments: readonly SegmentInfo[], bytes: number): (segment: SegmentInfo) => boolean {
  const last = segments.at(-1);
  const from = (last ? endOf(last) : 0) - bytes;
  return (segment) => endOf(segment) > from;
}

function endOf({ startOffset, sizeBytes }: SegmentInfo): number {
  return startOffset + sizeBytes;
}
