import { join } from 'node:path';
import type { Term } from '../../../src/binlog/journal/journal-state.js';
import { segmentName } from '../../../src/binlog/journal/segment-name.js';
import type { DiskContents } from './disk-contents.js';

/** A journal as a machine has it durably, seen from outside and without its code. */
export interface JournalImage {
  /** The journal's offset of the first byte. */
  readonly start: number;
  readonly bytes: Buffer;
  /** The newest one that it knows. */
  readonly term: Term | null;
}

export const nothing: JournalImage = { start: 0, bytes: Buffer.alloc(0), term: null };

/** What a crash that loses all it can would leave of the journal. */
export function durableImage(contents: DiskContents, directory: string): JournalImage {
  const state = contents.durable(join(directory, 'journal.state'));
  if (!state) return nothing;
  const { startOffset, firstSegment, flavour, term } = JSON.parse(state.toString().split('\n')[1]!) as {
    startOffset: number;
    firstSegment: number;
    flavour: string | null;
    term: Term | null;
  };
  if (flavour === null) return nothing;
  const pieces: Buffer[] = [];
  for (let number = firstSegment; ; number++) {
    const piece = contents.durable(join(directory, segmentName(number)));
    if (!piece) break;
    pieces.push(piece);
  }
  return { start: startOffset, bytes: Buffer.concat(pieces), term };
}
