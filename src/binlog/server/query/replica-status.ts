import {
  BIGINT,
  TEXT,
  UNSIGNED_BIGINT,
  UNSIGNED_INT,
  type Column,
  type ColumnType,
} from '../../protocol/connection/column-type.js';
import type { ResultSet } from '../../protocol/connection/replies.js';
import type { ServerFacts } from '../server-facts.js';
import { majorOf } from './value.js';

const DOUBLE: ColumnType = { ...BIGINT, code: 0x05, length: 9, decimals: 3 };

/** What both flavours have, in the words of MySQL 8.0.22 and newer. `i`: a number of four bytes, `b`: of eight. */
const COMMON =
  'Replica_IO_State Source_Host Source_User Source_Port:i Connect_Retry:i Source_Log_File Read_Source_Log_Pos:b ' +
  'Relay_Log_File Relay_Log_Pos:b Relay_Source_Log_File Replica_IO_Running Replica_SQL_Running Replicate_Do_DB ' +
  'Replicate_Ignore_DB Replicate_Do_Table Replicate_Ignore_Table Replicate_Wild_Do_Table Replicate_Wild_Ignore_Table ' +
  'Last_Errno:i Last_Error Skip_Counter:i Exec_Source_Log_Pos:b Relay_Log_Space:b Until_Condition Until_Log_File ' +
  'Until_Log_Pos:b Source_SSL_Allowed Source_SSL_CA_File Source_SSL_CA_Path Source_SSL_Cert Source_SSL_Cipher ' +
  'Source_SSL_Key Seconds_Behind_Source:b Source_SSL_Verify_Server_Cert Last_IO_Errno:i Last_IO_Error Last_SQL_Errno:i ' +
  'Last_SQL_Error Replicate_Ignore_Server_Ids Source_Server_Id:i';

const MYSQL =
  'Source_UUID Source_Info_File SQL_Delay:i SQL_Remaining_Delay:i Replica_SQL_Running_State Source_Retry_Count:b ' +
  'Source_Bind Last_IO_Error_Timestamp Last_SQL_Error_Timestamp Source_SSL_Crl Source_SSL_Crlpath Retrieved_Gtid_Set ' +
  'Executed_Gtid_Set Auto_Position:i';
const SINCE_MYSQL_57 = 'Replicate_Rewrite_DB Channel_Name Source_TLS_Version';
const SINCE_MYSQL_8 = 'Source_public_key_path Get_Source_public_key:i Network_Namespace';

const MARIADB =
  'Source_SSL_Crl Source_SSL_Crlpath Using_Gtid Gtid_IO_Pos Replicate_Do_Domain_Ids Replicate_Ignore_Domain_Ids ' +
  'Parallel_Mode SQL_Delay:i SQL_Remaining_Delay:i Replica_SQL_Running_State Replica_DDL_Groups:b ' +
  'Replica_Non_Transactional_Groups:b Replica_Transactional_Groups:b Replicate_Rewrite_DB';
const BEFORE_ALL_OF_MARIADB = 'Connection_name Replica_SQL_State';
const BEHIND_ALL_OF_MARIADB =
  'Retried_transactions:i Max_relay_log_size:b Executed_log_entries:i Replica_received_heartbeats:i ' +
  'Replica_heartbeat_period:d Gtid_Replica_Pos';

const TYPES: Readonly<Record<string, ColumnType>> = { i: UNSIGNED_INT, b: UNSIGNED_BIGINT, d: DOUBLE };

/** A binlog server executes nothing, so it is no replica in the sense of this statement: the set is empty. */
export function showReplicaStatus(
  { flavour, version }: Pick<ServerFacts, 'flavour' | 'version'>,
  { legacy, all }: { readonly legacy: boolean; readonly all: boolean },
): ResultSet {
  const groups = flavour === 'MYSQL' ? mysqlGroups(version) : mariadbGroups(all);
  // MariaDB has the new words in its statements only.
  const isLegacy = legacy || flavour === 'MARIADB';
  return {
    columns: groups
      .join(' ')
      .split(' ')
      .map((entry) => column(entry, isLegacy)),
    rows: [],
  };
}

function mysqlGroups(version: string): string[] {
  const isNewer = (major: number, minor: number): boolean => {
    const [theirMajor, theirMinor = 0] = [majorOf(version), Number(/^\d+\.(\d+)/.exec(version)?.[1] ?? 0)];
    return theirMajor > major || (theirMajor === major && theirMinor >= minor);
  };
  return [
    COMMON,
    MYSQL,
    ...(isNewer(5, 7) ? [SINCE_MYSQL_57] : []),
    ...(isNewer(8, 0) ? [SINCE_MYSQL_8] : []),
  ];
}

function mariadbGroups(all: boolean): string[] {
  return all ? [BEFORE_ALL_OF_MARIADB, COMMON, MARIADB, BEHIND_ALL_OF_MARIADB] : [COMMON, MARIADB];
}

function column(entry: string, isLegacy: boolean): Column {
  const [name = '', type = ''] = entry.split(':');
  return { name: isLegacy ? formerName(name) : name, type: TYPES[type] ?? TEXT };
}

function formerName(name: string): string {
  if (name === 'Source_public_key_path') return 'Master_public_key_path';
  if (name === 'Get_Source_public_key') return 'Get_master_public_key';
  return name.replace('Source', 'Master').replace('Replica_', 'Slave_');
}
