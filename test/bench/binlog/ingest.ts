import { ServerSet } from '../../harness/servers/mysql/server-set.js';
import { cpuSeconds } from '../cpu.js';
import type { BenchmarkOptions } from '../options.js';
import { DATA_SETS, fill, type DataSet } from './data-sets.js';
import { ioThreadSeconds } from './io-thread.js';
import { StoreProcess } from './store.js';

const ROUNDS = Number(process.env['QUORATE_BENCH_ROUNDS'] ?? 3);

/** How fast the binlog of a MySQL 5.6 source comes into the journal, next to a replica's IO thread straight from it. */
export async function ingestBenchmark({ members }: BenchmarkOptions): Promise<void> {
  const results = [];
  for (const set of DATA_SETS) results.push(await measure(set, members));
  console.table(results);
  console.log(JSON.stringify({ benchmark: 'ingest', members, results }));
}

interface Run {
  readonly direct: number;
  readonly seconds: number;
  readonly cpu: number;
  readonly memory: number;
}

async function measure(set: DataSet, members: number) {
  const servers = new ServerSet();
  try {
    const source = await servers.start({ flavour: 'mysql56' });
    await fill(source, set);
    const executed = await source.gtidExecuted();
    const megabytes = (await source.binlogFiles()).reduce((sum, { size }) => sum + size, 0) / 1e6;
    const runs: Run[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const direct = await ioThreadSeconds('mysql56', source.port, executed);
      const store = await StoreProcess.start(members);
      const cpu = (): number => store.pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
      const before = cpu();
      const { seconds } = await store.ingest(source.port, executed);
      runs.push({ direct, seconds, cpu: cpu() - before, memory: store.peakMemory });
      await store.stop();
    }
    const median = (of: (run: Run) => number): number =>
      runs.map(of).sort((a, b) => a - b)[Math.floor(runs.length / 2)]!;
    const [direct, ours] = [median((run) => run.direct), median((run) => run.seconds)];
    return {
      set,
      megabytes: Math.round(megabytes),
      'IO thread MB/s': Math.round(megabytes / direct),
      'ours MB/s': Math.round(megabytes / ours),
      ratio: Number((direct / ours).toFixed(2)),
      'CPU s': Number(median((run) => run.cpu).toFixed(2)),
      'peak MiB': Math.round(Math.max(...runs.map((run) => run.memory))),
    };
  } finally {
    await servers.remove();
  }
}
