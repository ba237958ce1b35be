import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection, type Connection } from 'mysql2/promise';
import { mustFind } from './needs.js';
import type { Program } from './programs.js';

/** Servers refuse to run as root unless told. */
const AS_ROOT = process.getuid?.() === 0 ? ['--user=root'] : [];

/** One MariaDB on this machine, with a binlog and GTIDs. */
export class MariaDb {
  constructor(
    readonly name: string,
    readonly port: number,
    private readonly folder: string,
    readonly password: string,
  ) {}

  private get data(): string {
    return join(this.folder, this.name);
  }

  /** What it is started by; its data must be there. */
  get program(): Program {
    const temporary = join(this.folder, `${this.name}-tmp`);
    mkdirSync(temporary, { recursive: true });
    const args = [
      ...['--no-defaults', ...AS_ROOT, `--datadir=${this.data}`, `--tmpdir=${temporary}`],
      ...[`--socket=${this.data}/s`, `--pid-file=${this.data}/pid`, `--init-file=${this.accounts()}`],
      ...[
        '--bind-address=127.0.0.1',
        `--port=${this.port}`,
        `--server-id=${this.port}`,
        '--skip-name-resolve',
      ],
      ...['--log-bin=binlog', '--binlog-format=ROW', '--binlog-checksum=CRC32', '--log-slave-updates'],
      ...['--gtid-strict-mode=1', '--relay-log=relay', '--relay-log-recovery=1', '--slave-net-timeout=10'],
      ...['--character-set-server=utf8mb4', '--performance-schema=OFF', '--sync-binlog=0'],
      ...[
        '--innodb-flush-log-at-trx-commit=2',
        '--innodb-buffer-pool-size=64M',
        '--innodb-log-file-size=16M',
      ],
    ];
    return { name: this.name, command: mustFind('mariadbd'), args };
  }

  connect(): Promise<Connection> {
    return createConnection({
      ...{ host: '127.0.0.1', port: this.port, user: 'demo', password: this.password },
      connectTimeout: 2_000,
    });
  }

  /** By a connection of its own. */
  async query(sql: string): Promise<Record<string, unknown>[]> {
    const connection = await this.connect();
    try {
      const [rows] = await connection.query(sql);
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
    } finally {
      connection.destroy();
    }
  }

  /** Read at each start, and not written to the binlog: replicas have their own. */
  private accounts(): string {
    const file = join(this.folder, `${this.name}-accounts.sql`);
    const statements = [
      'SET sql_log_bin = 0',
      `CREATE OR REPLACE USER demo@'127.0.0.1' IDENTIFIED BY '${this.password}'`,
      `GRANT ALL ON *.* TO demo@'127.0.0.1' WITH GRANT OPTION`,
      `CREATE OR REPLACE USER repl@'127.0.0.1' IDENTIFIED BY '${this.password}'`,
      `GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO repl@'127.0.0.1'`,
    ];
    writeFileSync(file, statements.map((statement) => `${statement};\n`).join(''), { mode: 0o600 });
    return file;
  }
}

/** Fresh data for all of them: made once, and copied. */
export async function makeData(folder: string, names: readonly string[]): Promise<void> {
  const [first, ...others] = names;
  const args = ['--no-defaults', ...AS_ROOT, `--datadir=${join(folder, first!)}`, '--skip-test-db'];
  await promisify(execFile)(mustFind('mariadb-install-db'), [
    ...args,
    '--auth-root-authentication-method=normal',
  ]);
  for (const name of others) cpSync(join(folder, first!), join(folder, name), { recursive: true });
}
