import { parseGtidSet, containsAll, type GtidSet } from '../protocol/gtid/gtid-set.js';
import { optional } from './source-state.js';
import { placeOf, type SourcePosition } from './source-position.js';
import { AnonymousTransactionError } from './source-error.js';
import type { SourceConnection } from './source-connection.js';
import { quote } from './source-state.js';

/** So many events are asked for at a time. */
const PAGE = 2_000;

/**
 * Looks at what a MySQL source has written since it was read last, up to the first transaction that is lacking: a dump by GTIDs
 * begins with the file of that one, and passes over everything in the files before, transactions without a GTID included.
 *
 * @throws AnonymousTransactionError when there is one
 */
export async function checkUnseen(
  source: SourceConnection,
  seen: SourcePosition,
  executed: GtidSet,
  skips: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<void> {
  // An account that may not ask learns of it when the source comes across it, if ever.
  const rows = await optional(source.query('SHOW BINARY LOGS', signal));
  const files = (rows ?? []).map(([name]) => name ?? '');
  const first = files.indexOf(seen.file);
  // Its files are others: it was reset, or those are purged, which is found out elsewhere.
  if (first < 0) return;
  for (const file of files.slice(first)) {
    const from = file === seen.file ? seen.position : 4;
    if (await hasLacking(source, file, from, executed, skips, signal)) return;
  }
}

/** @returns whether a transaction that is lacking begins there */
async function hasLacking(
  source: SourceConnection,
  file: string,
  from: number,
  executed: GtidSet,
  skips: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<boolean> {
  for (let position = from; ;) {
    const events = await source.query(
      `SHOW BINLOG EVENTS IN ${quote(file)} FROM ${position} LIMIT ${PAGE}`,
      signal,
    );
    for (const [, at, type = '', , , info] of events) {
      const place = placeOf(file, Number(at));
      if (/^anonymous_gtid$/i.test(type ?? '') && !skips.has(place))
        throw new AnonymousTransactionError(place);
      const gtid = /^gtid/i.test(type ?? '') ? /'([^']+)'/.exec(info ?? '')?.[1] : undefined;
      if (gtid !== undefined && !containsAll(executed, parseGtidSet('MYSQL', gtid))) return true;
    }
    if (events.length < PAGE) return false;
    position = Number(events.at(-1)![4]);
  }
}
