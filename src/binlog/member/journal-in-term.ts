import { delay } from '../../common/async.js';
import { refuse } from '../../common/refused.js';
import type { Journal } from '../journal/journal.js';
import type { JournalStore } from './journal-store.js';
import type { LeaderDuty } from './leader-duty.js';

/** A leader that has just been elected may still be beginning its term of the journal. */
export const TERM_WAIT_MS = 5_000;
const LOOK_MS = 20;

/**
 * The journal of the leader, all that it has committed being known.
 *
 * @throws a refusal while it is not to be had
 */
export async function journalInTerm(
  store: JournalStore,
  duty: LeaderDuty,
  memberName: string,
): Promise<Journal> {
  const isClear = () => duty.holdsTerm || duty.problem !== null || store.problem !== null;
  await waitUntil(TERM_WAIT_MS, isClear);
  if (duty.holdsTerm && store.journal !== null) return store.journal;
  const reason = store.problem ?? duty.problem?.message ?? 'it is still being opened; try again soon';
  return refuse('UNHEALTHY', null, `The journal of member ${memberName} cannot be used: ${reason}`);
}

/** Resolves when it holds, and at the latest after that time. */
export async function waitUntil(timeoutMs: number, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!holds() && performance.now() < deadline) await delay(LOOK_MS);
}
