import { setTimeout as pause } from 'node:timers/promises';
import { HistoryLog } from '../../checkers/history/history.js';
import { judge, type Judgement, type KeyFinding } from '../../checkers/history/judge.js';
import { checkPlacement, type KeyDump } from '../../servers/sharded-redis.js';
import type { FaultCluster } from './fault-cluster.js';
import {
  becomesWhole,
  finishOperations,
  noteOwners,
  setLimits,
  spreadSlots,
  startMoves,
  when,
} from './drive.js';
import { inject } from './inject.js';
import { LoggingClients } from './logging-clients.js';
import { Observer } from './observer.js';
import type { Schedule } from './plan.js';
import { Random } from '../../random.js';
import { Run } from './run.js';

const CLIENTS = 16;
const WARM_MS = 400;

export interface ScheduleResult {
  readonly seed: number;
  readonly operations: number;
  readonly failed: number;
  /** Empty when all was as it must be. */
  readonly findings: readonly string[];
  readonly histories: readonly KeyFinding[];
  readonly notes: readonly string[];
  readonly seconds: number;
}

/** Something done on purpose in the middle of the moves, to see that it is found. */
export type Sabotage = (run: Run) => Promise<void>;

/** Runs one schedule on a cluster that is whole, and leaves it whole unless there are findings. */
export async function runSchedule(
  cluster: FaultCluster,
  schedule: Schedule,
  sabotage?: Sabotage,
): Promise<ScheduleResult> {
  const startedAt = performance.now();
  const log = new HistoryLog();
  const observer = new Observer(() => cluster.members);
  const run = new Run(cluster, schedule, observer, log);
  const clients = new LoggingClients({
    log,
    portOf: (proxy) => cluster.proxies[proxy]!.port,
    proxies: cluster.proxies.length,
    clients: CLIENTS,
    prefix: `s${schedule.seed}:${Math.round(startedAt)}:`,
    random: new Random(schedule.seed),
    mayMove: (slot) => run.isMoving(slot),
  });
  run.clients = clients;
  await spreadSlots(run);
  const cold = coldKeys(await checkPlacement(cluster, cluster.members[0]!));
  await noteOwners(run);
  // Besides what was planned: an order that was given twice, because its answer was lost, moves other slots as well.
  observer.onMove = (slot, from, to) => run.setMove(slot, from, to);
  observer.start();
  clients.start();
  try {
    await pause(WARM_MS);
    await setLimits(run, schedule.limits);
    const ended = await Promise.allSettled([
      startMoves(run, schedule.moves),
      ...schedule.faults.map((fault) => when(run, fault.trigger).then(() => inject(run, fault))),
      sabotage?.(run),
    ]);
    for (const result of ended) if (result.status === 'rejected') run.find(String(result.reason));
    await setLimits(run, { keysPerSecond: null, slotsPerBatch: 256, parallelPairs: 2 });
    await finishOperations(run);
  } finally {
    await clients.stop();
    await observer.stop();
  }
  const failed = clients.failed.length;
  for (const request of run.unexcused(clients.failed).slice(0, 10))
    run.find(`A request failed without reason: ${JSON.stringify(request)}`);
  let judgement: Judgement = { keys: 0, operations: 0, findings: [] };
  try {
    await becomesWhole(run);
    await clients.readAll();
    await checkKeys(run, cold);
    judgement = judge(log.operations);
    for (const { key, what } of judgement.findings.slice(0, 10)) run.find(`${key}: ${what}`);
    await clients.removeAll();
  } catch (error) {
    run.find(`The end could not be judged: ${String(error)}`);
  }
  return {
    seed: schedule.seed,
    operations: judgement.operations,
    failed,
    findings: run.findings,
    histories: judgement.findings,
    notes: run.notes,
    seconds: (performance.now() - startedAt) / 1_000,
  };
}

function coldKeys(dumps: ReadonlyMap<string, KeyDump>): Map<string, KeyDump> {
  return new Map([...dumps].filter(([, { key }]) => key.startsWith('cold:')));
}

/** Every key is at its group only, and what nobody has touched is what it was. */
async function checkKeys(run: Run, before: ReadonlyMap<string, KeyDump>): Promise<void> {
  try {
    const after = coldKeys(await checkPlacement(run.cluster, run.cluster.members[0]!));
    for (const [where, { digest, ttl }] of before) {
      const now = after.get(where);
      if (!now) run.find(`Key ${where} is lost.`);
      else if (now.digest !== digest) run.find(`Key ${where} has changed.`);
      else if (now.ttl >= 0 !== ttl >= 0) run.find(`Key ${where} has another time to live.`);
    }
    if (after.size !== before.size) run.find(`There were ${before.size} cold keys, now ${after.size}.`);
  } catch (error) {
    run.find(String(error));
  }
}
