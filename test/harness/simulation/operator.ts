import {
  MEMBERSHIP_KEY,
  membershipCollections,
  type MembershipRecord,
} from '../../../src/cluster/membership/records.js';
import { COMMIT_KEY, journalCollections } from '../../../src/binlog/replication/records.js';
import type { CoordinatorServer } from './coordinator-server.js';
import type { Observer } from './observer.js';

/** Changes the membership as docs/replication.md, rule 8 allows it, knowing everything. */
export class Operator {
  constructor(
    private readonly server: CoordinatorServer,
    private readonly observer: Observer,
  ) {}

  get record(): MembershipRecord {
    const entry = this.server.get(MEMBERSHIP_KEY);
    return entry
      ? membershipCollections.membership.decode(MEMBERSHIP_KEY, entry.value)
      : { members: [], removed: [] };
  }

  voterIds(): string[] {
    return this.record.members.filter(({ role }) => role === 'VOTER').map(({ id }) => id!);
  }

  /** Under a name that is free. */
  add(name: string, id: string, role: 'VOTER' | 'LEARNER'): void {
    const urls = { peerUrls: [], adminUrls: [] };
    const entry = { name, id, role, ...urls, addedAt: new Date().toISOString(), operation: null };
    this.put({ ...this.record, members: [...this.record.members, entry] });
  }

  /** A learner that has everything gets its vote. */
  promote(id: string): boolean {
    if (this.observer.heldBy(id) < this.committed()) return false;
    const members = this.record.members.map((each) =>
      each.id === id ? { ...each, role: 'VOTER' as const } : each,
    );
    this.put({ ...this.record, members });
    return true;
  }

  /** @param isUp whether a member of that id is alive */
  remove(id: string, isUp: (id: string) => boolean): boolean {
    const { members, removed } = this.record;
    const gone = members.find((each) => each.id === id);
    if (!gone) return false;
    const rest = this.voterIds().filter((each) => each !== id);
    const committed = this.committed();
    const fit = rest.filter((each) => isUp(each) && this.observer.heldBy(each) >= committed);
    if (rest.length === 0 || fit.length < Math.floor(rest.length / 2) + 1) return false;
    const left = members.filter((each) => each !== gone);
    this.put({
      members: left,
      removed: [...removed, { name: gone.name, id, removedAt: new Date().toISOString() }],
    });
    return true;
  }

  private committed(): number {
    const entry = this.server.get(COMMIT_KEY);
    return entry ? journalCollections.commit.decode(COMMIT_KEY, entry.value).offset : 0;
  }

  private put(record: MembershipRecord): void {
    const value = membershipCollections.membership.encode(record);
    this.server.commit({ conditions: [], operations: [{ put: MEMBERSHIP_KEY, value }] });
  }
}
