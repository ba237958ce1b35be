import type { JournalCopies } from '../../cluster/membership/health.js';
import type { BinlogView } from '../control/binlog-view.js';
import type { ReplicaHost } from './replica-host.js';

/** The copies of the journal as the leader knows them; another member knows of its own only. */
export function copiesOf(binlog: BinlogView, replicas: ReplicaHost): JournalCopies {
  const term = () => replicas.current?.heldTerm ?? null;
  const progress: JournalCopies['progress'] = (id) => {
    const done = term()?.offsetOf(id) ?? null;
    const journal = replicas.current?.journal;
    if (done === null || !journal) return null;
    return { done: done - journal.startOffset, total: journal.committedOffset - journal.startOffset };
  };
  return {
    progress,
    holdsCommitted(id) {
      if (!binlog.start()) return true;
      const known = progress(id);
      if (known !== null) return known.done >= known.total;
      // Out of touch, it still has what it has acknowledged, and what the last commit counted it for.
      const committed = replicas.current?.journal.committedOffset ?? 0;
      if ((term()?.acknowledgedBy(id) ?? -1) >= committed) return true;
      const commit = binlog.commit();
      return commit !== undefined && commit.offset >= committed && commit.holders.includes(id);
    },
    withoutCommits: async (work) => term()?.withoutCommits(work) ?? work(),
  };
}
