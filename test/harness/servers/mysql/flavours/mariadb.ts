import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findProgram } from '../../find-program.js';
import { REPL, REPLICATION_PRIVILEGES, ROOT } from '../accounts.js';
import { tlsArguments, userArguments } from './arguments.js';
import type { Flavour } from './flavour.js';
import { sourceSettings, type ReplicationWords } from './words.js';

const SERVER = findProgram('mariadbd') ?? '/usr/sbin/mariadbd';

const words: ReplicationWords = {
  changeSource: (source) =>
    `CHANGE MASTER TO ${[
      ...sourceSettings('MASTER', source),
      `MASTER_USE_GTID = ${source.position === undefined ? 'slave_pos' : 'no'}`,
    ].join(', ')}`,
  start: 'START SLAVE',
  stop: 'STOP SLAVE',
  forget: 'RESET SLAVE ALL',
  status: 'SHOW SLAVE STATUS',
  workerErrors: null,
  executed: 'SELECT @@GLOBAL.gtid_current_pos AS executed',
  reached: (set) => `SELECT MASTER_GTID_WAIT('${set}', 0) = 0 AS reached`,
  startAfter: (set) => ['RESET MASTER', `SET GLOBAL gtid_slave_pos = '${set}'`],
  binaryLogs: 'SHOW BINARY LOGS',
  flushLogs: 'FLUSH BINARY LOGS',
};

/** Debian's MariaDB. */
export const mariadb: Flavour = {
  name: 'mariadb',
  unavailable: () => (existsSync(SERVER) ? null : 'mariadb-server is not installed'),
  server: [SERVER],
  dump: { save: ['mariadb-dump'], load: ['mariadb'] },
  binlog: ['mariadb-binlog'],
  initialiser: (directory) => [
    'mariadb-install-db',
    ...['--no-defaults', `--datadir=${directory}`, '--skip-test-db'],
    '--auth-root-authentication-method=normal',
    ...userArguments(),
  ],
  version: () => /Ver (\S+)/.exec(execFileSync(SERVER, ['--version'], { encoding: 'utf8' }))![1]!,
  serverArguments: ({ semiSync, tls }) => [
    ...['--log-slave-updates', '--gtid-strict-mode=1', '--relay-log-recovery=1', '--slave-net-timeout=60'],
    ...['--innodb-log-file-size=64M'],
    ...(semiSync === 'source' || semiSync === 'both' ? ['--rpl-semi-sync-master-enabled=1'] : []),
    ...(semiSync === 'replica' || semiSync === 'both' ? ['--rpl-semi-sync-slave-enabled=1'] : []),
    ...(tls === undefined ? ['--skip-ssl'] : tlsArguments(tls)),
  ],
  accounts: [
    `GRANT ALL ON *.* TO '${ROOT.user}'@'127.0.0.1' IDENTIFIED BY '${ROOT.password}' WITH GRANT OPTION`,
    `GRANT ${REPLICATION_PRIVILEGES} ON *.* TO '${REPL.user}'@'%' IDENTIFIED BY '${REPL.password}'`,
  ],
  words,
};
