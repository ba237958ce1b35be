import { expect, test } from 'vitest';
import { runSeeds, seedsToRun } from '../support/simulation/seeds.js';
import { runSingleSchedule } from '../support/simulation/single-schedule.js';

test('one member commits what its source wrote, whatever happens', async () => {
  await runSeeds(seedsToRun(500), runSingleSchedule, 'test/simulation/single-member.test.ts');
});

test('a seed gives the same history each time', async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const [first, second] = [await runSingleSchedule(seed, true), await runSingleSchedule(seed, true)];
    expect(second.lines).toEqual(first.lines);
    expect(second.fingerprint).toBe(first.fingerprint);
  }
});
