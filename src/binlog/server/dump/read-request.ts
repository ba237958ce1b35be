import {
  DUMP_ANNOTATE_ROWS,
  DUMP_HEARTBEAT_V2,
  DUMP_NON_BLOCK,
  DUMP_SKIP_TAGGED_GTIDS,
  type BinlogDump,
  type BinlogDumpGtid,
} from '../../protocol/connection/commands.js';
import { GtidSetError } from '../../protocol/gtid/gtid-set-error.js';
import { decodeGtidSet, parseGtidSet, type Flavour, type GtidSet } from '../../protocol/gtid/gtid-set.js';
import { fatalDumpError, SqlError, unknownCommand } from '../query/sql-error.js';
import type { DumpRequest } from './dump-request.js';

type Variables = ReadonlyMap<string, string | null>;

/** Shorter ones would only cost. */
const SHORTEST_HEARTBEAT_MS = 10;
const LONGEST_HEARTBEAT_MS = 2 ** 31 - 1;
/** From this on MariaDB's clients understand its GTID events. */
const NEEDED_CAPABILITY = 4;

/** What a client of MySQL asks for by GTIDs. @throws SqlError */
export function readGtidRequest(dump: BinlogDumpGtid, flavour: Flavour, variables: Variables): DumpRequest {
  if (flavour !== 'MYSQL') throw unknownCommand();
  return {
    ...common(dump, flavour, variables),
    has: parseOr(new SqlError(1773, 'HY000', 'Malformed GTID set encoding.'), () =>
      decodeGtidSet('MYSQL', dump.gtidSet),
    ),
    file: '',
    position: 0,
  };
}

/** What a client asks for by position, or in MariaDB by GTIDs that it has set as a variable before. @throws SqlError */
export function readPositionRequest(dump: BinlogDump, flavour: Flavour, variables: Variables): DumpRequest {
  const { file, position } = dump;
  const state = flavour === 'MARIADB' ? variables.get('slave_connect_state') : undefined;
  if (flavour === 'MARIADB' && Number(variables.get('mariadb_slave_capability') ?? 0) < NEEDED_CAPABILITY) {
    throw fatalDumpError(
      'This binlog server sends MariaDB events as they are: the client must SET @mariadb_slave_capability=4',
    );
  }
  const has =
    state === undefined || state === null
      ? null
      : parseOr(new SqlError(1941, 'HY000', 'Could not parse GTID list'), () =>
          parseGtidSet('MARIADB', state),
        );
  return { ...common(dump, flavour, variables), has, file, position };
}

function common(
  { flags, serverId }: BinlogDump | BinlogDumpGtid,
  flavour: Flavour,
  variables: Variables,
): Omit<DumpRequest, 'has' | 'file' | 'position'> {
  const checksum = either(variables, 'source_binlog_checksum', 'master_binlog_checksum');
  return {
    flavour,
    // As the servers do: who has no number only wants to look.
    isNonBlocking: (flags & DUMP_NON_BLOCK) !== 0 || serverId === 0,
    withChecksum: checksum === undefined ? null : checksum.toUpperCase() !== 'NONE',
    isSemiSync: either(variables, 'rpl_semi_sync_replica', 'rpl_semi_sync_slave') === '1',
    heartbeatMs: heartbeat(either(variables, 'source_heartbeat_period', 'master_heartbeat_period')),
    isHeartbeatV2: flavour === 'MYSQL' && (flags & DUMP_HEARTBEAT_V2) !== 0,
    wantsAnnotations: flavour === 'MARIADB' && (flags & DUMP_ANNOTATE_ROWS) !== 0,
    skipsTagged: flavour === 'MYSQL' && (flags & DUMP_SKIP_TAGGED_GTIDS) !== 0,
  };
}

/** @param nanoseconds as text; 0 and nonsense mean never */
function heartbeat(nanoseconds: string | undefined): number {
  const ms = Number(nanoseconds ?? 0) / 1e6;
  if (!(ms > 0)) return 0;
  return Math.min(Math.max(ms, SHORTEST_HEARTBEAT_MS), LONGEST_HEARTBEAT_MS);
}

function either(variables: Variables, name: string, oldName: string): string | undefined {
  return variables.get(name) ?? variables.get(oldName) ?? undefined;
}

function parseOr(malformed: SqlError, parse: () => GtidSet): GtidSet {
  try {
    return parse();
  } catch (error) {
    if (error instanceof GtidSetError) throw malformed;
    throw error;
  }
}
