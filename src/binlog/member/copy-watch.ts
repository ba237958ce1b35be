import type { MembershipView } from '../../cluster/membership/membership-view.js';
import type { MembershipEntry } from '../../cluster/membership/records.js';
import { isRunning, votersOf } from '../../cluster/membership/health.js';
import type { BinlogView } from '../control/binlog-view.js';
import type { JournalStore } from './journal-store.js';
import type { MemberWatch } from './member-watch.js';
import type { ReplicaHost } from './replica-host.js';

/** How old what the leader said may be. */
const FRESH_MS = 5_000;
/** A member that has just been started, or has lost its leader, needs a moment to follow again. */
const LAGS_MS = 10_000;

export interface CopyWatchOptions {
  readonly memberName: string;
  readonly membership: MembershipView;
  readonly binlog: BinlogView;
  readonly store: JournalStore;
  readonly replicas: ReplicaHost;
  readonly watch: MemberWatch;
}

/** One member's copy of the journal, in bytes; null where nobody who could know has said it. */
export interface Copy {
  readonly endOffset: number | null;
  readonly committedOffset: number | null;
  /** Behind the leader's end. */
  readonly lag: number | null;
}

/** A member that votes and does not follow. */
export interface Laggard {
  readonly name: string;
  /** Null: it is not in touch with the leader. */
  readonly lag: number | null;
}

/**
 * How far the copies of the journal are: a member's own it knows itself, the others' the leader knows from what they have
 * acknowledged, and tells all members.
 */
export class CopyWatch {
  /** By name, where a copy stood when it was first seen to stand still. */
  private readonly standing = new Map<
    string,
    { readonly endOffset: number | null; readonly since: number }
  >();

  constructor(private readonly options: CopyWatchOptions) {}

  copyOf({ id, name }: MembershipEntry): Copy {
    const { memberName, binlog, store } = this.options;
    if (!binlog.start()) return { endOffset: 0, committedOffset: 0, lag: 0 };
    const own = name === memberName ? store.journal : null;
    const known = this.offsets();
    const endOffset = own?.endOffset ?? (id === null ? 0 : (known?.get(id) ?? null));
    const committed = binlog.commit()?.offset ?? binlog.start()?.value.offset ?? 0;
    const leader = this.options.membership.byName(binlog.leader() ?? '');
    const leaderEnd = Math.max(committed, (leader?.id && known?.get(leader.id)) || 0);
    return {
      endOffset,
      committedOffset: own?.committedOffset ?? (endOffset === null ? null : Math.min(endOffset, committed)),
      lag: endOffset === null ? null : Math.max(0, leaderEnd - endOffset),
    };
  }

  /** By id, as this member knows when it leads, for the others; null when it does not. */
  ownOffsets(): Map<string, number | null> | null {
    const { membership, replicas } = this.options;
    const term = replicas.current?.heldTerm ?? null;
    if (term === null) return null;
    return new Map(
      membership.members.flatMap(({ id }) => (id === null ? [] : [[id, term.offsetOf(id)] as const])),
    );
  }

  /** Members that vote and run, and have not followed for a while: what keeps data safe is thinner than it looks. */
  laggards(): Laggard[] {
    const now = performance.now();
    const { membership } = this.options;
    return [...this.standing]
      .filter(([, { since }]) => now - since > LAGS_MS)
      .map(([name]) => ({ name, lag: this.copyOf(membership.byName(name)!).lag }));
  }

  /** To be called every second or so. */
  look(): void {
    const { membership, binlog } = this.options;
    const leader = binlog.leader();
    const isKnown = binlog.start() !== undefined && leader !== null && this.offsets() !== null;
    const voters = isKnown ? votersOf(membership).filter((each) => isRunning(membership, each)) : [];
    for (const name of [...this.standing.keys()])
      if (!voters.some((each) => each.name === name)) this.standing.delete(name);
    for (const voter of voters) {
      const { endOffset, lag } = this.copyOf(voter);
      const before = this.standing.get(voter.name);
      if (voter.name === leader || lag === 0) this.standing.delete(voter.name);
      else if (before === undefined || before.endOffset !== endOffset)
        this.standing.set(voter.name, { endOffset, since: performance.now() });
    }
  }

  /** By id; null when nobody who leads has said anything lately. */
  private offsets(): ReadonlyMap<string, number | null> | null {
    const own = this.ownOffsets();
    if (own !== null) return own;
    const heard = this.options.watch.of(this.options.binlog.leader() ?? '');
    if (!heard?.report?.offsets || heard.currentProblem !== null || performance.now() - heard.at > FRESH_MS)
      return null;
    return new Map(Object.entries(heard.report.offsets));
  }
}
