import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Semaphore } from '../../../src/common/semaphore.js';
import { FaultCluster } from '../../harness/faults/schedules/fault-cluster.js';
import { proxyStateOf, runForced } from '../../harness/faults/schedules/forced-runner.js';
import type { ScheduleResult } from '../../harness/faults/schedules/runner.js';

const only = process.env['QUORATE_FORCED_SEED'];
const first = Number(only ?? process.env['QUORATE_FORCED_FIRST_SEED'] ?? 0);
const count = only === undefined ? Number(process.env['QUORATE_FORCED_SCHEDULES'] ?? 12) : 1;
const seeds = Array.from({ length: count }, (_, i) => first + i);

/** Schedules wait most of their time: so many run side by side, each in a cluster of its own. */
const LANES = 2;

const clusters = new Set<FaultCluster>();
const idle: FaultCluster[] = [];
const lanes = new Semaphore(LANES);

afterAll(() => Promise.all([...clusters].map((cluster) => cluster.stop())));

async function takeCluster(): Promise<FaultCluster> {
  const cluster = idle.pop() ?? (await FaultCluster.start());
  clusters.add(cluster);
  return cluster;
}

/** One schedule; a cluster in which one failed is used no more. */
async function runSeed(seed: number): Promise<ScheduleResult> {
  const cluster = await takeCluster();
  try {
    const result = await runForced(cluster, seed);
    if (result.findings.length === 0) idle.push(cluster);
    return result;
  } finally {
    if (!idle.includes(cluster)) {
      clusters.delete(cluster);
      await cluster.stop();
    }
  }
}

/** Where everything about a failed schedule is, for people. */
function report({ seed, findings, histories, notes }: ScheduleResult): string {
  const directory = mkdtempSync(join(tmpdir(), `quorate-forced-${seed}-`));
  histories.forEach(({ history }, index) => writeFileSync(join(directory, `key-${index}.txt`), history));
  writeFileSync(join(directory, 'run.txt'), [...notes, ...findings].join('\n'));
  return [
    ...notes,
    ...findings,
    `Histories are in ${directory}. To replay it:`,
    `QUORATE_FORCED_SEED=${seed} npx vitest run --project integration test/integration/redis/forced-schedules.test.ts`,
  ].join('\n');
}

describe('no slot is served at two places, whatever is changed while a proxy', () => {
  test.concurrent.each(seeds.map((seed) => [proxyStateOf(seed), seed] as const))(
    'is %s, seed %i',
    async (_, seed) => {
      await lanes.acquire();
      const result = await runSeed(seed).finally(() => lanes.release());
      if (process.env['QUORATE_FAULT_NOTES'] !== undefined) console.log(result.notes.join('\n'));
      console.log(
        `seed ${seed} [${proxyStateOf(seed)}] ${result.operations} operations, ${result.failed} failed: ` +
          `${result.findings.length === 0 ? 'ok' : 'FAILED'}, ${result.seconds.toFixed(1)} s`,
      );
      if (result.findings.length > 0) expect.fail(report(result));
    },
    300_000,
  );
});
