import { setTimeout as pause } from 'node:timers/promises';
import { ChaosCluster } from '../../harness/faults/chaos/chaos-cluster.js';
import type { ChaosMember } from '../../harness/faults/chaos/chaos-member.js';
import { ConfirmingWriter, newestRow } from '../../harness/faults/chaos/confirming-writer.js';
import type { MysqlServer } from '../../harness/servers/mysql/server.js';
import { until } from '../../harness/until.js';
import buildProgram from '../../harness/servers/build.js';

const KILLS = Number(process.env['QUORATE_BENCH_KILLS'] ?? 20);
const LOOK_MS = 5;
/** By then, what was on its way when it happened has long come. */
const ROWS_AFTERWARDS = 100;
/** That are followed one by one. */
const ROWS = 300;

/**
 * How long replicas of the surviving members see no new row when the leader is killed, and when it hands over; and how much
 * later a replica at a follower sees a row than the one at the leader.
 */
export async function failoverBenchmark(): Promise<void> {
  await buildProgram();
  const cluster = await ChaosCluster.start({ flavour: 'mariadb', diskMegabytes: 512, isDirect: true });
  try {
    const writer = await ConfirmingWriter.start(cluster.source, 2);
    const gaps = { killed: [] as number[], handedOver: [] as number[] };
    for (let i = 0; i < KILLS; i++) {
      await settled(cluster);
      gaps.killed.push(await gapOf(cluster, (leader) => leader.kill()));
      await cluster.members.find(({ api }) => !api.process.isRunning)!.restart();
      await settled(cluster);
      const next = (await leaderOf(cluster)).name === 'm1' ? 'm2' : 'm1';
      const handOver = (): Promise<unknown> =>
        cluster.ask(`mutation { transferLeadership(input: { to: "${next}" }) { userErrors { message } } }`);
      gaps.handedOver.push(await gapOf(cluster, handOver));
    }
    await writer.stop();
    const lag = await followerLag(cluster);
    const results = [
      { 'the leader': 'is killed', ...inMilliseconds(gaps.killed) },
      { 'the leader': 'hands over', ...inMilliseconds(gaps.handedOver) },
      { 'the leader': '(a follower is behind it)', ...inMilliseconds(lag) },
    ];
    console.table(results);
    console.log(JSON.stringify({ benchmark: 'failover', results, gaps }));
  } finally {
    await cluster.stop();
  }
}

async function leaderOf(cluster: ChaosCluster): Promise<ChaosMember> {
  const name = await cluster.leader();
  return cluster.members.find((member) => member.name === name)!;
}

/** All members run, and all replicas get what is written. */
async function settled(cluster: ChaosCluster): Promise<void> {
  for (const { api } of cluster.members) await api.ready();
  const newest = Math.max(...(await Promise.all(cluster.replicas.map(newestRow))));
  await until('all replicas go on', async () => {
    const rows = await Promise.all(cluster.replicas.map(newestRow));
    return rows.every((row) => row > newest + 20);
  });
  await pause(500);
}

/** The longest time without a new row at a replica of a member that goes on, from the call until all is well again. */
async function gapOf(
  cluster: ChaosCluster,
  what: (leader: ChaosMember) => Promise<unknown>,
): Promise<number> {
  const leader = await leaderOf(cluster);
  const replica = cluster.replicas[cluster.members.findIndex((member) => member !== leader)]!;
  let [newest, since, longest] = [await newestRow(replica), performance.now(), 0];
  let isDone = false;
  const done = what(leader).finally(() => (isDone = true));
  for (let rows = 0; !isDone || rows < ROWS_AFTERWARDS;) {
    await pause(LOOK_MS);
    const row = await newestRow(replica);
    longest = Math.max(longest, performance.now() - since);
    if (row === newest) continue;
    if (isDone) rows += row - newest;
    [newest, since] = [row, performance.now()];
  }
  await done;
  return longest;
}

/** Of single rows, written one by one: when the replica at the leader has it, and when one at a follower has. */
async function followerLag(cluster: ChaosCluster): Promise<number[]> {
  const leader = await leaderOf(cluster);
  const at = (isLeader: boolean): MysqlServer =>
    cluster.replicas[cluster.members.findIndex((member) => (member === leader) === isLeader)]!;
  const [near, far] = [at(true), at(false)];
  const lags: number[] = [];
  const first = (await newestRow(cluster.source)) + 1;
  for (let id = first; id < first + ROWS; id++) {
    const seen = [near, far].map((replica) => sees(replica, id));
    await cluster.source.query(`INSERT INTO chaos.t VALUES (${id}, 0, '')`);
    const [one, other] = await Promise.all(seen);
    lags.push(Math.max(0, other! - one!));
  }
  return lags;
}

async function sees(replica: MysqlServer, id: number): Promise<number> {
  for (;;) {
    const [row] = await replica.query(`SELECT id FROM chaos.t WHERE id = ${id}`);
    if (row) return performance.now();
  }
}

function inMilliseconds(values: readonly number[]) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!);
  return { times: values.length, 'p50 ms': at(0.5), 'p95 ms': at(0.95), 'p99 ms': at(0.99), 'max ms': at(1) };
}
