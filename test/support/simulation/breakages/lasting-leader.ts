import { sharedAbortController } from '../../../../src/coordinator/async.js';
import type { CommitResult, Leadership } from '../../../../src/coordinator/index.js';
import { compareTerms, TERMS_KEY } from '../../../../src/binlog/replication/records.js';
import { nothingBroken, withMethods, type Breakage } from './breakage.js';

/** How long it goes on for. */
const LASTING_MS = 3_000;

/**
 * Against rule 3: a leader that has adopted the term of another goes on as a leader, and takes what it then appends for a
 * part of that term.
 */
export const lastingLeader: Breakage = {
  ...nothingBroken,
  journal: (journal) =>
    withMethods(journal, {
      recordTerm: async (term) => {
        if (journal.term === null || compareTerms(journal.term, term) < 0) await journal.recordTerm(term);
      },
    }),
  coordinator: (coordinator) =>
    withMethods(coordinator, {
      commit: async (transaction, options) => {
        const result = await coordinator.commit(transaction, options);
        const isTerm = transaction.operations.some((each) => 'put' in each && each.put === TERMS_KEY);
        return isTerm && !result.committed ? pretended(result) : result;
      },
    }),
  leadership: lasting,
};

function pretended({ revision }: CommitResult): CommitResult {
  return { committed: true, revision, raftTerm: null };
}

function lasting(leadership: Leadership): Leadership {
  const ended = sharedAbortController();
  const { signal } = leadership;
  const end = (): void => void setTimeout(() => ended.abort(signal.reason), LASTING_MS);
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  return {
    epoch: leadership.epoch,
    condition: leadership.condition,
    signal: ended.signal,
    isHeld: () => !ended.signal.aborted,
    resign: () => leadership.resign(),
  };
}
