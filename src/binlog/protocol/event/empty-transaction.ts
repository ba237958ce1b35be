import { BIG, type Source } from '../gtid/gtid-run.js';
import { buildEvent, type HeaderFields } from './event-builder.js';
import { EventType } from './event-type.js';

/** The statement may do without a database. */
const SUPPRESS_USE = 0x08;
/** thread u32 | seconds u32 | length of the database's name u8 | error u16 | length of the variables u16 */
const QUERY_HEAD_BYTES = 13;
/** number u64 | domain u32 | flags u8, and six bytes without a meaning. */
const MARIADB_GTID_BYTES = 19;

/** What stands behind a GTID of MySQL in place of a transaction that is not wanted, as its operators do it: BEGIN and COMMIT. */
export function emptyBehindGtid(header: HeaderFields): Buffer {
  return Buffer.concat([query(header, 'BEGIN'), query(header, 'COMMIT')]);
}

/** An empty transaction of MariaDB: its GTID implies BEGIN. */
export function emptyOfMariadb(source: Source, number: number, big: bigint, header: HeaderFields): Buffer {
  const body = Buffer.alloc(MARIADB_GTID_BYTES);
  body.writeBigUInt64LE(number === BIG ? big : BigInt(number));
  body.writeUInt32LE('domain' in source ? source.domain : 0, 8);
  return Buffer.concat([buildEvent(EventType.MARIADB_GTID, header, body, true), query(header, 'COMMIT')]);
}

function query(header: HeaderFields, statement: string): Buffer {
  // No database's name: only the zero behind it.
  const body = Buffer.concat([Buffer.alloc(QUERY_HEAD_BYTES + 1), Buffer.from(statement)]);
  return buildEvent(EventType.QUERY, { ...header, flags: SUPPRESS_USE }, body, true);
}
