import { BinlogEventError } from './event-error.js';
import { u16, type EventView } from './event-header.js';

/** `thread u32 | seconds u32 | length of db u8 | error u16 | length of variables u16`, then variables, db, 0, statement. */
const FIXED_BYTES = 13;
const DB_LENGTH_AT = 8;
const VARIABLES_LENGTH_AT = 11;

/** The longest words that tell what a statement is: XA ROLLBACK and ROLLBACK TO. */
const WORD_BYTES = 11;

/**
 * How many bytes of a QUERY event's body must be known to tell where its statement begins, and what that does to its
 * transaction. Variables take up to 64 KiB: MySQL writes the names of 16 databases there.
 *
 * @param known of the body, from `bodyStart` on
 */
export function neededOfQuery(bytes: Buffer, bodyStart: number, known: number): number {
  if (known < FIXED_BYTES) return FIXED_BYTES;
  const variables = u16(bytes, bodyStart + VARIABLES_LENGTH_AT);
  return FIXED_BYTES + variables + bytes[bodyStart + DB_LENGTH_AT]! + 1 + WORD_BYTES;
}

/**
 * Where the statement of a QUERY event begins in its `bytes`. Of one in MariaDB's compressed form, it is where the
 * compressed statement begins.
 *
 * @throws BinlogEventError when it lies beyond what is known of the event
 */
export function statementStart({ bytes, bodyStart, bodyEnd }: EventView): number {
  if (bodyEnd - bodyStart < FIXED_BYTES) throw cut();
  const db = bytes[bodyStart + DB_LENGTH_AT]!;
  const start = bodyStart + FIXED_BYTES + u16(bytes, bodyStart + VARIABLES_LENGTH_AT) + db + 1;
  if (start > bodyEnd) throw cut();
  return start;
}

/** How long the whole statement is, known or not. */
export function statementLength(event: EventView, start: number): number {
  return event.bodyLength - (start - event.bodyStart);
}

/** The database that was in use; empty without one. */
export function databaseOf(event: EventView): string {
  const start = statementStart(event);
  const length = event.bytes[event.bodyStart + DB_LENGTH_AT]!;
  return event.bytes.toString('utf8', start - 1 - length, start - 1);
}

/** The statement, as far as it is known. */
export function statementOf(event: EventView): string {
  return event.bytes.toString('utf8', statementStart(event), event.bodyEnd);
}

function cut(): BinlogEventError {
  return new BinlogEventError('A QUERY event ends before its statement.');
}
