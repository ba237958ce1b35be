import { majority } from '../../cluster/membership/health.js';

/** What a commit names: up to where, and who has it on disk. */
export interface Decision {
  readonly offset: number;
  /** Ids of members, ascending. */
  readonly holders: readonly string[];
}

/** What the other members have on their disks under the leader's present term. */
export class Quorum {
  private readonly durable = new Map<string, number>();
  private readonly acknowledged = new Map<string, number>();

  acknowledge(id: string, offset: number): void {
    this.durable.set(id, offset);
    this.acknowledged.set(id, offset);
  }

  /**
   * Up to where the member has ever acknowledged the journal under this term, also one that is out of touch; null when it
   * never has. What is committed stays on its disk: no generation of a term begins before it.
   */
  acknowledgedBy(id: string): number | null {
    return this.acknowledged.get(id) ?? null;
  }

  /** It is no longer in touch: whether it still has what it had is not known. */
  forget(id: string): void {
    this.durable.delete(id);
  }

  /** Up to where the member is known to have the journal; null when it is not in touch. */
  offsetOf(id: string): number | null {
    return this.durable.get(id) ?? null;
  }

  /** Whether nothing more could be committed without this member: too few of the others that vote are in touch. */
  needs(id: string, voters: readonly string[], self: string): boolean {
    const others = voters.filter((voter) => voter !== id && (voter === self || this.durable.has(voter)));
    return others.length < majority(voters.length);
  }

  /** Whether nothing can be committed: too few of those that vote are in touch. */
  isLacking(voters: readonly string[], self: string): boolean {
    const inTouch = voters.filter((voter) => voter === self || this.durable.has(voter));
    return inTouch.length < majority(voters.length);
  }

  /**
   * The largest offset that a majority of the voters hold (docs/replication.md, rule 5); 0 when no majority is in
   * touch.
   *
   * @param self the leader's own id, and up to where its own disk has the journal
   */
  decide(voters: readonly string[], self: { readonly id: string; readonly offset: number }): Decision {
    const offsetOf = (id: string): number => (id === self.id ? self.offset : (this.durable.get(id) ?? 0));
    const offsets = voters.map(offsetOf).sort((a, b) => b - a);
    const offset = offsets[majority(voters.length) - 1] ?? 0;
    const known = new Set([self.id, ...this.durable.keys()]);
    return { offset, holders: [...known].filter((id) => offsetOf(id) >= offset).sort() };
  }
}
