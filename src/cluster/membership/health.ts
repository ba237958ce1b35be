import { collections } from '../records.js';
import type { Membership } from './membership.js';
import type { MembershipEntry } from './records.js';

/** What the leader knows of the copies of the journal. */
export interface JournalCopies {
  /** Whether the member has on its disk all that is committed; true of all as long as there is no journal. */
  holdsCommitted(id: string): boolean;
  /** Up to where it has the journal, and up to where that is committed, in bytes; null when that is not known. */
  progress(id: string): { readonly done: number; readonly total: number } | null;
  /** Runs the work while nothing is committed: who holds what does not change by that meanwhile. */
  withoutCommits<T>(work: () => Promise<T>): Promise<T>;
}

/** Whether a process of the member is in touch with the coordinator. */
export function isRunning(membership: Membership, { name }: MembershipEntry): boolean {
  return membership.view.get(collections.members, name) !== undefined;
}

export function votersOf(membership: Membership): MembershipEntry[] {
  return membership.members.filter(({ role }) => role === 'VOTER');
}

/** Whether somebody else could lead. */
export function otherVoterRuns(membership: Membership, name: string): boolean {
  return votersOf(membership).some((member) => member.name !== name && isRunning(membership, member));
}

export function majority(count: number): number {
  return Math.floor(count / 2) + 1;
}
