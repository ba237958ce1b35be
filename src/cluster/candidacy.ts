import { delay, raceAbort } from '../common/async.js';
import { otherVoterRuns, votersOf } from './membership/health.js';
import type { MembershipView } from './membership/membership-view.js';
import { collections } from './records.js';

/** How long others let the one go first that was named. */
const COURTESY_MS = 3_000;

/** So far behind is the view only when the way to the coordinator has just been lost, and nobody named a successor there. */
const VIEW_MS = 300;

/** How long one that could not do a leader's work lets others go first. */
const UNFIT_MS = 5_000;

/**
 * When this member may take the leadership that nobody holds: as long as it votes, and not before the one that the last
 * leader has named, if it has. One that could not do its work lets the others go first.
 */
export class Candidacy {
  private lastEpoch: bigint | null = null;

  constructor(
    private readonly membership: MembershipView,
    private readonly name: string,
    /** Whether it could do a leader's work, as far as it knows. */
    private readonly isFit: () => boolean = () => true,
  ) {
    const note = (): void => {
      this.lastEpoch = this.leader()?.createRevision ?? this.lastEpoch;
    };
    note();
    membership.view.subscribe(note);
  }

  /** Resolves when it may. Rejects when the signal aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    const { view } = this.membership;
    await view.until(() => this.membership.byName(this.name)?.role === 'VOTER', signal);
    if (votersOf(this.membership).length === 1) return;
    // The view comes a moment after what the campaign has read.
    const seen = view.until(() => this.leader() === undefined, signal);
    await Promise.race([seen, delay(VIEW_MS, signal)]);
    const isUnfit = !this.isFit() && otherVoterRuns(this.membership, this.name);
    if (!isUnfit && !this.isToYield()) return;
    const taken = view.until(() => this.leader() !== undefined, signal);
    await raceAbort(Promise.race([taken, delay(isUnfit ? UNFIT_MS : COURTESY_MS, signal)]), signal);
  }

  private isToYield(): boolean {
    const next = this.membership.view.get(collections.succession, 'next')?.value;
    if (!next || next.to === this.name) return false;
    return this.lastEpoch !== null && next.epoch === String(this.lastEpoch);
  }

  private leader() {
    return this.membership.view.get(collections.leadership, 'leader');
  }
}
