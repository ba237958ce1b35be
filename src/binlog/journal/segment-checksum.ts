import { createHash } from 'node:crypto';
import { nodeDisk, type Disk } from './disk.js';
import type { Journal } from './journal.js';
import { JournalError } from './journal-error.js';

/** Small enough that hashing one holds nobody up. */
const PIECE_BYTES = 256 * 1024;

/** What of a segment is committed. */
export interface CommittedSegment {
  readonly name: string;
  /** The journal's offset of its first byte. */
  readonly startOffset: number;
  /** So many, from its first on, are committed. */
  readonly bytes: number;
}

/** Oldest first. */
export function committedParts(journal: Journal): CommittedSegment[] {
  const { committedOffset } = journal;
  return journal.committedSegments().map(({ name, startOffset, endOffset }) => ({
    ...{ name, startOffset },
    bytes: Math.min(endOffset, committedOffset) - startOffset,
  }));
}

/**
 * SHA-256 of committed bytes of a segment, in hex.
 *
 * @throws JournalError when they are not there, or not committed
 */
export async function committedChecksum(
  journal: Journal,
  name: string,
  from: number,
  to: number,
): Promise<string> {
  const part = committedParts(journal).find((each) => each.name === name);
  const segment = journal.committedSegments().find((each) => each.name === name);
  if (!part || !segment) throw new JournalError(`${name} is not in the journal, or was purged.`);
  if (to > part.bytes)
    throw new JournalError(`Of ${name}, ${part.bytes} bytes are committed, and ${to} were asked for.`);
  return fileChecksum(segment.path, from, to);
}

/** SHA-256 of a stretch of a file, in hex. Rejects when the file ends before. */
export async function fileChecksum(
  path: string,
  from: number,
  to: number,
  disk: Disk = nodeDisk,
): Promise<string> {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  const file = await disk.open(path, 'r');
  try {
    for (let at = from; at < to;) {
      const { bytesRead } = await file.read(piece, 0, Math.min(piece.length, to - at), at);
      if (bytesRead === 0) throw new JournalError(`${path} ends at byte ${at}, before byte ${to}.`);
      hash.update(piece.subarray(0, bytesRead));
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}
