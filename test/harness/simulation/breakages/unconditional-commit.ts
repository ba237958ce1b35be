import { COMMIT_KEY } from '../../../../src/binlog/replication/records.js';
import { nothingBroken, withMethods, type Breakage } from './breakage.js';

/** Against docs/replication.md, rule 5: a commit depends on nothing. */
export const unconditionalCommit: Breakage = {
  ...nothingBroken,
  coordinator: (coordinator) =>
    withMethods(coordinator, {
      commit: (transaction, options) => {
        const isCommit = transaction.operations.some((each) => 'put' in each && each.put === COMMIT_KEY);
        return coordinator.commit(isCommit ? { ...transaction, conditions: [] } : transaction, options);
      },
    }),
};
