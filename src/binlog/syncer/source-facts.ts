import { z } from 'zod';
import type { SourceConnection } from './source-connection.js';

/** What binlog servers pass on of a source, as it was when it was connected last. */
export const sourceFactsRecord = z.object({
  flavour: z.enum(['MYSQL', 'MARIADB']),
  version: z.string(),
  /** By name, as SHOW VARIABLES has them; what that source does not know is not among them. */
  variables: z.record(z.string(), z.string()),
  /**
   * The FORMAT_DESCRIPTION event of the source in base64, for clients that come before the journal has one; null
   * before it came.
   */
  format: z.string().nullable(),
});
export type SourceFacts = z.infer<typeof sourceFactsRecord>;

/** What SELECT makes of a variable: a switch is 1 or 0. */
type Kind = 'text' | 'number' | 'switch';

/** How a source writes its binlog, and what tells how to read it. */
export const PASSED_ON: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['auto_increment_increment', 'number'],
  ['auto_increment_offset', 'number'],
  ['binlog_annotate_row_events', 'switch'],
  ['binlog_format', 'text'],
  ['binlog_row_image', 'text'],
  ['binlog_row_metadata', 'text'],
  ['binlog_row_value_options', 'text'],
  ['binlog_rows_query_log_events', 'switch'],
  ['binlog_transaction_compression', 'switch'],
  ['character_set_database', 'text'],
  ['character_set_server', 'text'],
  ['collation_database', 'text'],
  ['collation_server', 'text'],
  ['default_storage_engine', 'text'],
  ['log_bin_compress', 'switch'],
  ['lower_case_table_names', 'number'],
  ['sql_mode', 'text'],
  ['system_time_zone', 'text'],
  ['time_zone', 'text'],
  ['transaction_isolation', 'text'],
  ['tx_isolation', 'text'],
]);

/** Throws what {@link SourceConnection.query} throws. */
export async function readPassedOn(
  source: SourceConnection,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const names = [...PASSED_ON.keys()].map((name) => `'${name}'`).join(', ');
  const rows = await source.query(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names})`, signal);
  return Object.fromEntries(rows.map(([name, value]) => [(name ?? '').toLowerCase(), value ?? '']));
}

/** @returns what is to be remembered; null when that is known: formats of one version differ in their times only */
export function news(known: SourceFacts | null, facts: SourceFacts): SourceFacts | null {
  if (known === null || known.flavour !== facts.flavour || known.version !== facts.version) return facts;
  const names = Object.keys(facts.variables);
  const isSame =
    names.length === Object.keys(known.variables).length &&
    names.every((name) => known.variables[name] === facts.variables[name]);
  const format = known.format ?? facts.format;
  return isSame && format === known.format ? null : { ...facts, format };
}
