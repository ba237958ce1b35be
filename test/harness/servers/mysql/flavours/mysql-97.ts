import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { REPL, REPLICATION_PRIVILEGES, ROOT } from '../accounts.js';
import { CACHE } from '../cache.js';
import { tlsArguments, userArguments } from './arguments.js';
import type { Flavour, Program } from './flavour.js';
import { sourceSettings, type ReplicationWords } from './words.js';

/** A Debian sid, made by the install script. */
const SID = join(CACHE, 'sid');
const LIBRARIES = ['lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu', 'usr/lib/mysql/private'];

/** A program of sid, run on this system by sid's own loader with sid's own libraries. */
function sid(program: string): Program {
  const libraries = LIBRARIES.map((path) => join(SID, path)).join(':');
  return [join(SID, 'lib64/ld-linux-x86-64.so.2'), '--library-path', libraries, join(SID, program)];
}

const SERVER = sid('usr/sbin/mysqld');
const PATHS = [`--basedir=${join(SID, 'usr')}`, `--plugin-dir=${join(SID, 'usr/lib/mysql/plugin')}`];

const words: ReplicationWords = {
  changeSource: (source) =>
    `CHANGE REPLICATION SOURCE TO ${[
      ...sourceSettings('SOURCE', source),
      `SOURCE_AUTO_POSITION = ${source.position === undefined ? 1 : 0}`,
      'SOURCE_RETRY_COUNT = 86400',
      ...(source.tls === undefined ? ['SOURCE_SSL = 0', 'GET_SOURCE_PUBLIC_KEY = 1'] : []),
    ].join(', ')}`,
  start: 'START REPLICA',
  stop: 'STOP REPLICA',
  forget: 'RESET REPLICA ALL',
  status: 'SHOW REPLICA STATUS',
  workerErrors: `SELECT last_error_message AS error FROM performance_schema.replication_applier_status_by_worker
    WHERE last_error_number <> 0`,
  executed: 'SELECT @@GLOBAL.gtid_executed AS executed',
  reached: (set) => `SELECT GTID_SUBSET('${set}', @@GLOBAL.gtid_executed) AS reached`,
  startAfter: (set) => ['RESET BINARY LOGS AND GTIDS', `SET GLOBAL gtid_purged = '${set}'`],
  binaryLogs: 'SHOW BINARY LOGS',
  flushLogs: 'FLUSH BINARY LOGS',
};

/** Debian sid's MySQL. It knows no native passwords. */
export const mysql97: Flavour = {
  name: 'mysql97',
  unavailable: () => (existsSync(join(SID, 'usr/sbin/mysqld')) ? null : `MySQL 9 is not in ${SID}`),
  server: SERVER,
  dump: { save: sid('usr/bin/mysqldump'), load: sid('usr/bin/mysql') },
  binlog: sid('usr/bin/mysqlbinlog'),
  initialiser: (directory) => [
    ...SERVER,
    ...['--no-defaults', '--initialize-insecure', `--datadir=${directory}`, ...PATHS],
    ...userArguments(),
  ],
  tidy: (directory) => {
    // Each server makes a UUID of its own, and offers TLS only with the certificates that a test gives it.
    for (const name of ['auto.cnf', 'ca.pem', 'server-cert.pem', 'server-key.pem'])
      rmSync(join(directory, name), { force: true });
  },
  version: () => {
    const [command, ...args] = SERVER;
    return /Ver (\S+)/.exec(execFileSync(command, [...args, '--version'], { encoding: 'utf8' }))![1]!;
  },
  serverArguments: ({ semiSync, tls }) => [
    ...PATHS,
    ...[
      '--gtid-mode=ON',
      '--enforce-gtid-consistency=ON',
      '--relay-log-recovery=1',
      '--replica-net-timeout=60',
    ],
    ...[
      '--mysqlx=OFF',
      '--secure-file-priv=NULL',
      '--innodb-redo-log-capacity=128M',
      '--auto-generate-certs=OFF',
    ],
    ...(semiSync === 'source' || semiSync === 'both'
      ? ['--plugin-load-add=semisync_source.so', '--rpl-semi-sync-source-enabled=1']
      : []),
    ...(semiSync === 'replica' || semiSync === 'both'
      ? ['--plugin-load-add=semisync_replica.so', '--rpl-semi-sync-replica-enabled=1']
      : []),
    ...(tls === undefined ? [] : tlsArguments(tls)),
  ],
  accounts: [
    `CREATE USER '${ROOT.user}'@'127.0.0.1' IDENTIFIED BY '${ROOT.password}'`,
    `GRANT ALL ON *.* TO '${ROOT.user}'@'127.0.0.1' WITH GRANT OPTION`,
    `CREATE USER '${REPL.user}'@'%' IDENTIFIED BY '${REPL.password}'`,
    `GRANT ${REPLICATION_PRIVILEGES} ON *.* TO '${REPL.user}'@'%'`,
  ],
  words,
};
