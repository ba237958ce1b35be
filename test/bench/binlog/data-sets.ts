import type { MysqlServer } from '../../harness/servers/mysql/server.js';

/** Two extremes of what a binlog may hold; about 400 MB of large rows, and 67 MB of small ones. */
export const DATA_SETS = ['big', 'small'] as const;
export type DataSet = (typeof DATA_SETS)[number];

const SMALL = Number(process.env['QUORATE_BENCH_SMALL_TRANSACTIONS'] ?? 200_000);
const BIG = Number(process.env['QUORATE_BENCH_BIG_TRANSACTIONS'] ?? 400);

/**
 * Fills the source's binlog. big: 400 transactions of 1,000 rows of 1 KB, in events of 8 KB. small: 200,000
 * transactions of one row, in events of some 67 bytes.
 */
export async function fill(source: MysqlServer, set: DataSet): Promise<void> {
  const connection = await source.connect({ multipleStatements: true });
  try {
    await connection.query(
      'CREATE DATABASE d; USE d; CREATE TABLE n (id INT PRIMARY KEY AUTO_INCREMENT, v INT)',
    );
    await connection.query(
      'CREATE TABLE b (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(1024)) CHARACTER SET latin1',
    );
    await connection.query(
      `CREATE PROCEDURE small(n INT) BEGIN
         WHILE n > 0 DO INSERT INTO d.n (v) VALUES (n); SET n = n - 1; END WHILE;
       END`,
    );
    await connection.query(
      `CREATE PROCEDURE big(n INT) BEGIN
         DECLARE i INT;
         WHILE n > 0 DO
           START TRANSACTION;
           SET i = 100;
           WHILE i > 0 DO
             INSERT INTO d.b (v) VALUES ${Array(10).fill("(REPEAT('x', 1000))").join(',')};
             SET i = i - 1;
           END WHILE;
           COMMIT;
           SET n = n - 1;
         END WHILE;
       END`,
    );
    await connection.query(set === 'small' ? `CALL d.small(${SMALL})` : `CALL d.big(${BIG})`);
  } finally {
    connection.destroy();
  }
}
