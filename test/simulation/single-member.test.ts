import { test } from 'vitest';
import { runSchedule } from '../harness/simulation/cluster-schedule.js';
import { runSeeds, seedsToRun } from '../harness/simulation/seeds.js';

test('one member commits what its source wrote, whatever happens', async () => {
  await runSeeds(
    seedsToRun(100),
    (seed, options) => runSchedule(seed, { ...options, sizes: [1] }),
    'test/simulation/single-member.test.ts',
  );
});
