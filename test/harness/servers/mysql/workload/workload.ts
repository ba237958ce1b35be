import { Random } from '../../../random.js';
import type { MysqlServer } from '../server.js';
import { Transactions } from './transactions.js';

export interface WorkloadOptions {
  /** The same seed makes the same tables, on every server of the flavour; each is for one run on a server. */
  readonly seed: number;
  readonly transactions: number;
  readonly connections?: number;
  /** Only what a replica has whole or not at all when it is killed: no MyISAM, no XA, no changes of tables. */
  readonly isCrashSafe?: boolean;
  /** Ends it after the transactions that are under way. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a mix of transactions over several connections, with changes of tables in between: all column types, big
 * rows, tables without keys and without transactions, savepoints, rollbacks and XA.
 *
 * @returns how many transactions were run
 */
export async function runWorkload(server: MysqlServer, options: WorkloadOptions): Promise<number> {
  const { seed, transactions, connections = 4, isCrashSafe = false, signal } = options;
  const random = new Random(seed);
  const counts = await Promise.all(
    Array.from({ length: connections }, (_, i) => {
      const database = `work_${seed}_${i}`;
      const own = new Transactions(server.flavour.name, database, random.fork(), isCrashSafe);
      const count = Math.floor((transactions + i) / connections);
      return runConnection(server, database, own, count, signal);
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

async function runConnection(
  server: MysqlServer,
  database: string,
  transactions: Transactions,
  wanted: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const connection = await server.connect({ multipleStatements: true });
  let done = 0;
  try {
    await connection.query(
      `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00';
       CREATE DATABASE ${database} CHARACTER SET utf8mb4; USE ${database}`,
    );
    for (const statement of transactions.preparation()) await connection.query(statement);
    for (; done < wanted && signal?.aborted !== true; done++) await connection.query(transactions.next());
    return done;
  } finally {
    connection.destroy();
  }
}
