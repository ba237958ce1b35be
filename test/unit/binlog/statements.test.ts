import { describe, expect, test } from 'vitest';
import { Executor } from '../../../src/binlog/server/query/executor.js';
import { SqlError } from '../../../src/binlog/server/query/sql-error.js';
import type { ServerFacts } from '../../../src/binlog/server/server-facts.js';
import { columns, TEXT } from '../../../src/binlog/protocol/connection/column-type.js';
import type { ResultSet } from '../../../src/binlog/protocol/connection/replies.js';
import { COMMAND } from '../../../src/binlog/protocol/connection/commands.js';
import { CONVERSATIONS, conversation } from '../../harness/binlog/conversation.js';

const UUID = '31f00f00-e53e-11f1-a188-02fc00000001';

const MYSQL: ServerFacts = {
  flavour: 'MYSQL',
  version: '8.4.3',
  serverId: 77,
  serverUuid: UUID,
  hostName: 'db1',
  port: 3307,
  executedGtidSet: `${UUID}:1-9`,
  purgedGtidSet: `${UUID}:1-3`,
  gtidPosition: '',
  source: null,
  end: { file: 'binlog.000002', position: 4711 },
  files: [
    { name: 'binlog.000001', sizeBytes: 1_000 },
    { name: 'binlog.000002', sizeBytes: 4_711 },
  ],
  replicas: [{ serverId: 5, host: 'r1', port: 3306, uuid: 'u-5' }],
};

const MARIADB: ServerFacts = {
  ...MYSQL,
  flavour: 'MARIADB',
  version: '10.11.19-MariaDB-log',
  executedGtidSet: '0-1-4,0-2-9',
  gtidPosition: '0-2-9',
};

function session(facts: ServerFacts = MYSQL, killed: number[] = []): Executor {
  return new Executor({
    facts: () => facts,
    connectionId: 12,
    user: () => 'repl@127.0.0.1',
    kill: (id) => void killed.push(id),
    showBinlogEvents: (statement) =>
      Promise.resolve({ columns: columns(TEXT, 'asked'), rows: [[JSON.stringify(statement)]] }),
  });
}

async function value(sql: string, facts?: ServerFacts): Promise<string | null> {
  return ((await session(facts).execute(sql)) as ResultSet).rows[0]![0]!;
}

const names = ({ columns: found }: ResultSet): string[] => found.map(({ name }) => name);

const recorded = (names: (name: string) => boolean): string[] => [
  ...new Set(
    CONVERSATIONS.filter(names)
      .flatMap((name) => conversation(name))
      .filter(
        ({ from, sequence, payload }) => from === 'client' && sequence === 0 && payload[0] === COMMAND.QUERY,
      )
      .map(({ payload }) => payload.subarray(1).toString().replace('\0\x01', '')),
  ),
];

