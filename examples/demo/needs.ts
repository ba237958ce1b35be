import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** By the package of Debian that has it. */
const COMMANDS = [
  { command: 'etcd', debian: 'etcd-server', elsewhere: 'https://etcd.io' },
  { command: 'redis-server', debian: 'redis-server', elsewhere: 'https://redis.io' },
  { command: 'mariadbd', debian: 'mariadb-server', elsewhere: 'https://mariadb.org' },
  { command: 'mariadb-install-db', debian: 'mariadb-server', elsewhere: 'https://mariadb.org' },
];
const INSTALL = new URL('../../test/harness/servers/install-servers.sh', import.meta.url).pathname;

/** Where a program is; servers are often not on a user's PATH. */
export function find(command: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, command)).find((file) => existsSync(file));
}

/** @returns where the program is; {@link provide} has made sure that it is there */
export function mustFind(command: string): string {
  const found = find(command);
  if (found === undefined) throw new Error(`There is no ${command}.`);
  return found;
}

/** Installs what is missing, where that can be done; otherwise says what to install. */
export function provide(): void {
  const missing = COMMANDS.filter(({ command }) => find(command) === undefined);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(({ debian }) => debian))];
  if (process.getuid?.() === 0 && find('apt-get') !== undefined) {
    try {
      execFileSync('bash', [INSTALL, '--only', ...packages], { stdio: 'inherit' });
    } catch {
      // What is missing is told below.
    }
  }
  const still = missing.filter(({ command }) => find(command) === undefined);
  if (still.length === 0) return;
  const list = still.map(({ command, elsewhere }) => `  ${command}  (${elsewhere})`).join('\n');
  throw new Error(
    `The demo needs these programs, and they are not here:\n${list}\n` +
      `On Debian and its relatives: sudo apt-get install --no-install-recommends ${packages.join(' ')}`,
  );
}
