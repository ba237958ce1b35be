import { HistoryLog } from '../history/history.js';
import { judge, type KeyFinding } from '../history/judge.js';
import { checkPlacement, type KeyDump } from '../sharded-redis.js';
import type { FaultCluster } from './fault-cluster.js';
import { change, inject } from './inject.js';
import { LoggingClients } from './logging-clients.js';
import { Observer } from './observer.js';
import type { PlannedMove, Schedule, Trigger } from './plan.js';
import { Random } from './random.js';
import { pause, Run } from './run.js';

const CLIENTS = 16;
const WARM_MS = 400;
const TRIGGER_WITHIN_MS = 5_000;
/** A group with fewer could not take part in every move that is planned. */
const MIN_SLOTS = 300;
const END_WITHIN_MS = 45_000;

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
  await becomesWhole(run);
  await clients.readAll();
  await checkKeys(run, cold);
  const judgement = judge(log.operations);
  for (const { key, what } of judgement.findings.slice(0, 10)) run.find(`${key}: ${what}`);
  await clients.removeAll();
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

/** What earlier schedules have moved together must not leave a group without slots to move. */
async function spreadSlots(run: Run): Promise<void> {
  const { slotRanges } = await run.cluster.ask<{
    slotRanges: { from: number; to: number; group: { number: number } }[];
  }>('{ slotRanges { from to group { number } } }');
  const owned = run.cluster.servers.map((_, index) =>
    slotRanges
      .filter(({ group }) => group.number === index + 1)
      .reduce((sum, { from, to }) => sum + to - from + 1, 0),
  );
  if (Math.min(...owned) >= MIN_SLOTS) return;
  await run.cluster.ask('mutation { rebalanceSlots { userErrors { message } } }');
  await finishOperations(run);
}

async function noteOwners(run: Run): Promise<void> {
  const { slots } = await run.cluster.ask<{ slots: { number: number; group: { number: number } }[] }>(
    '{ slots { number group { number } } }',
  );
  for (const { number, group } of slots) run.setOwner(number, group.number);
}

/** Waits until the moment that a fault is planned for, or for so long that it does not come any more. */
async function when(run: Run, { at, n, delayMs }: Trigger): Promise<void> {
  const { observer } = run;
  const isThere = (): boolean => {
    const operations = [...observer.operations.values()];
    switch (at) {
      case 'start':
        return operations.length > 0;
      case 'held':
        return observer.heldTimes >= n;
      case 'moving':
        return observer.movingTimes >= n;
      case 'tenths':
        return operations.some(({ done, total }) => total !== null && Number(done) * 10 >= Number(total) * n);
    }
  };
  const patience = Math.max(
    TRIGGER_WITHIN_MS,
    ...run.schedule.faults.map((fault) => fault.durationMs + 3_000),
  );
  if (!(await observer.reaches(isThere, patience))) run.note(`${at} ${n} did not come`);
  await pause(delayMs);
}

interface Started {
  readonly userErrors: { message: string }[];
  readonly operation: { id: string } | null;
  readonly plan: { slot: number; fromGroup: number; toGroup: number }[];
}

async function startMoves(run: Run, moves: readonly PlannedMove[]): Promise<void> {
  for (const { move, delayMs } of moves) {
    await pause(delayMs);
    const answer = 'userErrors { message } operation { id } plan { slot fromGroup toGroup }';
    const { started } = await run.cluster.ask<{ started: Started }>(
      move
        ? `mutation ($s: Int!, $c: Int!, $t: Int!) { started: moveSlots(input: { sourceGroup: $s, count: $c, targetGroup: $t }) { ${answer} } }`
        : `mutation { started: rebalanceSlots { ${answer} } }`,
      move ? { s: move.source, c: move.count, t: move.target } : {},
    );
    for (const { slot, fromGroup, toGroup } of started.plan) run.setMove(slot, fromGroup, toGroup);
    const what = move ? `move ${move.count} slots ${move.source}>${move.target}` : 'rebalance';
    run.note(`${what}: ${started.operation?.id ?? JSON.stringify(started.userErrors)}`);
  }
}

async function setLimits(
  run: Run,
  limits: { keysPerSecond: number | null; slotsPerBatch: number; parallelPairs: number },
): Promise<void> {
  await run.cluster.ask(
    'mutation ($k: Int, $b: Int!, $p: Int!) { setMigrationLimits(input: { keysPerSecond: $k, slotsPerBatch: $b, parallelPairs: $p }) { userErrors { message } } }',
    { k: limits.keysPerSecond, b: limits.slotsPerBatch, p: limits.parallelPairs },
  );
}

/** Whatever stopped them has been mended: resumed, all operations come to a good end. */
async function finishOperations(run: Run): Promise<void> {
  const deadline = performance.now() + END_WITHIN_MS;
  for (;;) {
    const { operations } = await run.cluster.ask<{
      operations: { nodes: { id: string; state: string; error: string | null }[] };
    }>('{ operations(first: 10) { nodes { id state error } } }');
    const failed = operations.nodes.filter(({ state }) => state === 'FAILED');
    const open = operations.nodes.filter(
      ({ state }) => !['SUCCEEDED', 'CANCELLED', 'FAILED'].includes(state),
    );
    for (const { id, error } of failed) run.find(`Operation ${id} failed: ${error}`);
    if (open.length === 0) return;
    if (performance.now() > deadline) {
      run.find(`Operations did not end: ${JSON.stringify(open)}`);
      return;
    }
    for (const { id, state, error } of open) {
      if (state !== 'PAUSED') continue;
      run.note(`${id} is paused: ${error}`);
      await change(run, 'resumeOperation', id);
    }
    await pause(250);
  }
}

/** Every process is back and in touch, and no slot is under way. */
async function becomesWhole(run: Run): Promise<void> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const { proxies, members, slotRanges } = await run.cluster.ask<{
      proxies: { name: string; state: string }[];
      members: { name: string }[];
      slotRanges: { status: string }[];
    }>('{ proxies { name state } members { name } slotRanges { status } }');
    const isWhole =
      proxies.filter(({ state }) => state === 'ONLINE').length === run.cluster.proxies.length &&
      members.length === run.cluster.members.length &&
      slotRanges.every(({ status }) => status === 'ONLINE');
    if (isWhole) return;
    if (performance.now() > deadline) {
      run.find(`The cluster is not whole again: ${JSON.stringify({ proxies, members, slotRanges })}`);
      return;
    }
    await pause(100);
  }
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