describe('what replicas and tools ask', () => {
  test.each(recorded((name) => /56|97|tag/.test(name)))('of a MySQL server: %s', async (sql) => {
    const result = await session().execute(sql);
    if (/^SET/.test(sql)) expect(result).toBeNull();
    else expect(result?.rows).toHaveLength(1);
  });

  test.each(recorded((name) => name.startsWith('md') || name === 'cli-md'))(
    'of a MariaDB server: %s',
    async (sql) => {
      const result = await session(MARIADB).execute(sql);
      if (/^(SET|KILL)/.test(sql)) expect(result).toBeNull();
      else expect(result?.rows).toHaveLength(1);
    },
  );

  test.each([
    ['set wait_timeout=9999999', null],
    ["set names 'binary'", null],
    ['SET NAMES utf8mb4 COLLATE utf8mb4_general_ci', null],
    ['SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ', null],
    ['set @slave_uuid=uuid()', null],
    ["SET @mariadb_slave_capability='4'", null],
    ["show variables like 'binlog_format'", 'binlog_format ROW'],
    ["show variables like 'binlog_row_image'", 'binlog_row_image FULL'],
    ["SHOW GLOBAL VARIABLES LIKE 'BINLOG_CHECKSUM'", 'binlog_checksum CRC32'],
    ["SHOW VARIABLES WHERE Variable_name = 'log_bin'", 'log_bin ON'],
    ["SHOW VARIABLES LIKE 'gtid\\_mo__'", 'gtid_mode ON'],
    ["SHOW VARIABLES LIKE 'gtid.mode'", ''],
    ['select @@global.binlog_checksum', 'CRC32'],
    ['select @@GLOBAL.binlog_checksum as checksum', 'CRC32'],
    ['SELECT VERSION() AS version', '8.4.3'],
    ['SELECT @@GLOBAL.gtid_executed AS gtidExecuted', `${UUID}:1-9`],
    ['/* ApplicationName=x */ SELECT @@server_id, @@port;', '77 3307'],
    ['SELECT @@version_comment LIMIT 1', 'Quorate binlog server'],
    ['SELECT 1', '1'],
    ['SELECT CONNECTION_ID()', '12'],
    ['SELECT @@global.log_bin', '1'],
    ['show master status', `binlog.000002 4711   ${UUID}:1-9`],
    ['SHOW BINARY LOG STATUS', `binlog.000002 4711   ${UUID}:1-9`],
    ['SHOW MASTER LOGS', 'binlog.000001 1000 No binlog.000002 4711 No'],
    ['show slave hosts', '5 r1 3306 77 u-5'],
    ['SHOW REPLICAS', '5 r1 3306 77 u-5'],
    ['SHOW WARNINGS', ''],
    ['SHOW SLAVE STATUS', ''],
    ["SHOW REPLICA STATUS FOR CHANNEL 'x'", ''],
    ['SELECT USER()', 'repl@127.0.0.1'],
    [`SELECT GTID_SUBSET('${UUID}:2', '${UUID}:1-3'), gtid_subset('${UUID}:2:9', '${UUID}:1-3')`, '1 0'],
    [`SELECT GTID_SUBTRACT(@@global.gtid_executed, '${UUID}:1-3')`, `${UUID}:4-9`],
    ["SELECT GTID_SUBSET(@unset, '')", ''],
    ['begin', null],
    ['START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY', null],
    ['COMMIT WORK AND NO CHAIN', null],
    ['rollback', null],
    ['use `shop`', null],
    ["SHOW GLOBAL STATUS LIKE 'Rpl%'", ''],
    ["SET @@session.time_zone='+00:00', autocommit=ON, @a := 'it''s'", null],
  ])('%s', async (sql, expected) => {
    const result = await session().execute(sql);
    expect(result && result.rows.flat().join(' ')).toBe(expected);
  });

  test('a column is named as it was asked for, or by its alias', async () => {
    const sql = "select  @@GLOBAL.Server_ID , @@version_comment AS c, unix_timestamp(), 'text'";
    expect(names((await session().execute(sql))!)).toEqual([
      ...['@@GLOBAL.Server_ID', 'c', 'unix_timestamp()', 'text'],
    ]);
  });

  test('what is where, MySQL 5.6 as well', async () => {
    const old = { ...MYSQL, version: '5.6.24-log' };
    expect(names((await session(old).execute('SHOW BINARY LOGS'))!)).toEqual(['Log_name', 'File_size']);
    expect((await session(MARIADB).execute('SHOW MASTER STATUS'))!.columns).toHaveLength(4);
    expect((await session({ ...MYSQL, end: null }).execute('SHOW MASTER STATUS'))!.rows).toEqual([]);
    const asked = await value("SHOW BINLOG EVENTS IN 'binlog.000002' FROM 4 LIMIT 2, 10");
    expect(JSON.parse(asked!)).toMatchObject({ file: 'binlog.000002', from: 4, offset: 2, limit: 10 });
  });
});

