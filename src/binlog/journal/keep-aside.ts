import { basename, dirname, join } from 'node:path';
import type { Disk } from './disk.js';
import { isMissing } from './files.js';
import { listSegments } from './recovery.js';
import { segmentName } from './segment-name.js';
import { indexPath } from './sparse-index.js';

/** Where the files go of a journal that another one takes the place of, which begins with that file. */
export function asideOf(directory: string, firstFile: string): string {
  return join(dirname(directory), `${basename(directory)}.before-${firstFile}`);
}

/**
 * Moves all segments into a folder beside the journal's directory, the newest first, so that after a crash what is left is a
 * journal without a gap.
 *
 * @returns the folder; null when there are none to move
 */
export async function keepAside(disk: Disk, directory: string, firstFile: string): Promise<string | null> {
  const numbers = await listSegments(disk, directory);
  if (numbers.length === 0) return null;
  const folder = asideOf(directory, firstFile);
  await disk.makeDirectory(folder);
  await disk.syncDirectory(dirname(folder));
  for (const number of numbers.reverse()) {
    const from = join(directory, segmentName(number));
    const to = join(folder, segmentName(number));
    await disk.rename(from, to);
    await disk.rename(indexPath(from), indexPath(to)).catch(unlessMissing);
    await disk.syncDirectory(folder);
    await disk.syncDirectory(directory);
  }
  return folder;
}

/** That of the newest segment is in memory. */
function unlessMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}
