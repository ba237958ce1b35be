import type { MembershipView } from '../../cluster/membership/membership-view.js';
import { oneOf, only, type MetricSource, type Sample } from '../../telemetry/metrics.js';
import type { BinlogParts } from '../member/binlog-parts.js';

const ROLES = ['VOTER', 'LEARNER'] as const;

/** The metrics of the journal's copies: this member's own, and at the leader those of the others. */
export function replicationMetrics(
  { view, store, replicas, duty }: Pick<BinlogParts, 'view' | 'store' | 'replicas' | 'duty'>,
  membership: MembershipView,
  memberName: string,
): MetricSource[] {
  const followers = (read: (acknowledged: number, committed: number) => number) => (): Sample[] => {
    const replica = replicas.current;
    const term = replica?.heldTerm;
    if (!replica || !term) return [];
    return membership.members.flatMap(({ id, name }) => {
      const acknowledged = id === null || name === memberName ? null : term.offsetOf(id);
      if (acknowledged === null) return [];
      return [{ labels: { member: name }, value: read(acknowledged, replica.journal.committedOffset) }];
    });
  };
  return [
    {
      name: 'quorate_member_role',
      help: '1 for the role that this member has.',
      labels: ['role'],
      read: () => oneOf('role', ROLES, membership.byName(memberName)?.role ?? null),
    },
    {
      name: 'quorate_member_lag_bytes',
      help: 'What is committed and is not on the disk of this member.',
      labels: [],
      read: () => {
        const { journal } = store;
        return only(journal && Math.max(0, (view.commit()?.offset ?? 0) - journal.endOffset));
      },
    },
    {
      name: 'quorate_journal_leader',
      help: '1 on the member that appends to the journal.',
      labels: [],
      read: () => only(Number(duty.holdsTerm)),
    },
    {
      name: 'quorate_follower_connected',
      help: 'At the leader: 1 for each other member that follows it.',
      labels: ['member'],
      read: () => connectedTo(),
    },
    {
      name: 'quorate_follower_acknowledged_offset_bytes',
      help: 'At the leader: up to where the other member has the journal on its disk.',
      labels: ['member'],
      read: followers((acknowledged) => acknowledged),
    },
    {
      name: 'quorate_follower_lag_bytes',
      help: 'At the leader: what is committed and is not on the disk of the other member.',
      labels: ['member'],
      read: followers((acknowledged, committed) => Math.max(0, committed - acknowledged)),
    },
  ];

  function connectedTo(): Sample[] {
    const term = replicas.current?.heldTerm;
    if (!term) return [];
    return membership.members
      .filter(({ name }) => name !== memberName)
      .map(({ id, name }) => {
        const isConnected = id !== null && term.offsetOf(id) !== null;
        return { labels: { member: name }, value: Number(isConnected) };
      });
  }
}
