import { readFileSync } from 'node:fs';
import { Etcd3 } from 'etcd3';
import buildProgram from '../harness/servers/build.js';
import { startShardedRedis, type ShardedRedis } from '../harness/servers/sharded-redis.js';
import { cpuSeconds } from './cpu.js';
import { Latencies } from './latencies.js';
import { Subscriber } from './subscribers.js';

const SUBSCRIBERS = Number(process.env['QUORATE_BENCH_SUBSCRIBERS'] ?? 1_000);
const CHANGES = 40;
const STORM_SECONDS = 10;
const STORM_PER_SECOND = 10_000;
const QUERY_SECONDS = 5;
const QUERY_CLIENTS = 8;

const SLOTS = {
  query: 'subscription { slotStatus { number status group { number } targetGroup { number } revision } }',
};
const PROXIES = { query: 'subscription { proxyStatus { name state sessions opsPerSecond revision } }' };
const OVERVIEW = `{
  cluster { name leader { name } coordinator { kind reachable revision } }
  members { name role isLeader state version }
  groups { number slotCount servers { address role reachable keys usedMemory opsPerSecond } }
  proxies { name address state sessions opsPerSecond opsTotal }
  slotRanges { from to status group { number } targetGroup { number } }
  operations(first: 10) { nodes { id state title done total } }
}`;

/** What many subscribers cost, how soon they know, and what the overview takes. */
export async function apiBenchmark(): Promise<void> {
  await buildProgram();
  const cluster = await startShardedRedis({ groups: 2, proxies: 2 });
  try {
    const queries = await overview(cluster);
    const { subscribers, memory, events } = await subscribe(cluster);
    const fanOut = await changes(cluster, events);
    const storm = await statusStorm(cluster, events);
    for (const subscriber of subscribers) subscriber.close();
    const result = { subscribers: SUBSCRIBERS, ...queries, ...memory, ...fanOut, ...storm };
    console.table(result);
    console.log(JSON.stringify({ benchmark: 'api', ...result }));
  } finally {
    await cluster.stop();
  }
}

/** Told of every event that any subscriber gets. */
interface Events {
  onSlots: (text: string) => void;
  onProxy: (text: string) => void;
}

async function subscribe(cluster: ShardedRedis) {
  const [member] = cluster.members;
  const { pid } = member!.process;
  const events: Events = { onSlots: () => undefined, onProxy: () => undefined };
  let first = 0;
  const before = residentBytes(pid);
  const subscribers: Subscriber[] = [];
  const startedAt = performance.now();
  const complete = new Promise<void>((resolve) => {
    events.onSlots = () => {
      if (++first === SUBSCRIBERS) resolve();
    };
  });
  for (let i = 0; i < SUBSCRIBERS; i++) {
    subscribers.push(
      await Subscriber.connect(`ws://127.0.0.1:${member!.port}/graphql`, [SLOTS, PROXIES], (text, which) =>
        which === 0 ? events.onSlots(text) : events.onProxy(text),
      ),
    );
  }
  await complete;
  const seconds = (performance.now() - startedAt) / 1_000;
  const memory = {
    'all subscribed after s': round(seconds),
    'memory per subscriber KiB': Math.round((residentBytes(pid) - before) / SUBSCRIBERS / 1_024),
  };
  return { subscribers, memory, events };
}

/** One slot changes its group at a time; how long until everybody has been told. */
async function changes(cluster: ShardedRedis, events: Events) {
  const [member] = cluster.members;
  const each = new Latencies();
  const last = new Latencies();
  for (let i = 0; i < CHANGES; i++) {
    const slot = 100 + i;
    let seen = 0;
    const startedAt = performance.now();
    const all = new Promise<void>((resolve) => {
      events.onSlots = (text) => {
        if (!text.includes(`"number":${slot},`)) return;
        each.add(performance.now() - startedAt);
        if (++seen === SUBSCRIBERS) resolve();
      };
    });
    await member!.run(
      'mutation ($s: Int!) { assignSlots(input: { from: $s, to: $s, group: 2, force: true }) { userErrors { message } } }',
      { s: slot },
    );
    await all;
    last.add(performance.now() - startedAt);
  }
  const { p50, p99 } = each.summary();
  return {
    'change to subscriber p50 ms': p50,
    'change to subscriber p99 ms': p99,
    'change to the last one p50 ms': last.summary().p50,
  };
}

/** Proxies acknowledge as if there were a hundred of them, a hundred times a second each. */
async function statusStorm({ etcd, members, proxies }: ShardedRedis, events: Events) {
  const [member] = members;
  const { pid } = member!.process;
  const client = new Etcd3({ hosts: [...etcd.endpoints] });
  const root = '/quorate/default/';
  const record = await client.get(`${root}proxies/p1`).string();
  const names = Array.from({ length: 100 }, (_, i) => `storm${i}`);
  for (const name of names)
    await client.put(`${root}proxies/${name}`).value(record!.replaceAll('"p1"', `"${name}"`));
  let received = 0;
  events.onProxy = () => void received++;
  const memoryBefore = residentBytes(pid);
  const cpuBefore = cpuSeconds(pid);
  const startedAt = performance.now();
  let written = 0;
  let revision = 0;
  while (performance.now() - startedAt < STORM_SECONDS * 1_000) {
    const due = ((performance.now() - startedAt) / 1_000) * STORM_PER_SECOND;
    if (written >= due) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      continue;
    }
    revision++;
    await client
      .if('none', 'Create', '==', 0)
      .then(
        ...names.map((name) =>
          client
            .put(`${root}proxy-acks/${name}`)
            .value(JSON.stringify({ incarnation: 'storm', revision: String(revision), waitingFor: null })),
        ),
      )
      .commit();
    written += names.length;
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  const result = {
    'storm changes/s': Math.round(written / seconds),
    'storm events/s': Math.round(received / seconds),
    'storm member CPU %': Math.round((100 * (cpuSeconds(pid) - cpuBefore)) / seconds),
    'storm memory MiB': Math.round((residentBytes(pid) - memoryBefore) / 2 ** 20),
    'storm settled after ms': 0,
  };
  const quietAt = performance.now();
  for (let before = -1; before !== received;) {
    before = received;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  result['storm settled after ms'] = Math.round(performance.now() - quietAt - 250);
  for (const name of names) await client.delete().key(`${root}proxies/${name}`);
  await client.delete().prefix(`${root}proxy-acks/storm`);
  client.close();
  void proxies;
  return result;
}

async function overview({ members }: ShardedRedis) {
  const [member] = members;
  const { pid } = member!.process;
  const latencies = new Latencies();
  const cpuBefore = cpuSeconds(pid);
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: QUERY_CLIENTS }, async () => {
      while (performance.now() - startedAt < QUERY_SECONDS * 1_000) {
        const askedAt = performance.now();
        await member!.run(OVERVIEW);
        latencies.add(performance.now() - askedAt);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  const { p50, p99 } = latencies.summary();
  return {
    'overview queries/s': Math.round(latencies.count / seconds),
    'overview p50 ms': p50,
    'overview p99 ms': p99,
    'overview member CPU %': Math.round((100 * (cpuSeconds(pid) - cpuBefore)) / seconds),
  };
}

function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
