import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { FaultCluster } from '../../support/faults/fault-cluster.js';
import { BLOCK, describeSchedule, planSchedule, type Schedule } from '../../support/faults/plan.js';
import { runSchedule, type ScheduleResult } from '../../support/faults/runner.js';

const only = process.env['QUORATE_FAULT_SEED'];
const first = Number(only ?? process.env['QUORATE_FAULT_FIRST_SEED'] ?? 0);
const count = only === undefined ? Number(process.env['QUORATE_FAULT_SCHEDULES'] ?? BLOCK) : 1;
const seeds = Array.from({ length: count }, (_, i) => first + i);

let cluster: FaultCluster | undefined;

afterAll(() => cluster?.stop());

/** Where everything about a failed schedule is, for people. */
function report(schedule: Schedule, { findings, histories, notes }: ScheduleResult): string {
  const directory = mkdtempSync(join(tmpdir(), `quorate-fault-${schedule.seed}-`));
  histories.forEach(({ history }, index) => writeFileSync(join(directory, `key-${index}.txt`), history));
  writeFileSync(join(directory, 'run.txt'), [describeSchedule(schedule), ...notes, ...findings].join('\n'));
  return [
    `Seed ${schedule.seed}: ${describeSchedule(schedule)}`,
    ...notes,
    ...findings,
    `Histories are in ${directory}. To replay it:`,
    `QUORATE_FAULT_SEED=${schedule.seed} npx vitest run --project integration test/integration/redis/fault-schedules.test.ts`,
  ].join('\n');
}

describe('slots move while clients work and things fail', () => {
  test.each(seeds)(
    'seed %i',
    async (seed) => {
      const schedule = planSchedule(seed);
      cluster ??= await FaultCluster.start();
      let result: ScheduleResult | undefined;
      try {
        result = await runSchedule(cluster, schedule);
      } finally {
        if (result?.findings.length !== 0) {
          await cluster.stop();
          cluster = undefined;
        }
        if (process.env['QUORATE_FAULT_NOTES'] !== undefined) console.log(result?.notes.join('\n'));
        const kinds = schedule.faults.map(({ kind }) => kind).join(' ');
        const verdict = result ? (result.findings.length === 0 ? 'ok' : 'FAILED') : 'BROKE OFF';
        console.log(
          `seed ${seed} [${kinds}] ${result?.operations ?? 0} operations, ${result?.failed ?? 0} failed: ` +
            `${verdict}, ${result?.seconds.toFixed(1) ?? '-'} s`,
        );
      }
      if (result.findings.length > 0) expect.fail(report(schedule, result));
    },
    150_000,
  );
});
