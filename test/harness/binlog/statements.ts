import type { FlavourName } from '../servers/mysql/flavours/flavour.js';
import type { MysqlServer } from '../servers/mysql/server.js';

export const TABLES = [
  'CREATE DATABASE d',
  'USE d',
  'CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, a VARCHAR(200), b DOUBLE, at DATETIME) ENGINE=InnoDB',
  'CREATE TABLE m (id INT PRIMARY KEY AUTO_INCREMENT, a VARCHAR(200)) ENGINE=MyISAM',
  'CREATE TABLE big (id INT PRIMARY KEY, data LONGBLOB) ENGINE=InnoDB',
];

/** Each form that a transaction can have in any flavour. */
export const COMMON = [
  "INSERT INTO m (a) VALUES ('one'), ('two')",
  "UPDATE m SET a = 'three'",
  'BEGIN',
  "INSERT INTO t (a) VALUES ('x')",
  'SAVEPOINT s',
  "INSERT INTO t (a) VALUES ('y')",
  'ROLLBACK TO s',
  "INSERT INTO t (a) VALUES ('z')",
  'COMMIT',
  "XA START 'one'",
  "INSERT INTO t (a) VALUES ('xa')",
  "XA END 'one'",
  "XA PREPARE 'one'",
  "XA COMMIT 'one'",
  "XA START 'two'",
  "INSERT INTO t (a) VALUES ('xa')",
  "XA END 'two'",
  "XA PREPARE 'two'",
  "XA ROLLBACK 'two'",
  "XA START 'three'",
  "INSERT INTO t (a) VALUES ('xa')",
  "XA END 'three'",
  "XA COMMIT 'three' ONE PHASE",
  'CREATE TEMPORARY TABLE temp_rows (id INT)',
  'INSERT INTO temp_rows VALUES (1)',
  'INSERT INTO t (a) SELECT id FROM temp_rows',
  'DROP TEMPORARY TABLE temp_rows',
  'CREATE TABLE other LIKE t',
  'ALTER TABLE other ADD COLUMN more INT',
  'CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1',
  'DROP FUNCTION f',
  'CREATE TRIGGER tr BEFORE INSERT ON other FOR EACH ROW SET NEW.more = 5',
  "INSERT INTO other (a) VALUES ('triggered')",
  'CREATE VIEW v AS SELECT id FROM t',
  'TRUNCATE TABLE other',
  'DROP TABLE other',
  "GRANT SELECT ON d.* TO 'repl'@'%'",
  'ANALYZE TABLE t',
  'FLUSH TABLES',
  "INSERT INTO big VALUES (1, REPEAT('x', 20000000))",
];

/** With INTVAR, RAND and USER_VAR events before them. */
export const STATEMENTS = [
  "SET SESSION binlog_format = 'STATEMENT'",
  "INSERT INTO t (a, at) VALUES ('now', NOW())",
  "SET @value = 'from a variable'",
  'INSERT INTO t (a) VALUES (@value)',
  'INSERT INTO m (a) VALUES (@value)',
  'UPDATE t SET b = RAND() WHERE id = 1',
  'INSERT INTO m (id, a) SELECT NULL, RAND()',
  'BEGIN',
  "INSERT INTO t (a) VALUES ('first'), ('second')",
  'INSERT INTO t (a, b) VALUES (LAST_INSERT_ID(), RAND())',
  'COMMIT',
  'CREATE TEMPORARY TABLE temp_statements (id INT)',
  'DROP TEMPORARY TABLE temp_statements',
];

export const OF_FLAVOUR: Readonly<Record<FlavourName, readonly string[]>> = {
  mysql56: [],
  mysql97: [
    'CREATE TABLE filled SELECT id, a FROM t',
    'SET SESSION binlog_transaction_compression = ON',
    "INSERT INTO t (a) VALUES (REPEAT('compressed', 10))",
    "INSERT INTO big VALUES (2, REPEAT('y', 18000000))",
    'SET SESSION binlog_transaction_compression = OFF',
    "SET SESSION gtid_next = 'AUTOMATIC:first_tag'",
    "INSERT INTO t (a) VALUES ('tagged')",
    "INSERT INTO m (a) VALUES ('tagged')",
    "SET SESSION gtid_next = 'AUTOMATIC:second_tag'",
    'CREATE TABLE tagged (id INT)',
    "SET SESSION gtid_next = 'AUTOMATIC'",
    "SET SESSION binlog_rows_query_log_events = ON, binlog_row_image = 'MINIMAL'",
    "UPDATE t SET a = 'minimal' WHERE id = 1",
    "SET SESSION binlog_rows_query_log_events = OFF, binlog_row_image = 'FULL'",
  ],
  mariadb: [
    'CREATE TABLE filled SELECT id, a FROM t',
    'CREATE OR REPLACE TABLE filled SELECT id, a FROM t',
    'CREATE SEQUENCE numbers',
    'SELECT NEXTVAL(numbers)',
    'SET GLOBAL log_bin_compress = ON, log_bin_compress_min_len = 10',
    "INSERT INTO t (a) VALUES (REPEAT('compressed', 10))",
    "INSERT INTO big VALUES (2, REPEAT('y', 18000000))",
    "CREATE TABLE commented (id INT) COMMENT 'a text that is long enough to be worth compressing, long enough'",
    'SET GLOBAL log_bin_compress = OFF',
    'SET SESSION gtid_domain_id = 3',
    "INSERT INTO t (a) VALUES ('another domain')",
    'SET SESSION gtid_domain_id = 0',
    'SET SESSION server_id = 4711',
    "INSERT INTO t (a) VALUES ('another server')",
    'BEGIN',
    "INSERT INTO t (a) VALUES ('rolled back')",
    "INSERT INTO m (a) VALUES ('kept')",
    'ROLLBACK',
    'START TRANSACTION',
    'CREATE TEMPORARY TABLE temp_inside (id INT) ENGINE=InnoDB',
    "INSERT INTO t (a) VALUES ('with a temporary table')",
    'DROP TEMPORARY TABLE temp_inside',
    'COMMIT',
  ],
};

/** MySQL writes the names of so many databases into the head of a statement. */
const DATABASES = Array.from({ length: 16 }, (_, i) => 'абвгдежзиклмнопр'[i]!.repeat(64));
const FAR_TABLES = DATABASES.map((database) => `\`${database}\`.t`);

export const LONG_NAMES = DATABASES.map((database) => `CREATE DATABASE \`${database}\``);

/** A statement that begins beyond 2 KiB of its event, in MySQL, and what can be dropped by it. */
export const LONG_HEADS = [
  ...FAR_TABLES.map((table) => `CREATE TABLE ${table} (id INT)`),
  `DROP TABLE ${FAR_TABLES.join(', ')}`,
];

/** As `LONG_HEADS`, as often as one likes. */
export const LONG_HEAD = `DROP TABLE IF EXISTS ${FAR_TABLES.join(', ')}`;

/** One after the other, by one connection. */
export async function runAll(server: MysqlServer, statements: readonly string[]): Promise<void> {
  const connection = await server.connect();
  try {
    for (const statement of statements) {
      await connection.query(statement).catch((error: unknown) => {
        throw new Error(`${statement}: ${String(error)}`);
      });
    }
  } finally {
    connection.destroy();
  }
}
