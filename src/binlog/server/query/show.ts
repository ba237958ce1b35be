import {
  columns,
  TEXT,
  UNSIGNED_BIGINT,
  UNSIGNED_INT,
  type Column,
} from '../../protocol/connection/column-type.js';
import type { ResultSet } from '../../protocol/connection/replies.js';
import type { ServerFacts } from '../server-facts.js';
import { majorOf } from './value.js';
import { asShown, likePattern, type VariableValue } from './variables.js';

const TWO_TEXTS = columns(TEXT, 'Variable_name', 'Value');

const WARNINGS: readonly Column[] = [
  { name: 'Level', type: TEXT },
  { name: 'Code', type: UNSIGNED_INT },
  { name: 'Message', type: TEXT },
];

/** There is never one here. */
export const showWarnings = (): ResultSet => ({ columns: WARNINGS, rows: [] });

/** There are no counters here. */
export const showStatus = (): ResultSet => ({ columns: TWO_TEXTS, rows: [] });

export function showVariables(variables: ReadonlyMap<string, VariableValue>, like: string | null): ResultSet {
  const pattern = like === null ? null : likePattern(like);
  const found = [...variables].filter(([name]) => pattern?.test(name) ?? true);
  return { columns: TWO_TEXTS, rows: found.map(([name, value]) => [name, asShown(value)]) };
}

export function showBinlogStatus({ flavour, end, executedGtidSet }: ServerFacts): ResultSet {
  const isMysql = flavour === 'MYSQL';
  return {
    columns: [
      { name: 'File', type: TEXT },
      { name: 'Position', type: UNSIGNED_BIGINT },
      ...columns(TEXT, 'Binlog_Do_DB', 'Binlog_Ignore_DB', ...(isMysql ? ['Executed_Gtid_Set'] : [])),
    ],
    rows: end ? [[end.file, String(end.position), '', '', ...(isMysql ? [executedGtidSet] : [])]] : [],
  };
}

export function showBinlogs({ flavour, files, version }: ServerFacts): ResultSet {
  const isEncryptable = flavour === 'MYSQL' && majorOf(version) >= 8;
  return {
    columns: [
      { name: 'Log_name', type: TEXT },
      { name: 'File_size', type: UNSIGNED_BIGINT },
      ...columns(TEXT, ...(isEncryptable ? ['Encrypted'] : [])),
    ],
    rows: files.map(({ name, sizeBytes }) => [name, String(sizeBytes), ...(isEncryptable ? ['No'] : [])]),
  };
}

export function showReplicas({ flavour, replicas, serverId }: ServerFacts, isLegacy: boolean): ResultSet {
  const hasUuid = flavour === 'MYSQL';
  const names = isLegacy
    ? { id: 'Server_id', sourceId: 'Master_id', uuid: 'Slave_UUID' }
    : { id: 'Server_Id', sourceId: 'Source_Id', uuid: 'Replica_UUID' };
  const rows = replicas.map(({ serverId: id, host, port, uuid }) => [
    ...[String(id), host, String(port), String(serverId)],
    ...(hasUuid ? [uuid] : []),
  ]);
  return {
    columns: [
      { name: names.id, type: UNSIGNED_INT },
      { name: 'Host', type: TEXT },
      { name: 'Port', type: UNSIGNED_INT },
      { name: names.sourceId, type: UNSIGNED_INT },
      ...columns(TEXT, ...(hasUuid ? [names.uuid] : [])),
    ],
    rows,
  };
}
