import type { CoordinatorStatus } from '../../coordinator/types.js';
import { SILENCE_MS } from '../commit-proof.js';
import { collections } from '../records.js';
import type { StateView } from '../view.js';
import { finding, type Finding, type FindingDraft } from './finding.js';

/** A member of etcd that has just come back may answer with an older revision for a moment. */
const BEHIND_MS = 6_000;

export interface CoordinatorSight {
  readonly status: CoordinatorStatus;
  /** Where it is. */
  readonly endpoints: readonly string[];
  readonly view: StateView;
  /** Why this member's own last change failed; null when it did not, or this member does not lead. */
  readonly lastFailure: string | null;
}

/** What is wrong with the coordinator. What is proven counts: that a change arrived, not that a call was answered. */
export function coordinatorFindings({ status, endpoints, view, lastFailure }: CoordinatorSight): Finding[] {
  const where = endpoints.length > 0 ? ` (${endpoints.join(', ')})` : '';
  if (!status.reachable) {
    return [
      told({
        code: 'COORDINATOR_UNREACHABLE',
        message: `The coordinator cannot be used by this member: ${status.reason ?? 'it does not answer'}.`,
        title:
          'Bring a majority of the etcd servers back, or mend what the reason names: network, TLS, user or password.',
      }),
    ];
  }
  if (status.alarms.length > 0) {
    const isFull = status.alarms.includes('NOSPACE');
    return [
      told({
        code: 'COORDINATOR_READ_ONLY',
        message: `The coordinator${where} has raised the alarm ${status.alarms.join(', ')} and refuses every change.`,
        title: isFull
          ? 'Compact and defragment etcd (etcdctl compact, etcdctl defrag), raise its quota, then run etcdctl alarm disarm.'
          : 'Replace the etcd member whose data are corrupt, then run etcdctl alarm disarm.',
      }),
    ];
  }
  if (status.answeredRevision > 0n && status.answeredRevision < view.revision && view.quietMs > BEHIND_MS) {
    return [
      told({
        code: 'COORDINATOR_RESTORED',
        message:
          `The coordinator${where} is at revision ${status.answeredRevision}, and this member has seen ${view.revision}: ` +
          'it was restored from a snapshot, or has lost its data.',
        title: 'Restart the members one by one, so that each reads anew what the coordinator knows.',
      }),
    ];
  }
  if (view.quietMs <= SILENCE_MS) return [];
  const seconds = Math.floor(view.quietMs / 1_000);
  const leader = view.get(collections.leadership, 'leader')?.value.member;
  const why =
    lastFailure !== null
      ? ` This member leads, and its last change failed: ${lastFailure}`
      : leader === undefined
        ? ' No member leads.'
        : ` Member ${leader} leads; its log says why its changes fail.`;
  return [
    told({
      code: 'COORDINATOR_READ_ONLY',
      message: `No change has come from the coordinator${where} for ${seconds} s, though the leader makes one every few seconds.${why}`,
      title: "Mend what refuses the leader's writes: the disk, the quota, or the rights of the user of etcd.",
    }),
  ];
}

function told({
  title,
  ...draft
}: Pick<FindingDraft, 'code' | 'message'> & { readonly title: string }): Finding {
  return finding({
    ...draft,
    severity: 'CRITICAL',
    subject: 'coordinator',
    consequence: {
      summary:
        'Nothing can be changed, and nothing is committed to the journal. What is stored keeps being served.',
    },
    remedies: [{ title }],
  });
}
