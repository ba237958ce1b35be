import type { MembershipEntry } from '../../cluster/membership/records.js';
import type { Proposed } from '../../cluster/proposals.js';
import { collections } from '../../cluster/records.js';
import type { Services } from '../context.js';
import { Member } from '../types/cluster.js';
import type { MemberChange } from '../types/payloads/members.js';
import { presentChange } from './payload.js';

/** One that belongs to the cluster, whether it runs or not; null when there is none of that name. */
export function presentMemberNamed(name: string, services: Services): Member | null {
  const entry = services.membership.byName(name);
  return entry ? presentMember(entry, services) : null;
}

export function presentMember(entry: MembershipEntry, services: Services): Member {
  const { view, membership } = services;
  const running = view.get(collections.members, entry.name)?.value ?? null;
  const leader = view.get(collections.leadership, 'leader')?.value;
  return Object.assign(new Member(), {
    id: `member/${entry.name}`,
    name: entry.name,
    role: entry.role,
    isLeader: running !== null && leader?.incarnation === running.incarnation,
    state: stateOf(entry, running !== null),
    peerUrls: entry.peerUrls,
    adminUrls: entry.adminUrls,
    ...journalOf(entry, services),
    startedAt: running ? new Date(running.startedAt) : null,
    lastSeenAt: lastSeenAt(entry.name, running !== null, services),
    version: running?.version ?? null,
    revision: membership.revision,
  } satisfies Member);
}

/** All members, by name. */
export function presentMembers(services: Services): Member[] {
  return [...services.membership.members]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((member) => presentMember(member, services));
}

/** One that was removed as well. */
export function memberNamed(name: string, services: Services): Member {
  const member = presentMemberNamed(name, services);
  if (member) return member;
  return Object.assign(new Member(), {
    id: `member/${name}`,
    name,
    role: 'VOTER',
    isLeader: false,
    state: 'REMOVED',
    peerUrls: [],
    adminUrls: [],
    journalOffset: null,
    committedOffset: null,
    lag: null,
    startedAt: null,
    lastSeenAt: null,
    version: null,
    revision: null,
  } satisfies Member);
}

/** A member that was there a moment ago and has been removed. */
export function presentRemoved(last: Member): Member {
  return Object.assign(new Member(), { ...last, state: 'REMOVED' as const, isLeader: false });
}

export function presentMemberChange(
  proposed: Proposed | null,
  name: string,
  services: Services,
): MemberChange {
  return presentChange(proposed, {
    member: presentMemberNamed(name, services),
    members: presentMembers(services),
  });
}

function stateOf({ id, role }: MembershipEntry, isRunning: boolean): Member['state'] {
  if (id === null) return 'JOINING';
  if (!isRunning) return 'UNREACHABLE';
  return role === 'LEARNER' ? 'CATCHING_UP' : 'HEALTHY';
}

function journalOf(entry: MembershipEntry, { binlog }: Services) {
  if (!binlog.view.start()) return { journalOffset: null, committedOffset: null, lag: null };
  const { endOffset, committedOffset, lag } = binlog.copyOf(entry);
  return {
    journalOffset: toBigInt(endOffset),
    committedOffset: toBigInt(committedOffset),
    lag: toBigInt(lag),
  };
}

function toBigInt(bytes: number | null): bigint | null {
  return bytes === null ? null : BigInt(bytes);
}

/** While its session lives, now; else when it was first missed, which the problem of that remembers. */
function lastSeenAt(name: string, isRunning: boolean, { problems }: Services): Date | null {
  if (isRunning) return new Date();
  return (
    problems.list().find(({ code, subject }) => code === 'MEMBER_DOWN' && subject === `member/${name}`)
      ?.since ?? null
  );
}
