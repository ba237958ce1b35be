import { join } from 'node:path';
import { errorMessage } from '../../common/errors.js';
import { unionOf, type GtidSet } from '../protocol/gtid/gtid-set.js';
import { nodeDisk, type Disk } from './disk.js';
import { listSegmentFiles, type SegmentFile } from './former-names.js';
import { JournalDamageError, JournalError } from './journal-error.js';
import { loadState, type JournalState } from './journal-state.js';
import { requireFollows } from './recovery.js';
import { segmentName } from './segment-name.js';
import { scanSegment, type SegmentScan } from './segment-scan.js';
import { gtidsOf, loadIndex, type IndexEntry } from './sparse-index.js';

/** Something that is not as it was written. */
export interface JournalProblem {
  /** A file's path, or the directory's. */
  readonly file: string;
  /** Within the file; null when it is about the whole file. */
  readonly offset: number | null;
  readonly problem: string;
  /** Opening the journal mends it. */
  readonly isHarmless: boolean;
}

export interface Verification {
  readonly problems: readonly JournalProblem[];
  readonly segments: number;
  readonly bytes: number;
  /** All transactions that were read, and the purged ones; null when nothing tells of which flavour they are. */
  readonly gtids: GtidSet | null;
}

/**
 * Reads everything in a journal's directory, changing nothing. Of a journal that is open, the end may seem torn.
 *
 * @throws JournalError when the directory has no journal
 */
export async function verifyJournal(directory: string, disk: Disk = nodeDisk): Promise<Verification> {
  const problems: JournalProblem[] = [];
  const state = await readState(disk, directory, problems);
  const files = await listSegmentFiles(disk, directory);
  if (!state) {
    if (files.length > 0 && problems.length === 0)
      problems.push(
        serious(directory, null, 'there are binlog files, and no journal.state that tells where they begin'),
      );
    else if (problems.length === 0) throw new JournalError(`There is no journal in ${directory}.`);
    return { problems, segments: files.length, bytes: 0, gtids: null };
  }
  return verifySegments(disk, directory, state, files, problems);
}

async function verifySegments(
  disk: Disk,
  directory: string,
  state: JournalState,
  files: readonly SegmentFile[],
  problems: JournalProblem[],
): Promise<Verification> {
  let gtids: GtidSet = state.purged;
  let [bytes, expected, isKnown] = [0, state.firstSegment, true];
  for (const { number, name } of files) {
    const path = join(directory, name);
    const isNewest = number === files.at(-1)!.number;
    if (expected > number && number >= state.firstSegment) {
      problems.push(serious(path, null, 'the segment is there by two names'));
      continue;
    }
    if (number < state.firstSegment) {
      problems.push({
        file: path,
        offset: null,
        problem: 'it was purged, but is there still',
        isHarmless: true,
      });
      continue;
    }
    for (; expected < number; expected++) {
      problems.push(serious(join(directory, segmentName(expected)), null, 'the file is missing'));
      isKnown = false;
    }
    expected = number + 1;
    const scan = await readSegment(disk, path, state, problems, isNewest);
    if (!scan) {
      isKnown = false;
      continue;
    }
    if (isKnown) note(problems, () => requireFollows(path, scan.header, gtids));
    gtids = unionOf(scan.header.previous, gtidsOf(state.flavour, scan.index.entries()));
    bytes += scan.fileBytes;
    isKnown = scan.rest === null;
    if (!isNewest) await verifyIndex(disk, path, state, scan, problems);
  }
  return { problems, segments: files.length, bytes, gtids };
}

async function readState(
  disk: Disk,
  directory: string,
  problems: JournalProblem[],
): Promise<JournalState | null> {
  try {
    return (await loadState(disk, directory)).state;
  } catch (error) {
    problems.push(problemOf(directory, error));
    return null;
  }
}

async function readSegment(
  disk: Disk,
  path: string,
  { flavour }: JournalState,
  problems: JournalProblem[],
  isNewest: boolean,
): Promise<SegmentScan | null> {
  try {
    const scan = await scanSegment(disk, path, flavour);
    if (scan.rest) {
      const isHarmless = isNewest && scan.rest.isCut;
      problems.push({ file: path, offset: scan.rest.offset, problem: scan.rest.problem, isHarmless });
    }
    return scan;
  } catch (error) {
    problems.push(problemOf(path, error));
    return null;
  }
}

async function verifyIndex(
  disk: Disk,
  path: string,
  { flavour }: JournalState,
  scan: SegmentScan,
  problems: JournalProblem[],
): Promise<void> {
  const stored = await loadIndex(disk, path, scan.fileBytes, flavour);
  if (scan.rest || (stored && textOf(stored) === textOf(scan.index.entries()))) return;
  const problem = stored ? 'its index tells something else than the file' : 'its index is missing or damaged';
  problems.push({ file: path, offset: null, problem, isHarmless: stored === null });
}

function textOf(entries: readonly IndexEntry[]): string {
  return entries.map(({ offset, gtids, first, last }) => `${offset} ${gtids} ${first} ${last}`).join('\n');
}

function note(problems: JournalProblem[], check: () => void): void {
  try {
    check();
  } catch (error) {
    problems.push(problemOf('', error));
  }
}

function problemOf(file: string, error: unknown): JournalProblem {
  if (error instanceof JournalDamageError) return serious(error.file, error.offset, error.problem);
  return serious(file, null, errorMessage(error));
}

function serious(file: string, offset: number | null, problem: string): JournalProblem {
  return { file, offset, problem, isHarmless: false };
}
