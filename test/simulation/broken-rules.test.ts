import { expect, test } from 'vitest';
import type { Breakage } from '../support/simulation/breakages/breakage.js';
import { earlyAcknowledgement } from '../support/simulation/breakages/early-acknowledgement.js';
import { firstBase } from '../support/simulation/breakages/first-base.js';
import { lastingLeader } from '../support/simulation/breakages/lasting-leader.js';
import { unconditionalCommit } from '../support/simulation/breakages/unconditional-commit.js';
import { runSchedule } from '../support/simulation/cluster-schedule.js';
import { InvariantError } from '../support/simulation/invariant-error.js';

/** So many schedules are enough to find any of them. */
const ENOUGH = 300;

test.each([
  ['truncates to the base of the first unknown term', firstBase],
  ['goes on as a leader under the term of another', lastingLeader],
  ['acknowledges before the sync', earlyAcknowledgement],
  ['commits on no conditions', unconditionalCommit],
])('a member that %s is caught', async (_name, breakage) => {
  expect(await firstCaught(breakage)).toBeLessThanOrEqual(ENOUGH);
});

/** The seed at which what must never be is seen. */
async function firstCaught(breakage: Breakage): Promise<number> {
  for (let seed = 1; seed <= ENOUGH; seed++) {
    try {
      await runSchedule(seed, { breakage });
    } catch (error) {
      if (!(error instanceof InvariantError)) continue;
      console.log(`caught with seed ${seed}: ${error.message}`);
      return seed;
    }
  }
  return Infinity;
}
