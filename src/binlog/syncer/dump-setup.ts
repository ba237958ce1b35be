import { hostname } from 'node:os';
import {
  DUMP_ANNOTATE_ROWS,
  DUMP_HEARTBEAT_V2,
  encodeBinlogDump,
  encodeBinlogDumpGtid,
  encodeRegisterSlave,
} from '../protocol/connection/commands.js';
import { encodeGtidSet, type GtidSet } from '../protocol/gtid/gtid-set.js';
import { MariadbGtidSet } from '../protocol/gtid/mariadb-gtid-set.js';
import type { SourcePosition } from './source-position.js';
import { quote, type SourceState } from './source-state.js';

const NANOSECONDS_PER_MS = 1e6;

/** As whom, and from where, we follow a source. */
export interface DumpIdentity {
  readonly serverId: bigint;
  readonly serverUuid: string;
  /** How long silence lasts after which the source says that it is there, in milliseconds. */
  readonly heartbeatMs: number;
  readonly isSemiSync: boolean;
  /** What is not to be sent. */
  readonly executed: GtidSet;
  /** Where that ends in the files of a MariaDB source, which is asked from there: numbers tell less where they may go back. */
  readonly from: SourcePosition | null;
}

/** What has to be said before the dump, in the words of any version from MySQL 5.6 and MariaDB 10.5 on. */
export function setupStatements(source: SourceState, us: DumpIdentity): string[] {
  const period = us.heartbeatMs * NANOSECONDS_PER_MS;
  const statements = [
    `SET @master_heartbeat_period = ${period}, @source_heartbeat_period = ${period}`,
    // Whatever its setting is now: the events of each file are as its FORMAT_DESCRIPTION says, and it may change at any time.
    "SET @master_binlog_checksum = 'CRC32', @source_binlog_checksum = 'CRC32'",
    `SET @slave_uuid = ${quote(us.serverUuid)}, @replica_uuid = ${quote(us.serverUuid)}`,
  ];
  if (us.executed instanceof MariadbGtidSet) statements.push('SET @mariadb_slave_capability = 4');
  if (us.executed instanceof MariadbGtidSet && us.from === null) {
    statements.push(
      `SET @slave_connect_state = ${quote(us.executed.peakPosition().toString())}`,
      'SET @slave_gtid_strict_mode = 1',
      'SET @slave_gtid_ignore_duplicates = 0',
    );
  }
  if (us.isSemiSync && source.semiSync !== null)
    statements.push(`SET @${source.semiSync.replicaVariable} = 1`);
  return statements;
}

export function registration({ serverId }: DumpIdentity): Buffer {
  return encodeRegisterSlave({ serverId: Number(serverId), host: hostname().slice(0, 60), port: 0 });
}

/** MariaDB has been told before from where, and is asked for the texts of statements as well. */
export function dumpCommand({ serverId, executed, from }: DumpIdentity): Buffer {
  if (executed instanceof MariadbGtidSet) {
    const { file, position } = from ?? { file: '', position: 4 };
    const where = { serverId: Number(serverId), file, position };
    return encodeBinlogDump({ ...where, flags: DUMP_ANNOTATE_ROWS });
  }
  return encodeBinlogDumpGtid({
    flags: DUMP_HEARTBEAT_V2,
    serverId: Number(serverId),
    gtidSet: encodeGtidSet(executed),
  });
}
