import { delay } from '../../common/async.js';
import { errorMessage } from '../../common/errors.js';
import type { Leadership } from '../../coordinator/leadership.js';
import type { Coordinator } from '../../coordinator/types.js';
import type { Logger } from '../../telemetry/logger.js';
import { collections } from '../records.js';
import type { StateView } from '../view.js';
import type { ProblemBook } from './problem-book.js';

const LOOK_INTERVAL_MS = 2_000;
/** A new leader has not yet asked every server when it begins: what it does not find then may still be there. */
const FIRST_REMOVAL_MS = 15_000;
/** In one transaction, so that a whole data centre that vanishes stays far below what one may hold. */
const AT_A_TIME = 50;

/** When a leader first found the problem of that id. */
export function problemKnownSince(view: StateView): (id: string) => Date | undefined {
  return (id) => {
    const record = view.get(collections.problems, keyOf(id));
    return record && new Date(record.value.since);
  };
}

/** A duty of the leader: keeps when problems began, so that its successor can say it. Ends with leadership. */
export async function keepProblemTimes(
  { problems, view, coordinator }: { problems: ProblemBook; view: StateView; coordinator: Coordinator },
  leadership: Leadership,
  log: Logger,
): Promise<void> {
  const startedAt = performance.now();
  while (leadership.isHeld()) {
    try {
      await delay(LOOK_INTERVAL_MS, leadership.signal);
      const mayRemove = performance.now() - startedAt > FIRST_REMOVAL_MS;
      await keepOnce(problems, view, coordinator, leadership, mayRemove);
    } catch (error) {
      if (leadership.signal.aborted) return;
      log.debug({ reason: errorMessage(error) }, 'When problems began could not be stored; trying again');
    }
  }
}

async function keepOnce(
  problems: ProblemBook,
  view: StateView,
  coordinator: Coordinator,
  leadership: Leadership,
  mayRemove: boolean,
): Promise<void> {
  const { problems: collection } = collections;
  const now = new Map(problems.list().map((problem) => [keyOf(problem.id), problem]));
  const added = [...now]
    .filter(([id]) => view.get(collection, id) === undefined)
    .map(([id, { since }]) => ({
      put: collection.key(id),
      value: collection.encode({ since: since.toISOString() }),
    }));
  const gone = mayRemove ? view.list(collection).filter(({ id }) => !now.has(id)) : [];
  const operations = [...added, ...gone.map(({ id }) => ({ delete: collection.key(id) }))].slice(
    0,
    AT_A_TIME,
  );
  if (operations.length === 0) return;
  const result = await coordinator.commit({ conditions: [leadership.condition], operations });
  if (result.committed) await view.waitFor(result.revision, leadership.signal);
}

/** The record of a problem lacks what its id begins with: its collection says that. */
function keyOf(id: string): string {
  return id.slice('problem/'.length);
}
