import type { FlavourName } from '../../servers/mysql/flavours/flavour.js';

/** What a replica tells its source before it asks for events. */
export interface SetupOptions {
  /** None when 0. */
  readonly heartbeatSeconds: number;
  /** NONE has the made-up events come without checksum; null says nothing, as a replica that knows of none. */
  readonly checksum: 'CRC32' | 'NONE' | null;
  readonly uuid: string;
  readonly semiSync: boolean;
  /** MariaDB alone: where to begin; null when that is said by file and position. */
  readonly gtids: string | null;
}

/** The queries of a replica of that flavour until it registers, and from then until it asks for events. */
export interface Setup {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export function setupOf(flavour: FlavourName, options: SetupOptions): Setup {
  return SETUPS[flavour](options);
}

const SETUPS: Readonly<Record<FlavourName, (options: SetupOptions) => Setup>> = {
  mysql56: ({ heartbeatSeconds, checksum, uuid, semiSync }) => ({
    before: [
      'SELECT UNIX_TIMESTAMP()',
      "SHOW VARIABLES LIKE 'SERVER_ID'",
      ...when(heartbeatSeconds > 0, `SET @master_heartbeat_period= ${nanoseconds(heartbeatSeconds)}`),
      ...oldChecksum(checksum),
      'SELECT @@GLOBAL.GTID_MODE',
      "SHOW VARIABLES LIKE 'SERVER_UUID'",
      `SET @slave_uuid= '${uuid}'`,
    ],
    after: oldSemiSync(semiSync),
  }),
  mysql97: ({ heartbeatSeconds, checksum, uuid, semiSync }) => ({
    before: [
      'SELECT UNIX_TIMESTAMP()',
      'SELECT @@GLOBAL.SERVER_ID',
      ...when(heartbeatSeconds > 0, both('heartbeat_period', nanoseconds(heartbeatSeconds))),
      ...(checksum === null
        ? []
        : [both('binlog_checksum', checksumValue(checksum)), 'SELECT @source_binlog_checksum']),
      'SELECT @@GLOBAL.GTID_MODE',
      'SELECT @@GLOBAL.SERVER_UUID',
      `SET @slave_uuid = '${uuid}', @replica_uuid = '${uuid}'`,
    ],
    after: semiSync ? ['SELECT @@global.rpl_semi_sync_source_enabled', 'SET @rpl_semi_sync_replica = 1'] : [],
  }),
  mariadb: ({ heartbeatSeconds, checksum, semiSync, gtids }) => ({
    before: [
      'SELECT UNIX_TIMESTAMP()',
      "SHOW VARIABLES LIKE 'SERVER_ID'",
      ...when(heartbeatSeconds > 0, `SET @master_heartbeat_period= ${nanoseconds(heartbeatSeconds)}`),
      ...oldChecksum(checksum),
      'SET @mariadb_slave_capability=4',
      ...(gtids === null
        ? []
        : [
            'SELECT @@GLOBAL.gtid_domain_id',
            `SET @slave_connect_state='${gtids}'`,
            'SET @slave_gtid_strict_mode=1',
            'SET @slave_gtid_ignore_duplicates=0',
          ]),
    ],
    after: oldSemiSync(semiSync),
  }),
};

function when(condition: boolean, query: string): string[] {
  return condition ? [query] : [];
}

function nanoseconds(seconds: number): string {
  return String(Math.round(seconds * 1e9));
}

function both(variable: string, value: string): string {
  return `SET @master_${variable} = ${value}, @source_${variable} = ${value}`;
}

function checksumValue(checksum: 'CRC32' | 'NONE'): string {
  return checksum === 'NONE' ? "'NONE'" : '@@global.binlog_checksum';
}

function oldChecksum(checksum: 'CRC32' | 'NONE' | null): string[] {
  if (checksum === null) return [];
  return [`SET @master_binlog_checksum= ${checksumValue(checksum)}`, 'SELECT @master_binlog_checksum'];
}

function oldSemiSync(semiSync: boolean): string[] {
  return semiSync
    ? ["SHOW VARIABLES LIKE 'rpl_semi_sync_master_enabled'", 'SET @rpl_semi_sync_slave= 1']
    : [];
}
