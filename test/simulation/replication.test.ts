import { expect, test } from 'vitest';
import { runClusterSchedule } from '../support/simulation/cluster-schedule.js';
import { runSeeds, seedsToRun } from '../support/simulation/seeds.js';

test('members commit what their source wrote and lose nothing of it, whatever happens', async () => {
  await runSeeds(seedsToRun(500), runClusterSchedule, 'test/simulation/replication.test.ts');
});

test('a seed gives the same history each time', async () => {
  for (const seed of [1, 2, 3]) {
    const [first, second] = [await runClusterSchedule(seed, true), await runClusterSchedule(seed, true)];
    expect(second.lines).toEqual(first.lines);
    expect(second.fingerprint).toBe(first.fingerprint);
  }
});
