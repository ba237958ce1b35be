import { expect, test } from 'vitest';
import { runSchedule } from '../harness/simulation/cluster-schedule.js';

test('a seed gives the same history each time', async () => {
  for (const seed of [1, 2, 3]) {
    const options = { keepsTrace: true };
    const [first, second] = [await runSchedule(seed, options), await runSchedule(seed, options)];
    expect(second.lines).toEqual(first.lines);
    expect(second.fingerprint).toBe(first.fingerprint);
  }
});
