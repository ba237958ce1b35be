import type { Journal } from '../../journal/journal.js';
import { TEXT, UNSIGNED_BIGINT, UNSIGNED_INT, type Column } from '../../protocol/connection/column-type.js';
import type { ResultSet } from '../../protocol/connection/replies.js';
import { BINLOG_MAGIC } from '../../protocol/event/event-header.js';
import { eventTypeName } from '../../protocol/event/event-type.js';
import { SqlError } from '../query/sql-error.js';
import type { Statement } from '../query/statement.js';
import { listEvents } from './event-listing.js';

/** Without a limit of the statement's own: an answer is put together in memory. */
const MAX_ROWS = 10_000;
const COLUMNS: readonly Column[] = [
  { name: 'Log_name', type: TEXT },
  { name: 'Pos', type: UNSIGNED_BIGINT },
  { name: 'Event_type', type: TEXT },
  { name: 'Server_id', type: UNSIGNED_INT },
  { name: 'End_log_pos', type: UNSIGNED_BIGINT },
  { name: 'Info', type: TEXT },
];

/** @throws SqlError when there is no such file */
export async function showBinlogEvents(
  journal: Journal,
  statement: Extract<Statement, { type: 'showBinlogEvents' }>,
  signal: AbortSignal,
): Promise<ResultSet> {
  const { file, from, offset, limit } = statement;
  const segments = journal.flavour === null ? [] : journal.committedSegments();
  const segment = file === null ? segments[0] : segments.find(({ name }) => name === file);
  if (!segment) {
    if (file === null) return { columns: COLUMNS, rows: [] };
    throw new SqlError(
      1220,
      'HY000',
      'Error when executing command SHOW BINLOG EVENTS: Could not find target log',
    );
  }
  const rows: string[][] = [];
  let skipped = 0;
  for await (const event of listEvents(journal, segment, from ?? BINLOG_MAGIC.length, signal)) {
    if (rows.length >= Math.min(limit ?? MAX_ROWS, MAX_ROWS)) break;
    if (event.position < (from ?? 0) || skipped++ < offset) continue;
    const { position, type, serverId, end } = event;
    rows.push([segment.name, String(position), eventTypeName(type), String(serverId), String(end), '']);
  }
  return { columns: COLUMNS, rows };
}
