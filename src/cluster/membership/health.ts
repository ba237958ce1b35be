import { collections } from '../records.js';
import type { MembershipView } from './membership-view.js';
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
export function isRunning(membership: MembershipView, { name }: MembershipEntry): boolean {
  return membership.view.get(collections.members, name) !== undefined;
}

export function votersOf(membership: MembershipView): MembershipEntry[] {
  return membership.members.filter(({ role }) => role === 'VOTER');
}

/** Whether somebody else could lead. */
export function otherVoterRuns(membership: MembershipView, name: string): boolean {
  return votersOf(membership).some((member) => member.name !== name && isRunning(membership, member));
}

export function majority(count: number): number {
  return Math.floor(count / 2) + 1;
}
