import type { ServerFacts } from '../server-facts.js';

/** A variable that is on or off: SELECT tells 1 or 0, SHOW VARIABLES tells ON or OFF. */
type Value = string | boolean;

/** What both flavours have. Names as servers print them. */
const COMMON: Readonly<Record<string, Value>> = {
  auto_increment_increment: '1',
  autocommit: true,
  binlog_checksum: 'CRC32',
  binlog_format: 'ROW',
  binlog_row_image: 'FULL',
  character_set_client: 'utf8mb4',
  character_set_connection: 'utf8mb4',
  character_set_database: 'utf8mb4',
  character_set_results: 'utf8mb4',
  character_set_server: 'utf8mb4',
  collation_connection: 'utf8mb4_general_ci',
  collation_server: 'utf8mb4_general_ci',
  init_connect: '',
  interactive_timeout: '28800',
  license: 'GPL',
  log_bin: true,
  log_slave_updates: true,
  lower_case_table_names: '0',
  max_allowed_packet: '1073741824',
  net_buffer_length: '16384',
  net_read_timeout: '30',
  net_write_timeout: '60',
  read_only: true,
  rpl_semi_sync_master_enabled: true,
  sql_mode: '',
  system_time_zone: 'UTC',
  time_zone: 'SYSTEM',
  transaction_isolation: 'REPEATABLE-READ',
  tx_isolation: 'REPEATABLE-READ',
  version_comment: 'Quorate binlog server',
  wait_timeout: '28800',
};

/** All variables by name, as SHOW VARIABLES has them. */
export function variablesOf(facts: ServerFacts): Map<string, Value> {
  const own: Record<string, Value> = {
    hostname: facts.hostName,
    port: String(facts.port),
    server_id: String(facts.serverId),
    version: facts.version,
    ...(facts.flavour === 'MYSQL' ? mysqlVariables(facts) : mariadbVariables(facts)),
  };
  return new Map(Object.entries({ ...COMMON, ...own }).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A MariaDB replica tells by `gtid_domain_id`, which must be missing here, that it cannot use GTIDs. */
function mysqlVariables(facts: ServerFacts): Record<string, Value> {
  return {
    enforce_gtid_consistency: true,
    gtid_executed: facts.executedGtidSet,
    gtid_mode: 'ON',
    gtid_purged: facts.purgedGtidSet,
    rpl_semi_sync_source_enabled: true,
    server_uuid: facts.serverUuid,
  };
}

/** A MySQL replica tells by `gtid_mode`, which must be missing here, that it cannot replicate from us. */
function mariadbVariables(facts: ServerFacts): Record<string, Value> {
  return {
    gtid_binlog_pos: facts.gtidPosition,
    gtid_binlog_state: facts.executedGtidSet,
    gtid_current_pos: facts.gtidPosition,
    gtid_domain_id: '0',
    gtid_slave_pos: facts.gtidPosition,
    gtid_strict_mode: true,
  };
}

export const asSelected = (value: Value): string =>
  typeof value === 'boolean' ? (value ? '1' : '0') : value;

export const asShown = (value: Value): string =>
  typeof value === 'boolean' ? (value ? 'ON' : 'OFF') : value;

/** A pattern of LIKE, for names: without regard to case. */
export function likePattern(pattern: string): RegExp {
  const source = pattern.replace(
    /\\([\s\S])|[%_]|[.*+?^${}()|[\]\\]/g,
    (all, escaped: string | undefined) => {
      if (escaped !== undefined) return `\\u{${escaped.codePointAt(0)!.toString(16)}}`;
      if (all === '%') return '[\\s\\S]*';
      return all === '_' ? '[\\s\\S]' : `\\${all}`;
    },
  );
  return new RegExp(`^${source}$`, 'iu');
}
