import type { EventView } from './event-header.js';
import { statementLength, statementStart } from './query.js';

/** What a QUERY event's statement does to the transaction that it stands in. */
export const StatementKind = {
  BEGIN: 1,
  /** COMMIT, and ROLLBACK of all. */
  END: 2,
  XA_START: 3,
  /** XA COMMIT, XA ROLLBACK. */
  XA_END: 4,
  OTHER: 0,
} as const;

const BEGIN = Buffer.from('BEGIN');
const COMMIT = Buffer.from('COMMIT');
const ROLLBACK = Buffer.from('ROLLBACK');
const ROLLBACK_TO = Buffer.from('ROLLBACK TO');
const XA_START = Buffer.from('XA START');
const XA_COMMIT = Buffer.from('XA COMMIT');
const XA_ROLLBACK = Buffer.from('XA ROLLBACK');

/** @throws BinlogEventError when the event is damaged */
export function statementKind(event: EventView): number {
  const { bytes, bodyEnd } = event;
  const start = statementStart(event);
  const length = statementLength(event, start);
  // Nearly all statements in a row-format log end here: their first letter is another one.
  switch (bytes[start]! & 0xdf) {
    case 0x42:
      return length === BEGIN.length && isAt(bytes, start, bodyEnd, BEGIN) ? StatementKind.BEGIN : 0;
    case 0x43:
      return length === COMMIT.length && isAt(bytes, start, bodyEnd, COMMIT) ? StatementKind.END : 0;
    case 0x52:
      if (!isAt(bytes, start, bodyEnd, ROLLBACK) || isAt(bytes, start, bodyEnd, ROLLBACK_TO)) return 0;
      return StatementKind.END;
    case 0x58:
      if (isAt(bytes, start, bodyEnd, XA_START)) return StatementKind.XA_START;
      if (isAt(bytes, start, bodyEnd, XA_COMMIT) || isAt(bytes, start, bodyEnd, XA_ROLLBACK))
        return StatementKind.XA_END;
      return 0;
    default:
      return 0;
  }
}

/** In capitals or small letters. */
function isAt(bytes: Buffer, start: number, end: number, word: Buffer): boolean {
  if (start + word.length > end) return false;
  for (let i = 0; i < word.length; i++) {
    const byte = bytes[start + i]!;
    const wanted = word[i]!;
    if (byte !== wanted && (wanted === 0x20 || (byte & 0xdf) !== wanted)) return false;
  }
  return true;
}
