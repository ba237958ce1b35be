import { test } from 'vitest';
import { loseSessions, resign } from '../harness/simulation/cluster-events.js';
import { runSchedule } from '../harness/simulation/cluster-schedule.js';
import { runSeeds, seedsToRun } from '../harness/simulation/seeds.js';

const FILE = 'test/simulation/example.test.ts';

test('members whose leaders change all the time lose nothing', async () => {
  const events = [loseSessions, resign];
  await runSeeds(seedsToRun(20), (seed, options) => runSchedule(seed, { ...options, events }), FILE);
});
