import { setTimeout as pause } from 'node:timers/promises';
import type { FlavourName } from '../../servers/mysql/flavours/flavour.js';
import { Random } from '../../random.js';
import { ChaosCluster } from './chaos-cluster.js';
import { ConfirmingWriter } from './confirming-writer.js';
import { shuffledFaults } from './faults.js';
import { Progress } from './progress.js';
import { judge } from './verdict.js';

/** Between two rows of the client. */
const WRITE_PAUSE_MS = 3;

export interface ChaosOptions {
  readonly flavour: FlavourName;
  readonly minutes: number;
  readonly seed: number;
  /** Is told what happens, in lines. */
  readonly say: (line: string) => void;
}

export interface ChaosReport {
  readonly faults: number;
  /** Faults that could not be done as the cluster was; the rules forbid some. */
  readonly refused: number;
  readonly confirmed: number;
  readonly longestWithoutProgressMs: number;
}

/**
 * Faults for so long, at most two at a time, and then the verdict.
 *
 * @throws when anything is lost, differs, or has ended by itself
 */
export async function runChaos({ flavour, minutes, seed, say }: ChaosOptions): Promise<ChaosReport> {
  const random = new Random(seed);
  const cluster = await ChaosCluster.start({ flavour, diskMegabytes: Math.ceil(96 + 16 * minutes) });
  try {
    const writer = await ConfirmingWriter.start(cluster.source, WRITE_PAUSE_MS);
    const progress = new Progress(cluster.replicas);
    progress.start();
    const deadline = performance.now() + minutes * 60_000;
    const done = await befall(cluster, random, deadline, say);
    say('all is mended');
    await writer.stop();
    await progress.stop();
    await judge(cluster, writer.confirmed);
    return { ...done, confirmed: writer.confirmed, longestWithoutProgressMs: Math.round(progress.longestMs) };
  } finally {
    await cluster.stop();
  }
}

async function befall(
  cluster: ChaosCluster,
  random: Random,
  deadline: number,
  say: (line: string) => void,
): Promise<{ faults: number; refused: number }> {
  const running = new Map<string, Promise<void>>();
  const broken: unknown[] = [];
  let [faults, refused] = [0, 0];
  let bag: ReturnType<typeof shuffledFaults> = [];
  while (performance.now() < deadline && broken.length === 0) {
    if (bag.length === 0) bag = shuffledFaults(random);
    const fault = bag.pop()!(cluster, random);
    await pause(random.between(200, 3_000));
    if (running.has(fault.part)) continue;
    if (running.size >= 2) await Promise.race(running.values());
    faults++;
    say(fault.what);
    const ended = fault.run().catch((error: unknown) => {
      if (!isRefusal(error)) return void broken.push(error);
      refused++;
      say(`  refused: ${fault.what}: ${String(error).slice(0, 300)}`);
    });
    running.set(
      fault.part,
      ended.then(() => void running.delete(fault.part)),
    );
  }
  await Promise.all(running.values());
  if (broken.length > 0) throw broken[0];
  return { faults, refused };
}

/** What the rules forbid while others are down, and what no leader could be asked for. */
function isRefusal(error: unknown): boolean {
  return /was refused|NO_LEADER|UNAVAILABLE|NOT_A_MEMBER|fetch failed/.test(String(error));
}
