import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { slotOfKey } from '../../../src/redis/key-slot.js';
import { FaultCluster } from '../../harness/faults/schedules/fault-cluster.js';
import { BLOCK, describeSchedule, planSchedule, type Schedule } from '../../harness/faults/schedules/plan.js';
import type { Run } from '../../harness/faults/schedules/run.js';
import { runSchedule, type ScheduleResult } from '../../harness/faults/schedules/runner.js';

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
      } catch (error) {
        console.log(`Seed ${seed} broke off (${describeSchedule(schedule)}): ${String(error)}`);
        throw error;
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

describe('schedules that have found something', () => {
  const hurry = { keysPerSecond: 100, slotsPerBatch: 40, parallelPairs: 1 };
  const stalled = { kind: 'link-stalled', proxy: 0, server: 1 } as const;

  test.each<[string, Schedule]>([
    [
      'a RESTORE that arrives long after its MIGRATE gave up, behind the next one over a new connection',
      {
        seed: 9_000,
        limits: hurry,
        moves: [{ move: { source: 1, target: 2, count: 120 }, delayMs: 0 }],
        faults: [
          {
            ...stalled,
            trigger: { at: 'moving', n: 1, delayMs: 150 },
            durationMs: 4_300,
            variant: 3,
            lateMs: 2_500,
          },
        ],
      },
    ],
  ])('%s', async (_, schedule) => {
    cluster ??= await FaultCluster.start();
    const result = await runSchedule(cluster, schedule);
    if (result.findings.length > 0) expect.fail(report(schedule, result));
  });
});

describe('what is broken on purpose is found', () => {
  const quiet: Schedule = {
    seed: 0,
    limits: { keysPerSecond: 150, slotsPerBatch: 40, parallelPairs: 1 },
    moves: [{ move: { source: 1, target: 2, count: 100 }, delayMs: 0 }],
    faults: [],
  };

  beforeAll(async () => {
    cluster ??= await FaultCluster.start();
  });

  async function tell(run: Run, server: number, ...words: string[]): Promise<void> {
    const client = await run.cluster.servers[server]!.client();
    await client.ask(...words).finally(() => client.close());
  }

  test('keys that vanish while clients use them, and one that a client wrote past the proxies', async () => {
    const { findings, histories } = await runSchedule(cluster!, quiet, async (run) => {
      const { observer, clients } = run;
      await observer.reaches(() => observer.movingTimes > 0, 10_000);
      for (const key of clients.keys.slice(0, 24)) {
        for (const server of run.cluster.servers.keys()) await tell(run, server, 'DEL', key);
      }
      const isOver = (): boolean =>
        [...observer.operations.values()].some(({ state }) => state === 'SUCCEEDED');
      expect(await observer.reaches(isOver, 30_000)).toBe(true);
      const moved = clients.keys.find((key) => run.isMoving(slotOfKey(key)))!;
      await tell(run, 0, 'SET', moved, 'stray');
    });
    expect(histories.length).toBeGreaterThan(5);
    expect(findings.join('\n')).toContain('no order of its operations gives the reply of');
    expect(findings.join('\n')).toMatch(/is at group 1, but belongs to 2/);
  });
});
