import type { MysqlServer } from '../../harness/servers/mysql/server.js';
import { ServerSet } from '../../harness/servers/mysql/server-set.js';
import { FLAVOUR_NAMES, isMissing } from '../../harness/servers/mysql/flavours/flavours.js';
import { StoreProcess } from './store.js';

const COMMITS = Number(process.env['QUORATE_BENCH_COMMITS'] ?? 3_000);

/** What a client of the source waits for one commit: with nobody following, with us, and with us acknowledging. */
export async function commitLatencyBenchmark(): Promise<void> {
  const results = [];
  // 5.6 has no semi-synchronous replication here.
  for (const flavour of FLAVOUR_NAMES.filter((name) => name !== 'mysql56' && !isMissing(name)))
    results.push(...(await measure(flavour)));
  console.table(results);
  console.log(JSON.stringify({ benchmark: 'commit-latency', results }));
}

async function measure(flavour: MysqlServer['flavour']['name']) {
  const servers = new ServerSet();
  const store = await StoreProcess.start();
  try {
    const source = await servers.start({ flavour, semiSync: 'source', durable: true });
    await source.query('CREATE DATABASE d');
    await source.query('CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v CHAR(20))');
    const rows = [{ flavour, following: 'nobody', ...(await commits(source)) }];
    await store.ingest(source.port, await source.gtidExecuted(), false);
    rows.push({ flavour, following: 'ours, asynchronous', ...(await commits(source)) });
    await store.ingest(source.port, await source.gtidExecuted(), true);
    await semiSyncClients(source);
    rows.push({ flavour, following: 'ours, semi-synchronous', ...(await commits(source)) });
    return rows;
  } finally {
    await store.stop();
    await servers.remove();
  }
}

async function semiSyncClients(source: MysqlServer): Promise<void> {
  for (;;) {
    const [row] = await source.query("SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_%_clients'");
    if (Number(row!['Value']) === 1) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** How many commits have been acknowledged so far. */
async function acknowledged(source: MysqlServer): Promise<number> {
  const [row] = await source.query("SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_%_yes_tx'");
  return Number(row!['Value']);
}

async function commits(source: MysqlServer) {
  const before = await acknowledged(source);
  const connection = await source.connect();
  const times: number[] = [];
  for (let i = 0; i < COMMITS; i++) {
    const startedAt = performance.now();
    await connection.query("INSERT INTO d.t (v) VALUES ('twenty characters ..')");
    times.push(performance.now() - startedAt);
  }
  connection.destroy();
  times.sort((a, b) => a - b);
  const at = (share: number): number => Number(times[Math.floor(times.length * share)]!.toFixed(2));
  return { 'p50 ms': at(0.5), 'p99 ms': at(0.99), acknowledged: (await acknowledged(source)) - before };
}
