import buildProgram from '../../harness/servers/build.js';
import { latencyTable, measureLatency } from './latency.js';
import { CLIENTS, SETTINGS } from './settings.js';
import { startTargets } from './targets.js';
import { measureThroughput, throughputTable } from './throughput.js';

/** What a server, twemproxy and our proxy can do, and how long requests through the proxies take at half of it. */
export async function proxyBenchmark(): Promise<void> {
  await buildProgram();
  const targets = await startTargets();
  try {
    const throughput = await measureThroughput(targets);
    console.log('Thousands of requests a second, and per second of the CPU time of the proxy:');
    console.table(throughputTable(throughput, targets));
    const latency = SETTINGS.measuresLatency ? await measureLatency(targets, throughput) : [];
    console.log('Milliseconds from when a request was due, at half of the peak of the slower proxy:');
    console.table(latencyTable(latency));
    console.log(JSON.stringify({ benchmark: 'proxy', clients: CLIENTS, ...SETTINGS, throughput, latency }));
  } finally {
    await targets.stop();
  }
}
