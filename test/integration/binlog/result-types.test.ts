import { createConnection, type Connection } from 'mysql2/promise';
import { afterEach, describe, expect, test } from 'vitest';
import { BinlogCluster } from '../../harness/servers/binlog/binlog-cluster.js';
import { REPL } from '../../harness/servers/mysql/accounts.js';
import { FLAVOUR_NAMES, isMissing } from '../../harness/servers/mysql/flavours/flavours.js';
import type { FlavourName } from '../../harness/servers/mysql/flavours/flavour.js';

const UUID = '31f00f00-e53e-11f1-a188-02fc00000001';
const NO_CHARACTERS = 63;
const UNSIGNED = 0x20;

const SELECTED = [
  ...['UNIX_TIMESTAMP()', 'NOW()', 'VERSION()', 'UUID()', 'CONNECTION_ID()', 'DATABASE()', 'SCHEMA()'],
  ...['USER()', 'CURRENT_USER()', 'SESSION_USER()'],
  ...[
    '1',
    '-5',
    '1.5',
    '999999999',
    '2000000000',
    '3000000000',
    '18446744073709551615',
    '99999999999999999999',
  ],
  ...["'abc'", 'NULL', '@unset', '@text', '@whole', '@large', '@fraction', '@nothing', '@switch', '@number'],
  ...[
    '@@server_id',
    '@@GLOBAL.binlog_checksum',
    '@@log_bin',
    '@@read_only',
    '@@autocommit',
    '@@port',
    '@@version',
  ],
  ...[
    '@@version_comment',
    '@@wait_timeout',
    '@@max_allowed_packet',
    '@@lower_case_table_names',
    '@@sql_mode',
  ],
  ...['@@binlog_format', '@@binlog_row_image', '@@log_slave_updates', '@@hostname', '@@time_zone'],
];

const MYSQL = [
  ...[
    '@@GLOBAL.gtid_mode',
    '@@server_uuid',
    '@@gtid_executed',
    '@@gtid_purged',
    '@@enforce_gtid_consistency',
  ],
  `GTID_SUBSET('${UUID}:1', '${UUID}:1-3')`,
  ...["GTID_SUBSET(NULL, '')", "GTID_SUBTRACT('', '')", `GTID_SUBTRACT('${UUID}:1-9', '${UUID}:1-3')`],
];

const MARIADB = [
  ...['@@GLOBAL.gtid_domain_id', '@@gtid_binlog_pos', '@@gtid_binlog_state', '@@gtid_current_pos'],
  ...['@@gtid_slave_pos', '@@gtid_strict_mode'],
];

const SHOWN: Readonly<Record<FlavourName, readonly string[]>> = {
  mysql56: [
    ...['SHOW MASTER STATUS', 'SHOW MASTER LOGS', 'SHOW SLAVE HOSTS', 'SHOW SLAVE STATUS'],
    'SELECT @@tx_isolation',
  ],
  mysql97: [
    ...['SHOW BINARY LOG STATUS', 'SHOW REPLICAS', 'SHOW REPLICA STATUS'],
    'SELECT @@transaction_isolation',
  ],
  mariadb: [
    ...['SHOW MASTER STATUS', 'SHOW BINLOG STATUS', 'SHOW SLAVE HOSTS', 'SHOW REPLICA HOSTS'],
    ...['SHOW SLAVE STATUS', 'SHOW REPLICA STATUS', 'SHOW ALL SLAVES STATUS'],
    'SELECT @@tx_isolation',
  ],
};

const statements = (flavour: FlavourName): string[] => [
  "SET @text = 'x', @whole = 5, @large = 3000000000, @fraction = 1.5, @nothing = NULL, @switch = @@log_bin, @number = @@server_id",
  ...[...SELECTED, ...(flavour === 'mariadb' ? MARIADB : MYSQL)].map((what) => `SELECT ${what}`),
  ...['SHOW BINARY LOGS', 'SHOW BINLOG EVENTS LIMIT 1', 'SHOW WARNINGS', "SHOW GLOBAL STATUS LIKE 'nope'"],
  ...["SHOW VARIABLES LIKE 'server_id'", ...SHOWN[flavour]],
];

interface Field {
  readonly name: string;
  readonly columnType: number;
  readonly characterSet: number;
  readonly flags: number;
  readonly decimals: number;
}

/** Of each column what tells a client how to read it. */
async function described(connection: Connection, sql: string): Promise<unknown> {
  const [, fields] = (await connection.query(sql)) as unknown as [unknown, Field[] | undefined];
  return fields?.map(({ name, columnType, characterSet, flags, decimals }) => {
    const isNumber = characterSet === NO_CHARACTERS;
    const isTextual = columnType >= 0xf9;
    return {
      ...{ name, columnType, isNumber, isUnsigned: (flags & UNSIGNED) !== 0 },
      decimals: isTextual ? null : decimals,
    };
  });
}

const cluster = new BinlogCluster();
const connections: Connection[] = [];

afterEach(async () => {
  for (const connection of connections.splice(0)) connection.destroy();
  await cluster.remove();
});

async function connect(port: number): Promise<Connection> {
  const connection = await createConnection({ host: '127.0.0.1', port, ...REPL });
  connections.push(connection);
  return connection;
}

describe.each(FLAVOUR_NAMES)('columns of results, with %s', (flavour) => {
  test.skipIf(isMissing(flavour))('have the types that the source gives them', async () => {
    const source = await cluster.server({ flavour });
    const store = await cluster.store();
    await store.follow(source);
    await source.query('CREATE DATABASE d');
    await store.reach(await source.gtidExecuted());
    await source.query(`GRANT ALL ON *.* TO '${REPL.user}'@'%'`);
    const [theirs, ours] = [await connect(source.port), await connect(store.port)];
    const [expected, found]: Record<string, unknown>[] = [{}, {}];
    for (const sql of statements(flavour)) {
      expected![sql] = await described(theirs, sql);
      found![sql] = await described(ours, sql);
    }
    expect(found).toEqual(expected);
  });

  test.skipIf(isMissing(flavour))('numbers arrive at a client as numbers', async () => {
    const source = await cluster.server({ flavour });
    const store = await cluster.store();
    await store.follow(source);
    await source.query('CREATE DATABASE d');
    await store.reach(await source.gtidExecuted());
    const ours = await connect(store.port);
    const [[log]] = (await ours.query('SHOW BINARY LOGS')) as unknown as [{ File_size: unknown }[]];
    expect(log!.File_size).toBe(store.journal.segments()[0]!.sizeBytes);
    const [[time]] = (await ours.query('SELECT UNIX_TIMESTAMP() AS now')) as unknown as [{ now: unknown }[]];
    expect(typeof time!.now).toBe('number');
  });
});
