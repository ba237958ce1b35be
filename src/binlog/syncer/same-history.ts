import { MariadbGtidSet } from '../protocol/gtid/mariadb-gtid-set.js';
import type { GtidSet } from '../protocol/gtid/gtid-set.js';
import type { SourceConnection } from './source-connection.js';
import type { SourcePosition } from './source-position.js';
import { optional, quote } from './source-state.js';

/**
 * Whether a MariaDB source still has, at a place in its files, the transactions that it had there when it was read: then it was not
 * reset, whatever its state says. That may become less all the same: without `gtid_strict_mode` a smaller number may follow, and
 * FLUSH BINARY LOGS DELETE_DOMAIN_ID forgets domains.
 *
 * @param known what had come up to that place
 */
export async function hasSameHistory(
  source: SourceConnection,
  { file, position }: SourcePosition,
  known: GtidSet,
  signal: AbortSignal,
): Promise<boolean> {
  if (!(known instanceof MariadbGtidSet)) return false;
  const asked = source.query(`SELECT BINLOG_GTID_POS(${quote(file)}, ${position})`, signal);
  const text = (await optional(asked))?.[0]?.[0] ?? '';
  const there = MariadbGtidSet.parse(text).entries();
  const has = known.position();
  return (
    there.length > 0 && there.every(({ domain, server, sequence }) => has.last(domain, server) === sequence)
  );
}
