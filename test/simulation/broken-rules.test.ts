import { expect, test } from 'vitest';
import { earlyAcknowledgement } from '../harness/simulation/breakages/early-acknowledgement.js';
import { firstBase } from '../harness/simulation/breakages/first-base.js';
import { lastingLeader } from '../harness/simulation/breakages/lasting-leader.js';
import { unconditionalCommit } from '../harness/simulation/breakages/unconditional-commit.js';
import {
  leaveUncommitted,
  loseRequests,
  loseSessions,
  nothing,
  resign,
} from '../harness/simulation/cluster-events.js';
import { runSchedule, type ScheduleOptions } from '../harness/simulation/cluster-schedule.js';
import { InvariantError } from '../harness/simulation/invariant-error.js';

/** So many schedules are enough to find any of them. */
const ENOUGH = 300;

/** What brings a mistake to light soon. */
interface Trial extends ScheduleOptions {
  readonly name: string;
}

const trials: readonly Trial[] = [
  {
    name: 'truncates to the base of the first unknown term',
    breakage: firstBase,
    sizes: [5],
    events: [leaveUncommitted, nothing],
  },
  {
    name: 'goes on as a leader under the term of another',
    breakage: lastingLeader,
    events: [loseSessions, resign],
  },
  {
    name: 'acknowledges before the sync',
    breakage: earlyAcknowledgement,
  },
  {
    name: 'commits on no conditions',
    breakage: unconditionalCommit,
    events: [loseRequests, loseSessions, resign],
  },
];

test.each(trials)('a member that $name is caught', async (trial) => {
  expect(await firstCaught(trial)).toBeLessThanOrEqual(ENOUGH);
});

/** The seed at which what must never be is seen. */
async function firstCaught(options: ScheduleOptions): Promise<number> {
  for (let seed = 1; seed <= ENOUGH; seed++) {
    try {
      await runSchedule(seed, options);
    } catch (error) {
      if (!(error instanceof InvariantError)) continue;
      console.log(`caught with seed ${seed}: ${error.message}`);
      return seed;
    }
  }
  return Infinity;
}
