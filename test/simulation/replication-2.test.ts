import { test } from 'vitest';
import { runSchedule } from '../harness/simulation/cluster-schedule.js';
import { runSeeds, seedsToRun } from '../harness/simulation/seeds.js';

test('members commit what their source wrote and lose nothing of it, whatever happens (odd seeds)', async () => {
  await runSeeds(seedsToRun(500, 1, 2), runSchedule, 'test/simulation/replication-2.test.ts');
});
