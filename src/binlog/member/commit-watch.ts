/** What tells whether a leader can commit. */
export interface CommitSight {
  /** Whether too few members are in touch for anything to be committed. */
  readonly isWithoutQuorum: boolean;
  readonly endOffset: number;
  readonly committedOffset: number;
}

/** Why nothing is committed, and since when. */
export interface Stall {
  readonly message: string;
  /** On the clock of `performance.now()`. */
  readonly since: number;
}

/**
 * Notices that a leader does not commit: it has no quorum, or what it has stays uncommitted. What counts is what was
 * committed, not which connections look alive.
 */
export class CommitWatch {
  private committed = -1;
  private since: number | null = null;
  private lacksQuorum = false;
  private pending = 0;

  /** Begins anew: another term, or none. */
  reset(): void {
    this.committed = -1;
    this.since = null;
  }

  look(sight: CommitSight, now: number): void {
    const { isWithoutQuorum, endOffset, committedOffset } = sight;
    const moves = committedOffset !== this.committed;
    this.committed = committedOffset;
    this.lacksQuorum = isWithoutQuorum;
    this.pending = endOffset - committedOffset;
    const stands = isWithoutQuorum || (this.pending > 0 && !moves);
    this.since = stands ? (this.since ?? now) : null;
  }

  /** Null while it commits, or has nothing to commit and could. */
  get stall(): Stall | null {
    if (this.since === null) return null;
    const why = this.lacksQuorum
      ? 'Too few members that vote are in touch with the leader'
      : 'Too few members that vote have it on their disks, or the coordinator takes no commits';
    const message = `The leader has ${this.pending} bytes of the journal that are not committed. ${why}.`;
    return { message, since: this.since };
  }
}
