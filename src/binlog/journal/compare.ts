import { join } from 'node:path';
import { nodeDisk, type Disk } from './disk.js';
import { listSegmentFiles } from './former-names.js';
import { JournalError } from './journal-error.js';
import { loadState } from './journal-state.js';
import { fileChecksum, type CommittedSegment } from './segment-checksum.js';
import { formerSegmentNumber, segmentName, segmentNumber } from './segment-name.js';

/** The journal of a running member, as it tells of it. */
export interface OtherJournal {
  /** Oldest first. */
  segments(): Promise<readonly CommittedSegment[]>;
  /** SHA-256 of committed bytes of a segment, in hex. */
  checksum(name: string, from: number, to: number): Promise<string>;
}

export interface JournalDifference {
  readonly file: string;
  /** Where the first byte is that is not the same, within the file. */
  readonly offset: number;
  readonly difference: string;
}

export interface Comparison {
  /** The first; null when all that was compared is equal. */
  readonly difference: JournalDifference | null;
  readonly segments: number;
  readonly bytes: number;
}

interface LocalSegment {
  readonly number: number;
  readonly path: string;
  readonly startOffset: number;
  readonly bytes: number;
}

/**
 * Compares a directory's segments with what another member has committed, changing nothing. What one of them has purged,
 * and what here lies behind what is committed there, is left out.
 *
 * @throws JournalError when the directory has no journal
 */
export async function compareJournal(
  directory: string,
  other: OtherJournal,
  disk: Disk = nodeDisk,
): Promise<Comparison> {
  const theirs = await other.segments();
  const { firstSegment, segments: ours } = await localSegments(disk, directory);
  let [segments, bytes] = [0, 0];
  for (const their of theirs) {
    // A member of version 0.1.0 names them otherwise.
    const number = segmentNumber(their.name) ?? formerSegmentNumber(their.name);
    if (number === null) throw new JournalError(`${their.name} is no name of a segment.`);
    if (number < firstSegment) continue;
    const path = join(directory, segmentName(number));
    const our = ours.find((each) => each.number === number);
    const isNewest = their === theirs.at(-1);
    const difference = our
      ? await differenceOf(our, their, isNewest, other, disk)
      : { file: path, offset: 0, difference: `it is missing; there ${their.bytes} bytes are committed` };
    if (difference) return { difference, segments, bytes };
    segments++;
    bytes += their.bytes;
  }
  return { difference: null, segments, bytes };
}

async function differenceOf(
  our: LocalSegment,
  their: CommittedSegment,
  isNewest: boolean,
  other: OtherJournal,
  disk: Disk,
): Promise<JournalDifference | null> {
  const { path: file } = our;
  if (our.startOffset !== their.startOffset) {
    const difference = `it begins at offset ${our.startOffset} of the journal, there at ${their.startOffset}`;
    return { file, offset: 0, difference };
  }
  const common = Math.min(our.bytes, their.bytes);
  const isEqual = async (from: number, to: number): Promise<boolean> => {
    const here = await fileChecksum(file, from, to, disk);
    return here === (await other.checksum(their.name, from, to));
  };
  if (!(await isEqual(0, common))) {
    const offset = await firstDifference(common, isEqual);
    return { file, offset, difference: 'this byte is another one there' };
  }
  if (our.bytes < their.bytes)
    return { file, offset: common, difference: `it ends here; there ${their.bytes} bytes are committed` };
  if (our.bytes > their.bytes && !isNewest)
    return { file, offset: common, difference: `there it ends here; here it has ${our.bytes} bytes` };
  return null;
}

/** By halves: the checksums of what lies before tell where to look. */
async function firstDifference(
  bytes: number,
  isEqual: (from: number, to: number) => Promise<boolean>,
): Promise<number> {
  let [from, to] = [0, bytes];
  while (to - from > 1) {
    const middle = from + Math.floor((to - from) / 2);
    if (await isEqual(from, middle)) from = middle;
    else to = middle;
  }
  return from;
}

async function localSegments(
  disk: Disk,
  directory: string,
): Promise<{ firstSegment: number; segments: LocalSegment[] }> {
  const { state } = await loadState(disk, directory);
  if (!state) throw new JournalError(`There is no journal in ${directory}.`);
  const segments: LocalSegment[] = [];
  let startOffset = state.startOffset;
  for (const { number, name } of await listSegmentFiles(disk, directory)) {
    if (number < state.firstSegment) continue;
    const path = join(directory, name);
    const { size: bytes } = await disk.stat(path);
    segments.push({ number, path, startOffset, bytes });
    startOffset += bytes;
  }
  return { firstSegment: state.firstSegment, segments };
}
