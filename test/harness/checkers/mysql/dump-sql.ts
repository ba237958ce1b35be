import { join } from 'node:path';
import { ROOT } from '../../servers/mysql/accounts.js';
import type { MysqlServer } from '../../servers/mysql/server.js';
import { run } from '../../servers/mysql/tools.js';

const OPTIONS = [
  ...['--hex-blob', '--skip-lock-tables', '--skip-add-locks', '--skip-comments', '--routines', '--triggers'],
  ...['--default-character-set=utf8mb4', '--max-allowed-packet=1G'],
];

/** By the flavour's own dump program. */
export async function saveSql(
  server: MysqlServer,
  databases: readonly string[],
  directory: string,
): Promise<void> {
  // MySQL's program alone would write the GTIDs too.
  const gtids = server.flavour.name === 'mariadb' ? [] : ['--set-gtid-purged=OFF'];
  const args = [...login(server), ...OPTIONS, ...gtids, '--databases', ...databases];
  await run(server.flavour.dump!.save, args, { output: join(directory, 'dump.sql') });
}

export async function loadSql(server: MysqlServer, directory: string): Promise<void> {
  const args = [...login(server), '--init-command=SET SESSION sql_log_bin = 0', '--binary-mode'];
  await run(server.flavour.dump!.load, args, { input: join(directory, 'dump.sql') });
}

function login(server: MysqlServer): string[] {
  return [
    ...['--no-defaults', '--host=127.0.0.1', `--port=${server.port}`],
    ...[`--user=${ROOT.user}`, `--password=${ROOT.password}`],
  ];
}
