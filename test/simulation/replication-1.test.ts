import { test } from 'vitest';
import { runSchedule } from '../harness/simulation/cluster-schedule.js';
import { runSeeds, seedsToRun } from '../harness/simulation/seeds.js';

test('members commit what their source wrote and lose nothing of it, whatever happens (even seeds)', async () => {
  await runSeeds(seedsToRun(500, 0, 2), runSchedule, 'test/simulation/replication-1.test.ts');
});
