import { execFileSync } from 'node:child_process';
import { findProgram } from '../../test/harness/servers/find-program.js';

/** By the package of Debian that has it. */
const COMMANDS = [
  { command: 'etcd', debian: 'etcd-server', elsewhere: 'https://etcd.io' },
  { command: 'redis-server', debian: 'redis-server', elsewhere: 'https://redis.io' },
  { command: 'mariadbd', debian: 'mariadb-server', elsewhere: 'https://mariadb.org' },
  { command: 'mariadb-install-db', debian: 'mariadb-server', elsewhere: 'https://mariadb.org' },
];
const INSTALL = new URL('../../test/harness/servers/install-servers.sh', import.meta.url).pathname;

/** Installs what is missing, where that can be done; otherwise says what to install. */
export function provide(): void {
  const missing = COMMANDS.filter(({ command }) => findProgram(command) === undefined);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(({ debian }) => debian))];
  if (process.getuid?.() === 0 && findProgram('apt-get') !== undefined) {
    try {
      execFileSync('bash', [INSTALL, '--only', ...packages], { stdio: 'inherit' });
    } catch {
      // What is missing is told below.
    }
  }
  const still = missing.filter(({ command }) => findProgram(command) === undefined);
  if (still.length === 0) return;
  const list = still.map(({ command, elsewhere }) => `  ${command}  (${elsewhere})`).join('\n');
  throw new Error(
    `The demo needs these programs, and they are not here:\n${list}\n` +
      `On Debian and its relatives: sudo apt-get install --no-install-recommends ${packages.join(' ')}`,
  );
}
