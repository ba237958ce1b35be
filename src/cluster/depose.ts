import type { Coordinator } from '../coordinator/types.js';
import { collections, LEADER_KEY, SUCCESSION_KEY } from './records.js';

/**
 * Takes the leadership from a leader that is seen to be dead, in favour of the member that sees it. A leader that lives after
 * all learns it at once, and nothing that it writes counts any more.
 *
 * @param epoch of the leadership that ends
 * @returns false when that had ended already
 */
export async function depose(coordinator: Coordinator, epoch: bigint, successor: string): Promise<boolean> {
  const succession = { to: successor, epoch: String(epoch) };
  const result = await coordinator.commit({
    conditions: [{ key: LEADER_KEY, createRevision: epoch }],
    operations: [
      { delete: LEADER_KEY },
      { put: SUCCESSION_KEY, value: collections.succession.encode(succession) },
    ],
  });
  return result.committed;
}
