import { VERSION_COMMENT } from '../protocol/version-comment.js';
import type { Flavour } from '../protocol/gtid/gtid-set.js';
import { parseGtidSet, unionOf, type GtidSet } from '../protocol/gtid/gtid-set.js';
import type { Row, SourceConnection } from './source-connection.js';
import { SourceRefusedError } from './source-error.js';
import { readPassedOn } from './source-facts.js';

/** What a source says about itself right before it is followed. */
export interface SourceState {
  readonly flavour: Flavour;
  readonly version: string;
  /** What binlog servers pass on of its settings. */
  readonly variables: Readonly<Record<string, string>>;
  readonly serverId: bigint;
  /** Null in MariaDB, which has none. */
  readonly serverUuid: string | null;
  readonly isBinlogOn: boolean;
  /** What its files are called before their numbers; null when it does not tell. */
  readonly binlogName: string | null;
  /** ROW, STATEMENT or MIXED. */
  readonly binlogFormat: string;
  /** CRC32 or NONE. */
  readonly checksum: string;
  /** Whether numbers of GTIDs always rise within a domain: in MariaDB only with `gtid_strict_mode`. */
  readonly isStrict: boolean;
  /** MySQL only; null in MariaDB, where GTIDs are always on. */
  readonly gtidMode: string | null;
  /**
   * MySQL: gtid_executed, and what is being committed: that may have been sent already, and with semi-synchronous replication
   * waits for us. MariaDB: the binlog state.
   */
  readonly executed: GtidSet;
  /** The same without what is being committed: it never becomes less, unless the source is reset. */
  readonly committed: GtidSet;
  /** The files of the source, oldest first, with their sizes; null when the account may not ask. */
  readonly files: readonly SourceFileFacts[] | null;
  /** What can no longer be asked for; in MariaDB null when the account may not ask. */
  readonly purged: GtidSet | null;
  /** Privileges of the account, as SHOW GRANTS prints them. */
  readonly grants: readonly string[];
  /** Whether it can do semi-synchronous replication, and has it switched on; null when it cannot. */
  readonly semiSync: SemiSyncState | null;
}

export interface SourceFileFacts {
  readonly name: string;
  readonly size: number;
}

/** The server that the source is, see `SourceFile`. */
export function serverOf({ serverUuid, serverId }: SourceState): string {
  return serverUuid ?? String(serverId);
}

export interface SemiSyncState {
  readonly isOn: boolean;
  /** The variable that we set when we are to be waited for. */
  readonly replicaVariable: string;
  /** Tells at any time whether it waits. */
  readonly statusVariable: string;
}

/**
 * Reads it all. Throws the server's own errors and what {@link SourceConnection.query} throws.
 *
 * @throws SourceRefusedError when it is a binlog server
 */
export async function readSourceState(source: SourceConnection, signal: AbortSignal): Promise<SourceState> {
  const version = await one(source, 'SELECT VERSION()', signal);
  if ((await one(source, 'SELECT @@version_comment', signal)) === VERSION_COMMENT) {
    throw new SourceRefusedError(
      'The source is a binlog server of Quorate, which cannot be followed: its files are named as those of this store, and a ' +
        'replica that goes by file and position could take the ones for the others. Follow the server that writes the binlog, ' +
        'or add members to the cluster that has the binlog server.',
    );
  }
  const flavour: Flavour = /mariadb/i.test(version) ? 'MARIADB' : 'MYSQL';
  const variable = (name: string): Promise<string> => one(source, `SELECT @@GLOBAL.${name}`, signal);
  // In this order: what is committed in between is in both.
  const owned = flavour === 'MYSQL' ? withoutThreads(await variable('gtid_owned')) : '';
  const committed = parseGtidSet(flavour, await variable(committedVariable(flavour)));
  const files = await binlogFiles(source, signal);
  return {
    flavour,
    version,
    variables: await readPassedOn(source, signal),
    serverId: BigInt(await variable('server_id')),
    serverUuid: flavour === 'MYSQL' ? (await variable('server_uuid')).toLowerCase() : null,
    isBinlogOn: (await variable('log_bin')) === '1',
    binlogName: await binlogName(source, signal),
    binlogFormat: await variable('binlog_format'),
    checksum: await variable('binlog_checksum'),
    isStrict: flavour === 'MYSQL' || (await variable('gtid_strict_mode')) === '1',
    gtidMode: flavour === 'MYSQL' ? await variable('gtid_mode') : null,
    executed: unionOf(committed, parseGtidSet(flavour, owned)),
    committed,
    files,
    purged:
      flavour === 'MYSQL'
        ? parseGtidSet(flavour, await variable('gtid_purged'))
        : await mariadbPurged(source, files, signal),
    grants: (await source.query('SHOW GRANTS FOR CURRENT_USER()', signal)).map(([grant]) => grant ?? ''),
    semiSync: await semiSync(source, signal),
  };
}

/** The variable that tells what a source of that flavour has committed. */
export function committedVariable(flavour: Flavour): string {
  return flavour === 'MYSQL' ? 'gtid_executed' : 'gtid_binlog_state';
}

/** `uuid:7#12:8#13`, transactions with the numbers of those who commit them, as a set. */
function withoutThreads(owned: string): string {
  return owned.replace(/#\d+/g, '');
}

/** Older servers of MariaDB do not know the variable. */
async function binlogName(source: SourceConnection, signal: AbortSignal): Promise<string | null> {
  const path = (await optional(source.query('SELECT @@GLOBAL.log_bin_basename', signal)))?.[0]?.[0] ?? '';
  return path === '' ? null : path.replace(/^.*[/\\]/, '');
}

/** Null when the account may not ask, or there are none. */
async function binlogFiles(
  source: SourceConnection,
  signal: AbortSignal,
): Promise<readonly SourceFileFacts[] | null> {
  const rows = await optional(source.query('SHOW BINARY LOGS', signal));
  return rows?.map(([name, size]) => ({ name: name ?? '', size: Number(size) })) ?? null;
}

/** What stood before the first file that is left. */
async function mariadbPurged(
  source: SourceConnection,
  files: readonly SourceFileFacts[] | null,
  signal: AbortSignal,
): Promise<GtidSet | null> {
  const first = files?.[0]?.name;
  if (first === undefined) return null;
  const position = await one(source, `SELECT BINLOG_GTID_POS(${quote(first)}, 4)`, signal);
  return parseGtidSet('MARIADB', position);
}

async function semiSync(source: SourceConnection, signal: AbortSignal): Promise<SourceState['semiSync']> {
  for (const [theirs, ours] of [
    ['rpl_semi_sync_source', 'rpl_semi_sync_replica'],
    ['rpl_semi_sync_master', 'rpl_semi_sync_slave'],
  ] as const) {
    const rows = await optional(source.query(`SELECT @@GLOBAL.${theirs}_enabled`, signal));
    if (rows === null) continue;
    return { isOn: rows[0]?.[0] === '1', replicaVariable: ours, statusVariable: `${theirs}_status` };
  }
  return null;
}

async function one(source: SourceConnection, sql: string, signal: AbortSignal): Promise<string> {
  const rows: Row[] = await source.query(sql, signal);
  return rows[0]?.[0] ?? '';
}

/** Null when the server does not know it, or the account may not. */
export async function optional(rows: Promise<Row[]>): Promise<Row[] | null> {
  try {
    return await rows;
  } catch (error) {
    const { errno } = error as { errno?: number };
    if (errno === 1193 || errno === 1227 || errno === 1045 || errno === 1381) return null;
    throw error;
  }
}

export function quote(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}
