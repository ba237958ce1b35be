import { join } from 'node:path';
import { isEqual, unionOf, type GtidSet } from '../protocol/gtid/gtid-set.js';
import type { Disk } from './disk.js';
import { removeIfThere, UNFINISHED } from './files.js';
import { listSegmentFiles } from './former-names.js';
import { JournalDamageError, JournalError } from './journal-error.js';
import type { JournalState } from './journal-state.js';
import { removeSegment } from './segment-appender.js';
import { readSegmentHeader, type SegmentHeader } from './segment-header.js';
import { segmentName, segmentNumber } from './segment-name.js';
import {
  damage,
  hasTransactionBehind,
  rebuildIndex,
  scanSegment,
  type Rest,
  type SegmentScan,
} from './segment-scan.js';
import { Segment } from './segment.js';
import { gtidsOf, loadIndex } from './sparse-index.js';

/** At most so much that was not synced when a machine went down stands behind the first damage. */
const UNSYNCED_BYTES = 16 * 1024 * 1024;

/** What was found on the disk. */
export interface Recovered {
  readonly segments: Segment[];
  /** All transactions, to the end. */
  readonly gtids: GtidSet;
  /** The last transaction's. */
  readonly lastGtid: string | null;
  /** So many bytes of an unfinished transaction were cut off the newest segment. */
  readonly cutBytes: number;
}

/**
 * Brings the files into the order that they were in at the last durable boundary: removes what a purge or a new segment
 * left half done, and cuts a torn tail. Anything else that is wrong is an error.
 *
 * @throws JournalDamageError
 */
export async function recover(disk: Disk, directory: string, state: JournalState): Promise<Recovered> {
  const numbers = await tidy(disk, directory, state.firstSegment);
  requireConsecutive(directory, numbers, state.firstSegment);
  const segments: Segment[] = [];
  let gtids = state.purged;
  let offset = state.startOffset;
  for (const number of numbers.slice(0, -1)) {
    const segment = await openSealed(disk, directory, number, offset, state);
    requireFollows(segment.path, segment.header, gtids);
    gtids = unionOf(gtids, segment.info.addedGtidSet);
    offset = segment.endOffset;
    segments.push(segment);
  }
  const newest = numbers.at(-1);
  if (newest === undefined) return { segments, gtids, lastGtid: null, cutBytes: 0 };
  return openNewest(disk, directory, newest, offset, state, { segments, gtids });
}

/** The numbers of the segments that are there, in order. */
export async function listSegments(disk: Disk, directory: string): Promise<number[]> {
  const numbers = (await disk.list(directory)).map(segmentNumber).filter((number) => number !== null);
  return numbers.sort((a, b) => a - b);
}

async function tidy(disk: Disk, directory: string, firstSegment: number): Promise<number[]> {
  for (const name of await disk.list(directory))
    if (name.endsWith(UNFINISHED)) await removeIfThere(disk, join(directory, name));
  const numbers = await listSegments(disk, directory);
  for (const number of numbers)
    if (number < firstSegment) await removeSegment(disk, join(directory, segmentName(number)));
  return numbers.filter((number) => number >= firstSegment);
}

export function requireConsecutive(directory: string, numbers: readonly number[], first: number): void {
  numbers.forEach((number, i) => {
    if (number === first + i) return;
    const path = join(directory, segmentName(first + i));
    throw new JournalDamageError(path, null, `the file is missing, ${segmentName(number)} is there`);
  });
}

export function requireFollows(path: string, header: SegmentHeader, gtids: GtidSet): void {
  if (isEqual(header.previous, gtids)) return;
  const at = 4 + header.format.length;
  const problem = `the GTIDs before it are '${gtids}', its head says '${header.previous}'`;
  throw new JournalDamageError(path, at, problem);
}

async function openSealed(
  disk: Disk,
  directory: string,
  number: number,
  offset: number,
  { flavour }: JournalState,
): Promise<Segment> {
  const path = join(directory, segmentName(number));
  const { size, birthtime, mtime } = await disk.stat(path);
  const header = await headerOf(disk, path, flavour);
  const entries = (await loadIndex(disk, path, size, flavour)) ?? (await rebuildIndex(disk, path, flavour));
  const segment = new Segment(disk, directory, number, offset, header, birthtime);
  segment.size = size;
  segment.arrivedAt = mtime;
  segment.seal(entries);
  return segment;
}

async function headerOf(disk: Disk, path: string, flavour: JournalState['flavour']): Promise<SegmentHeader> {
  const file = await disk.open(path, 'r');
  try {
    return await readSegmentHeader(file, path, flavour);
  } finally {
    await file.close();
  }
}

async function openNewest(
  disk: Disk,
  directory: string,
  number: number,
  offset: number,
  state: JournalState,
  before: { readonly segments: Segment[]; readonly gtids: GtidSet },
): Promise<Recovered> {
  const path = join(directory, segmentName(number));
  const scan = await scanSegment(disk, path, state.flavour);
  requireFollows(path, scan.header, before.gtids);
  if (scan.rest && !(await isTorn(disk, path, scan, scan.rest, state))) throw damage(path, scan.rest);
  const cutBytes = scan.fileBytes - scan.end;
  const { segments } = before;
  if (scan.end === scan.header.bytes) {
    await removeSegment(disk, path);
    await disk.syncDirectory(directory);
    const lastGtid = await growAgain(disk, segments.at(-1), state);
    return { ...before, lastGtid, cutBytes };
  }
  const { birthtime, mtime } = await disk.stat(path);
  if (cutBytes > 0) await cutFile(disk, path, scan.end);
  const segment = new Segment(disk, directory, number, offset, scan.header, birthtime, scan.index);
  segment.size = scan.end;
  segment.arrivedAt = mtime;
  segments.push(segment);
  const gtids = unionOf(before.gtids, gtidsOf(state.flavour, scan.index.entries()));
  return { segments, gtids, lastGtid: scan.lastGtid, cutBytes };
}

/** The segment before one that has gone: it was whole when that was made. */
async function growAgain(
  disk: Disk,
  segment: Segment | undefined,
  { flavour }: JournalState,
): Promise<string | null> {
  if (!segment) return null;
  const scan = await scanSegment(disk, segment.path, flavour);
  if (scan.rest) throw damage(segment.path, scan.rest);
  segment.reopen(scan.index, scan.end);
  return scan.lastGtid;
}

/**
 * Whether what is wrong may come from a crash: it stands in what was not synced then, and nothing whole stands behind it.
 */
async function isTorn(
  disk: Disk,
  path: string,
  scan: SegmentScan,
  rest: Rest,
  state: JournalState,
): Promise<boolean> {
  if (!rest.isCut && scan.fileBytes - rest.offset > UNSYNCED_BYTES) return false;
  return !(await hasTransactionBehind(disk, path, scan, state.flavour, rest.offset, UNSYNCED_BYTES));
}

export async function cutFile(disk: Disk, path: string, size: number): Promise<void> {
  const file = await disk.open(path, 'r+');
  try {
    await file.truncate(size);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** @throws JournalError when there are segments without the file that says where they begin */
export async function requireEmpty(disk: Disk, directory: string): Promise<void> {
  const files = await listSegmentFiles(disk, directory);
  if (files.length === 0) return;
  throw new JournalError(
    `${directory} has binlog files but no journal.state. Move them away, or restore the file from a backup.`,
    'JOURNAL_DAMAGED',
  );
}
