import { parseGtidSet, containsAll, type GtidSet } from '../protocol/gtid/gtid-set.js';
import { AnonymousTransactionError } from './source-error.js';
import type { SourceConnection } from './source-connection.js';
import { quote } from './source-state.js';

/** So many events are asked for at a time. */
const PAGE = 2_000;

/** Up to where a source has been read, in its own files. */
export interface SeenPosition {
  readonly file: string;
  readonly position: number;
}

/**
 * Looks at what a MySQL source has written since it was read last, up to the first transaction that is lacking: a dump by GTIDs
 * begins with the file of that one, and passes over everything in the files before, transactions without a GTID included.
 *
 * @throws AnonymousTransactionError when there is one
 */
export async function checkUnseen(
  source: SourceConnection,
  seen: SeenPosition,
  executed: GtidSet,
  signal: AbortSignal,
): Promise<void> {
  const files = (await source.query('SHOW BINARY LOGS', signal)).map(([name]) => name ?? '');
  const first = files.indexOf(seen.file);
  // Its files are others: it was reset, or those are purged, which is found out elsewhere.
  if (first < 0) return;
  for (const file of files.slice(first)) {
    const from = file === seen.file ? seen.position : 4;
    if (await hasLacking(source, file, from, executed, signal)) return;
  }
}

/** @returns whether a transaction that is lacking begins there */
async function hasLacking(
  source: SourceConnection,
  file: string,
  from: number,
  executed: GtidSet,
  signal: AbortSignal,
): Promise<boolean> {
  for (let position = from; ;) {
    const events = await source.query(
      `SHOW BINLOG EVENTS IN ${quote(file)} FROM ${position} LIMIT ${PAGE}`,
      signal,
    );
    for (const [, at, type = '', , , info] of events) {
      if (/^anonymous_gtid$/i.test(type ?? ''))
        throw new AnonymousTransactionError(`at file ${file}, position ${at}`);
      const gtid = /^gtid/i.test(type ?? '') ? /'([^']+)'/.exec(info ?? '')?.[1] : undefined;
      if (gtid !== undefined && !containsAll(executed, parseGtidSet('MYSQL', gtid))) return true;
    }
    if (events.length < PAGE) return false;
    position = Number(events.at(-1)![4]);
  }
}
