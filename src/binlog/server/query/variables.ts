import { SWITCH, TEXT, UNSIGNED_BIGINT } from '../../protocol/connection/column-type.js';
import { VERSION_COMMENT } from '../../protocol/version-comment.js';
import { PASSED_ON, type SourceFacts } from '../../syncer/source-facts.js';
import type { ServerFacts } from '../server-facts.js';
import type { Value } from './value.js';

/** One that is on or off SELECT tells as 1 or 0, SHOW VARIABLES as ON or OFF. */
export type VariableValue = string | number | boolean;

/** What both flavours have, as far as nothing is known of the source. Names as servers print them. */
const COMMON: Readonly<Record<string, VariableValue>> = {
  auto_increment_increment: 1,
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
  interactive_timeout: 28_800,
  license: 'GPL',
  log_bin: true,
  log_slave_updates: true,
  lower_case_table_names: 0,
  max_allowed_packet: 1_073_741_824,
  net_buffer_length: 16_384,
  net_read_timeout: 30,
  net_write_timeout: 60,
  read_only: true,
  rpl_semi_sync_master_enabled: true,
  sql_mode: '',
  system_time_zone: 'UTC',
  time_zone: 'SYSTEM',
  transaction_isolation: 'REPEATABLE-READ',
  tx_isolation: 'REPEATABLE-READ',
  version_comment: VERSION_COMMENT,
  wait_timeout: 28_800,
};

/** All variables by name, as SHOW VARIABLES has them. */
export function variablesOf(facts: ServerFacts): Map<string, VariableValue> {
  const own: Record<string, VariableValue> = {
    hostname: facts.hostName,
    port: facts.port,
    server_id: facts.serverId,
    version: facts.version,
    ...(facts.flavour === 'MYSQL' ? mysqlVariables(facts) : mariadbVariables(facts)),
  };
  const all = facts.source === null ? Object.entries({ ...COMMON, ...own }) : passedOn(facts.source, own);
  return new Map(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What the source does not know is not known here either. */
function passedOn(
  { variables }: SourceFacts,
  own: Readonly<Record<string, VariableValue>>,
): [string, VariableValue][] {
  const kept = Object.entries({ ...COMMON, ...own }).filter(([name]) => !PASSED_ON.has(name));
  const theirs = Object.entries(variables).map(([name, value]): [string, VariableValue] => {
    const kind = PASSED_ON.get(name);
    if (kind === 'switch') return [name, value === 'ON'];
    return [name, kind === 'number' ? Number(value) : value];
  });
  return [...kept, ...theirs];
}

/** A MariaDB replica tells by `gtid_domain_id`, which must be missing here, that it cannot use GTIDs. */
function mysqlVariables(facts: ServerFacts): Record<string, VariableValue> {
  return {
    enforce_gtid_consistency: /^5\.6\./.test(facts.version) ? true : 'ON',
    gtid_executed: facts.executedGtidSet,
    gtid_mode: 'ON',
    gtid_purged: facts.purgedGtidSet,
    rpl_semi_sync_source_enabled: true,
    server_uuid: facts.serverUuid,
  };
}

/** A MySQL replica tells by `gtid_mode`, which must be missing here, that it cannot replicate from us. */
function mariadbVariables(facts: ServerFacts): Record<string, VariableValue> {
  return {
    gtid_binlog_pos: facts.gtidPosition,
    gtid_binlog_state: facts.executedGtidSet,
    gtid_current_pos: facts.gtidPosition,
    gtid_domain_id: 0,
    gtid_slave_pos: facts.gtidPosition,
    gtid_strict_mode: true,
  };
}

export function asSelected(value: VariableValue): Value {
  if (typeof value === 'string') return { text: value, type: TEXT };
  if (typeof value === 'number') return { text: String(value), type: UNSIGNED_BIGINT };
  return { text: value ? '1' : '0', type: SWITCH };
}

export function asShown(value: VariableValue): string {
  if (typeof value === 'boolean') return value ? 'ON' : 'OFF';
  return String(value);
}

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
