import { apiBenchmark } from './api.js';
import { commitLatencyBenchmark } from './binlog/commit-latency.js';
import { failoverBenchmark } from './binlog/failover.js';
import { ingestBenchmark } from './binlog/ingest.js';
import { serveBenchmark } from './binlog/serve.js';
import { dashboardBenchmark } from './dashboard.js';
import { migrationBenchmark } from './migration.js';
import { readOptions, type BenchmarkOptions } from './options.js';
import { proxyBenchmark } from './proxy/proxy.js';

/** `npm run bench -- NAME [--members N]`. Each prints a table for people and one line of JSON. */
const BENCHMARKS: Readonly<Record<string, (options: BenchmarkOptions) => Promise<void>>> = {
  api: apiBenchmark,
  'commit-latency': commitLatencyBenchmark,
  dashboard: dashboardBenchmark,
  failover: failoverBenchmark,
  ingest: ingestBenchmark,
  migration: migrationBenchmark,
  proxy: proxyBenchmark,
  serve: serveBenchmark,
};

const name = process.argv[2] ?? '';
const benchmark = BENCHMARKS[name];
if (!benchmark) {
  console.error(`Which benchmark? npm run bench -- ${Object.keys(BENCHMARKS).join(' | ')}`);
  process.exitCode = 1;
} else {
  await benchmark(readOptions(process.argv.slice(3)));
  // The servers under test have been stopped; idle clients would keep the process for a while.
  process.exit();
}
