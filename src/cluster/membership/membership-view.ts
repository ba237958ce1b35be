import type { Condition } from '../../coordinator/types.js';
import type { StateView } from '../view.js';
import {
  MEMBERSHIP_ID,
  MEMBERSHIP_KEY,
  membershipCollections,
  type MembershipEntry,
  type MembershipRecord,
} from './records.js';
import { normalPeerUrl } from './urls.js';

const NOBODY: MembershipRecord = { members: [], removed: [] };

/** Who belongs to the cluster, as far as this process knows. Reading only. */
export class MembershipView {
  constructor(readonly view: StateView) {}

  /** Coordinator revision of its last change; 0n before the first member. */
  get revision(): bigint {
    return this.view.get(membershipCollections.membership, MEMBERSHIP_ID)?.revision ?? 0n;
  }

  get record(): MembershipRecord {
    return this.view.get(membershipCollections.membership, MEMBERSHIP_ID)?.value ?? NOBODY;
  }

  get members(): readonly MembershipEntry[] {
    return this.record.members;
  }

  /** What must hold in a transaction for this membership to be the present one still. */
  get condition(): Condition {
    return { key: MEMBERSHIP_KEY, modRevision: this.revision };
  }

  byName(name: string): MembershipEntry | undefined {
    return this.members.find((member) => member.name === name);
  }

  byId(id: string): MembershipEntry | undefined {
    return this.members.find((member) => member.id === id);
  }

  /** A peer URL among these that is another member's than `name`, with that member; undefined when all are free. */
  takenPeerUrl(
    name: string,
    peerUrls: readonly string[],
  ): { readonly url: string; readonly owner: string } | undefined {
    for (const other of this.members) {
      if (other.name === name) continue;
      const theirs = other.peerUrls.map(normalPeerUrl);
      const url = peerUrls.find((each) => theirs.includes(normalPeerUrl(each)));
      if (url !== undefined) return { url, owner: other.name };
    }
    return undefined;
  }

  /** Ids of those that vote. One that has never come has none, and is counted by its name: it holds nothing. */
  voterIds(): string[] {
    return this.members
      .filter(({ role }) => role === 'VOTER')
      .map(({ id, name }) => id ?? `unclaimed:${name}`);
  }

  /** Resolves when it is as new as the coordinator was at the call. */
  refresh(signal: AbortSignal): Promise<void> {
    return this.view.catchUp([MEMBERSHIP_KEY], signal);
  }

  /** Called when it has changed; answers how to end that. */
  onChange(listener: () => void): () => void {
    let known = this.revision;
    return this.view.subscribe(() => {
      if (this.revision === known) return;
      known = this.revision;
      listener();
    });
  }
}
