import type { BinlogParts } from './binlog-parts.js';
import {
  ownSyncerReport,
  unknownSyncer,
  type SyncerCondition,
  type SyncerOutlook,
  type SyncerReport,
} from './syncer-report.js';

type Parts = Pick<BinlogParts, 'view' | 'store' | 'status' | 'duty' | 'watch'>;

/** The syncer as it is; seen from another member than its own, as that one has said last. */
export function syncerOutlook(parts: Parts, memberName: string): SyncerOutlook {
  const own = ownSyncer(parts, memberName);
  if (own) return own;
  const leader = parts.view.leader();
  const heard = leader === null ? undefined : parts.watch.of(leader);
  if (heard?.report?.syncer && heard.currentProblem === null) return heard.report.syncer;
  const reason =
    leader === null
      ? 'No member leads, on which it could run.'
      : `Member ${leader}, which leads, does not say how it is.`;
  return unknownSyncer({ state: 'CONNECTING', reason }, parts.status.flavour);
}

/** Null when it is to run, on another member. */
export function ownSyncer(parts: Parts, memberName: string): SyncerReport | null {
  const leads = parts.view.leader() === memberName;
  const isWanted = parts.view.syncer()?.value.isWanted === true;
  return leads || !isWanted ? ownSyncerReport(parts.status, conditionOf(parts, isWanted)) : null;
}

function conditionOf({ status, store, duty }: Parts, isWanted: boolean): SyncerCondition {
  if (!isWanted) return { state: 'STOPPED', reason: store.problem };
  if (store.problem !== null) return { state: 'FAILED', reason: store.problem };
  if (duty.problem !== null) {
    return { state: duty.problem.isUnfit ? 'FAILED' : 'RETRYING', reason: duty.problem.message };
  }
  return { state: status.state === 'STOPPED' ? 'CONNECTING' : status.state, reason: status.reason };
}
