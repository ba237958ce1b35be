import { join } from 'node:path';
import type { Disk } from './disk.js';
import { JournalError } from './journal-error.js';
import { formerSegmentName, formerSegmentNumber, segmentName, segmentNumber } from './segment-name.js';
import { indexPath } from './sparse-index.js';

/** A segment's file, by whatever name it has. */
export interface SegmentFile {
  readonly number: number;
  readonly name: string;
}

/** Those of the directory in order, those that bear the names of version 0.1.0 included. */
export async function listSegmentFiles(disk: Disk, directory: string): Promise<SegmentFile[]> {
  const files: SegmentFile[] = [];
  for (const name of await disk.list(directory)) {
    const number = segmentNumber(name) ?? formerSegmentNumber(name);
    if (number !== null) files.push({ number, name });
  }
  return files.sort((a, b) => a.number - b.number);
}

/**
 * Gives segments of version 0.1.0 the names that they have today. A crash between two of them is no harm: the rest is renamed
 * when the journal is opened next.
 *
 * @returns how many were renamed
 * @throws JournalError when a segment is there by both names
 */
export async function renameFormer(disk: Disk, directory: string): Promise<number> {
  const names = new Set(await disk.list(directory));
  const numbers = [...names].map(formerSegmentNumber).filter((number) => number !== null);
  for (const number of numbers) {
    const [from, to] = [formerSegmentName(number), segmentName(number)];
    if (names.has(to)) {
      throw new JournalError(
        `${directory} has both ${from}, as version 0.1.0 named it, and ${to}: did 0.1.0 run there again since? ` +
          `Nothing is changed. Move all files away that 0.1.0 has written since, then start again.`,
        'JOURNAL_DAMAGED',
      );
    }
  }
  for (const number of numbers) {
    const [from, to] = [formerSegmentName(number), segmentName(number)];
    // Without its file an index is never looked at, and without its index a file is read.
    if (names.has(indexPath(from)))
      await disk.rename(join(directory, indexPath(from)), join(directory, indexPath(to)));
    await disk.rename(join(directory, from), join(directory, to));
  }
  if (numbers.length > 0) await disk.syncDirectory(directory);
  return numbers.length;
}
