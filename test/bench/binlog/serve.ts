import { ServerSet } from '../../harness/servers/mysql/server-set.js';
import { cpuSeconds } from '../cpu.js';
import { Consumers, type Counted } from './consumers.js';
import { DATA_SETS, fill, type DataSet } from './data-sets.js';
import { ioThreadSeconds } from './io-thread.js';
import { StoreProcess } from './store.js';

const ROUNDS = Number(process.env['QUORATE_BENCH_ROUNDS'] ?? 3);
const MANY = 4;

/** How fast the journal is served: to a real replica's IO thread next to the source itself, and to clients that only count. */
export async function serveBenchmark(): Promise<void> {
  const results = [];
  for (const set of DATA_SETS) results.push(await measure(set));
  console.table(results);
  console.log(JSON.stringify({ benchmark: 'serve', results }));
}

async function measure(set: DataSet) {
  const servers = new ServerSet();
  const store = await StoreProcess.start();
  let consumers: Consumers | null = null;
  try {
    const source = await servers.start({ flavour: 'mysql56' });
    await fill(source, set);
    const executed = await source.gtidExecuted();
    const { bytes } = await store.ingest(source.port, executed);
    const megabytes = bytes / 1e6;
    consumers = await Consumers.start(MANY, store.port, bytes);
    const rounds = {
      direct: [] as number[],
      ours: [] as number[],
      one: [] as Counted[],
      many: [] as number[],
    };
    const cpu = { one: 0, many: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      rounds.direct.push(await ioThreadSeconds('mysql56', source.port, executed));
      rounds.ours.push(await ioThreadSeconds('mysql56', store.port, executed));
      const before = cpuSeconds(store.pids[0]!);
      const [one] = await consumers.count(1);
      const between = cpuSeconds(store.pids[0]!);
      rounds.one.push(one!);
      const many = await consumers.count(MANY);
      cpu.one += between - before;
      cpu.many += cpuSeconds(store.pids[0]!) - between;
      rounds.many.push(Math.max(...many.map(({ seconds }) => seconds)));
    }
    const [direct, ours] = [median(rounds.direct), median(rounds.ours)];
    const one = median(rounds.one.map(({ seconds }) => seconds));
    const many = median(rounds.many);
    return {
      set,
      megabytes: Math.round(megabytes),
      'source to replica MB/s': Math.round(megabytes / direct),
      'ours to replica MB/s': Math.round(megabytes / ours),
      ratio: Number((direct / ours).toFixed(2)),
      'one client MB/s': Math.round(megabytes / one),
      'one client events/s': Math.round(rounds.one[0]!.events / one),
      [`${MANY} clients MB/s`]: Math.round((MANY * megabytes) / many),
      [`${MANY} to one`]: Number(((MANY * one) / many).toFixed(2)),
      'MB per CPU s, one': Math.round((ROUNDS * megabytes) / cpu.one),
      [`MB per CPU s, ${MANY}`]: Math.round((ROUNDS * MANY * megabytes) / cpu.many),
      'peak MiB': Math.round(store.peakMemory),
    };
  } finally {
    consumers?.stop();
    await store.stop();
    await servers.remove();
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
