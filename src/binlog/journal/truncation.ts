import { join } from 'node:path';
import { flavourOf, unionOf, type GtidSet } from '../protocol/gtid/gtid-set.js';
import type { Disk } from './disk.js';
import { JournalError } from './journal-error.js';
import { cutFile, listSegments } from './recovery.js';
import { removeSegment } from './segment-appender.js';
import { segmentName } from './segment-name.js';
import { damage, scanSegment } from './segment-scan.js';
import type { Segment } from './segment.js';
import { gtidsOf, type IndexBuilder } from './sparse-index.js';

/** The journal as it is up to a boundary. */
export interface AtBoundary {
  /** All transactions before it, purged ones included. */
  readonly set: GtidSet;
  readonly lastGtid: string | null;
  /** The index of the segment that ends there; null when none does. */
  readonly index: IndexBuilder | null;
}

/**
 * Reads the segment that holds the offset, up to it.
 *
 * @param purged what there is before the first segment, when the offset may be its start
 * @throws JournalError when no transaction ends there; JournalDamageError when the segment cannot be read up to it
 */
export async function setAtBoundary(
  disk: Disk,
  segments: readonly Segment[],
  offset: number,
  purged?: GtidSet,
): Promise<AtBoundary> {
  const segment = segments.findLast(({ startOffset }) => startOffset < offset);
  if (!segment) {
    if (purged) return { set: purged.clone(), lastGtid: null, index: null };
    throw notBoundary(offset);
  }
  const { previous } = segment.header;
  const wanted = offset - segment.startOffset;
  const scan = await scanSegment(disk, segment.path, flavourOf(previous), wanted);
  if (scan.rest !== null && scan.rest.offset < wanted) throw damage(segment.path, scan.rest);
  if (scan.end !== wanted) throw notBoundary(offset);
  const set = unionOf(previous, gtidsOf(flavourOf(previous), scan.index.entries()));
  return { set, lastGtid: scan.lastGtid, index: scan.index };
}

/** Takes everything behind the segment's size off the disk, the newest first, so that no gap can be left. */
export async function removeBehind(
  disk: Disk,
  directory: string,
  last: Segment | null,
  firstNumber: number,
): Promise<void> {
  const numbers = await listSegments(disk, directory);
  const lastNumber = last?.number ?? firstNumber - 1;
  for (const number of numbers.filter((each) => each > lastNumber).reverse()) {
    await removeSegment(disk, join(directory, segmentName(number)));
    await disk.syncDirectory(directory);
  }
  if (last) await cutFile(disk, last.path, last.size);
}

function notBoundary(offset: number): JournalError {
  return new JournalError(`Offset ${offset} is not between two transactions.`);
}
