import { setTimeout as pause } from 'node:timers/promises';
import { HistoryLog } from '../../checkers/history/history.js';
import { judge, type Judgement } from '../../checkers/history/judge.js';
import { Random } from '../../random.js';
import { RespClient } from '../../servers/redis-client.js';
import { becomesWhole, finishOperations, setLimits } from './drive.js';
import type { FaultCluster } from './fault-cluster.js';
import { assign, makeChange, planChanges, type ForcedChange } from './forced-changes.js';
import { LoggingClients } from './logging-clients.js';
import { Observer } from './observer.js';
import { Run } from './run.js';
import type { ScheduleResult } from './runner.js';

export const PROXY_STATES = ['cut', 'silenced', 'delayed', 'stopped'] as const;
export type ProxyState = (typeof PROXY_STATES)[number];

const CLIENTS = 12;
const WARM_MS = 300;
const AWAY_MS = 3_500;

/** What the proxy suffers while the changes are made: the way to etcd, or the process. */
export function proxyStateOf(seed: number): ProxyState {
  return PROXY_STATES[seed % PROXY_STATES.length]!;
}

/**
 * Makes every kind of change while one proxy has lost etcd only, hangs, or hears of everything seconds late. Clients go on
 * through all proxies, and the history tells whether two of them ever served one slot at two places.
 */
export async function runForced(cluster: FaultCluster, seed: number): Promise<ScheduleResult> {
  const startedAt = performance.now();
  const random = new Random(-seed - 1);
  const faulty = random.below(cluster.proxies.length);
  const log = new HistoryLog();
  const observer = new Observer(() => cluster.members);
  const run = new Run(
    cluster,
    { seed, limits: { keysPerSecond: 0, slotsPerBatch: 0, parallelPairs: 0 }, moves: [], faults: [] },
    observer,
    log,
  );
  const clients = (run.clients = new LoggingClients({
    ...{ log, proxies: cluster.proxies.length, clients: CLIENTS, random: new Random(seed) },
    portOf: (proxy) => cluster.proxies[proxy]!.port,
    prefix: `f${seed}:${Math.round(startedAt)}:`,
    mayMove: () => false,
  }));
  await setLimits(run, { keysPerSecond: null, slotsPerBatch: 64, parallelPairs: 2 });
  observer.start();
  clients.start();
  try {
    await pause(WARM_MS);
    const changes = planChanges(seed, faulty);
    const heal = breakProxy(run, faulty, proxyStateOf(seed), random);
    const made = makeAll(run, changes);
    await Promise.race([made, pause(AWAY_MS)]);
    heal();
    await made;
    await assignRest(run, random);
    await finishOperations(run);
    // One that was removed is out for good, whenever it learns that.
    if (changes.some(({ text }) => text.startsWith('removeProxy'))) await replaceProxy(run, faulty);
    await bringProxiesBack(run);
    await assignRest(run, random);
  } finally {
    await clients.stop();
    await observer.stop();
  }
  let judgement: Judgement = { keys: 0, operations: 0, findings: [] };
  try {
    await becomesWhole(run);
    await clients.readAll();
    judgement = judge(log.operations);
    for (const { key, what } of judgement.findings.slice(0, 10)) run.find(`${key}: ${what}`);
    await clients.removeAll();
  } catch (error) {
    run.find(`The end could not be judged: ${String(error)}`);
  }
  return {
    ...{ seed, operations: judgement.operations, failed: clients.failed.length },
    ...{ findings: run.findings, histories: judgement.findings, notes: run.notes },
    seconds: (performance.now() - startedAt) / 1_000,
  };
}

/** One after the other in each of two lanes: changes meet each other, too. */
async function makeAll(run: Run, changes: readonly ForcedChange[]): Promise<void> {
  const lanes = [0, 1].map((lane) => changes.filter((_, i) => i % 2 === lane));
  await Promise.all(
    lanes.map(async (lane) => {
      for (const change of lane)
        await makeChange(run, change).catch((error: unknown) => run.note(String(error)));
    }),
  );
}

/** @returns what ends it */
function breakProxy(run: Run, proxy: number, state: ProxyState, random: Random): () => void {
  const { process } = run.cluster.proxies[proxy]!;
  const relays = run.cluster.etcdRelays[proxy]!;
  run.note(`p${proxy + 1} is ${state}`);
  if (state === 'stopped') process.signal('SIGSTOP');
  for (const relay of relays) {
    if (state === 'cut') relay.cut();
    if (state === 'silenced') relay.silence();
    if (state === 'delayed') relay.delayMs = random.between(300, 3_000);
  }
  return () => {
    if (state === 'stopped') process.signal('SIGCONT');
    for (const relay of relays) {
      relay.delayMs = 0;
      relay.restore();
    }
    run.note(`p${proxy + 1} is itself again`);
  };
}

/** Slots that a change has left without a group get one. */
async function assignRest(run: Run, random: Random): Promise<void> {
  const { slotRanges } = await run.cluster.ask<{
    slotRanges: { from: number; to: number; status: string; group: unknown }[];
  }>('{ slotRanges { from to status group { number } } }');
  for (const { from, to, group, status } of slotRanges) {
    if (group !== null || status !== 'OFFLINE') continue;
    await makeChange(run, assign([from, to], random.between(1, 3), 'force: false'));
  }
}

async function bringProxiesBack(run: Run): Promise<void> {
  for (const index of run.cluster.proxies.keys()) {
    const deadline = performance.now() + 8_000;
    for (;;) {
      const { proxies } = await run.cluster.ask<{ proxies: { name: string; state: string }[] }>(
        '{ proxies { name state } }',
      );
      const state = proxies.find(({ name }) => name === `p${index + 1}`)?.state;
      if (state === 'ONLINE' && (await isListening(run.cluster.proxies[index]!.port))) break;
      await makeChange(run, {
        text: `setProxyState(input: { name: "p${index + 1}", state: ONLINE })`,
        empties: null,
      });
      if (state === undefined || performance.now() > deadline) {
        await replaceProxy(run, index);
        break;
      }
      await pause(200);
    }
  }
}

async function replaceProxy(run: Run, index: number): Promise<void> {
  await run.cluster.proxies[index]!.kill();
  await run.cluster.restartProxy(index);
  run.note(`p${index + 1} was replaced`);
}

async function isListening(port: number): Promise<boolean> {
  const client = await RespClient.connect(port).catch(() => null);
  client?.close();
  return client !== null;
}
