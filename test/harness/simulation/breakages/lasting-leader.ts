import { delay, sharedAbortController } from '../../../../src/common/async.js';
import {
  CoordinatorUnavailableError,
  type CommitResult,
  type Leadership,
  type Transaction,
} from '../../../../src/coordinator/index.js';
import type { Journal } from '../../../../src/binlog/journal/journal.js';
import { COMMIT_KEY, compareTerms, TERMS_KEY } from '../../../../src/binlog/replication/records.js';
import { nothingBroken, withMethods, type Breakage } from './breakage.js';

/** How long it goes on for. */
const LASTING_MS = 3_000;
/** How soon it looks again whether there is another one. */
const RETRY_MS = 20;

/**
 * Against docs/replication.md, rule 3: a leader that has adopted the term of another goes on as a leader, and takes
 * what it then appends for a part of that term.
 */
export const lastingLeader: Breakage = {
  ...nothingBroken,
  journal: (journal) =>
    withMethods(journal, {
      recordTerm: async (term) => {
        if (journal.term === null || compareTerms(journal.term, term) < 0) await journal.recordTerm(term);
      },
    }),
  coordinator: (coordinator, journal) =>
    withMethods(coordinator, {
      commit: async (transaction, options) => {
        const result = await coordinator.commit(transaction, options);
        const writes = (key: string): boolean =>
          transaction.operations.some((each) => 'put' in each && each.put === key);
        if (result.committed) return result;
        if (hasAdopted(journal, transaction)) {
          if (writes(TERMS_KEY)) return pretended(result);
          if (writes(COMMIT_KEY)) throw ignored();
        }
        await delay(RETRY_MS);
        return result;
      },
    }),
  leadership: lasting,
};

/** Whether the term that the journal knows is of another leader than the one that writes. */
function hasAdopted({ term }: Journal, { conditions }: Transaction): boolean {
  const epochs = conditions.map((each) => ('createRevision' in each ? each.createRevision : 0n));
  return term !== null && epochs.every((epoch) => BigInt(term.epoch) > epoch);
}

function ignored(): CoordinatorUnavailableError {
  return new CoordinatorUnavailableError('Another leads, and that is not heard.');
}

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
    get signal() {
      return signal.aborted ? ended.signal : signal;
    },
    isHeld: () => !ended.signal.aborted,
    resign: () => leadership.resign(),
  };
}