describe('a session', () => {
  test('remembers its variables', async () => {
    const own = session();
    await own.execute('SET @master_heartbeat_period = 3000000000, @source_heartbeat_period=3000000000');
    await own.execute('SET @Master_Binlog_Checksum= @@global.binlog_checksum');
    expect(own.variables.get('source_heartbeat_period')).toBe('3000000000');
    expect((await own.execute('SELECT @master_binlog_checksum'))!.rows).toEqual([['CRC32']]);
    expect((await own.execute('SELECT @other'))!.rows).toEqual([[null]]);
  });

  test('knows the database that was chosen, whether it is in a transaction, and whether it commits by itself', async () => {
    const own = session();
    const status: number[] = [];
    for (const sql of [
      'BEGIN',
      'COMMIT AND CHAIN',
      'ROLLBACK',
      'SET autocommit = 0',
      'SET @@session.autocommit = ON',
    ]) {
      await own.execute(sql);
      status.push(own.status);
    }
    expect(status).toEqual([3, 3, 2, 0, 2]);
    expect((await own.execute('SELECT DATABASE()'))!.rows).toEqual([[null]]);
    await own.execute('USE shop');
    expect((await own.execute('SELECT DATABASE()'))!.rows).toEqual([['shop']]);
  });

  test('may end a connection by its number', async () => {
    const killed: number[] = [];
    for (const sql of ['KILL 12', 'KILL CONNECTION 13', 'kill query 14'])
      await session(MYSQL, killed).execute(sql);
    expect(killed).toEqual([12, 13, 14]);
  });

  test('cannot keep more than a bounded amount', async () => {
    const own = session();
    for (let i = 0; i < 200; i++) await own.execute(`SET @v${i} = 1`);
    await expect(own.execute('SET @one_more = 1')).rejects.toThrow('Too many user variables');
    expect(own.variables.size).toBe(0);
  });
});

describe('a flavour is recognised by what is missing', () => {
  test.each([
    ['SELECT @@GLOBAL.gtid_domain_id', MYSQL],
    ['SELECT @@GLOBAL.GTID_MODE', MARIADB],
    ['SELECT @@GLOBAL.server_uuid', MARIADB],
    ['SELECT @@nosuchvar', MYSQL],
  ])('%s', async (sql, facts) => {
    const name = /(\w+)$/.exec(sql)![1]!.toLowerCase();
    await expect(session(facts).execute(sql)).rejects.toMatchObject({
      errno: 1193,
      message: `Unknown system variable '${name}'`,
    });
  });
});

describe('functions of GTIDs', () => {
  test.each([
    ["SELECT GTID_SUBSET('x', '')", MYSQL, 1772],
    ["SELECT GTID_SUBTRACT('', 'x')", MYSQL, 1772],
    ["SELECT GTID_SUBSET('')", MYSQL, 1582],
    ["SELECT GTID_SUBSET('', '')", MARIADB, 1305],
  ])('are refused as servers refuse them: %s', async (sql, facts, errno) => {
    await expect(session(facts).execute(sql)).rejects.toMatchObject({ errno });
  });
});

describe('other statements', () => {
  test.each([
    'SELECT * FROM t',
    'INSERT INTO t VALUES (1)',
    'SELECT SLEEP(10)',
    'SHOW TABLES',
    'SET',
    'SET @a',
    'SELECT',
    "SELECT 'unfinished",
    'KILL',
    'SELECT 1; SELECT 2',
    '',
    '\0\0\0',
    'SELECT @@@@',
    "SHOW VARIABLES WHERE Value = 'x'",
    'SELECT 0x41',
    'START TRANSACTION NOW',
    'COMMIT RELEASE',
    'USE',
    'SELECT VERSION(1)',
    "SELECT GTID_SUBSET('', ''",
  ])('are refused with an error, not with a closed connection: %j', async (sql) => {
    await expect(session().execute(sql)).rejects.toBeInstanceOf(SqlError);
  });

  test('are not repeated at length', async () => {
    const error: unknown = await session()
      .execute(`SELECT ${'x'.repeat(10_000)}`)
      .catch((reason: unknown) => reason);
    expect(String(error).length).toBeLessThan(300);
  });
});
