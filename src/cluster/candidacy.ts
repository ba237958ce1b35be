import { delay, raceAbort } from '../common/async.js';
import type { Membership } from './membership/membership.js';
import { collections } from './records.js';

/** How long others let the one go first that was named, and one that cannot do its work lets others. */
const COURTESY_MS = 3_000;
const LOOK_MS = 20;

/**
 * When this member may take the leadership that nobody holds: as long as it votes, and not before the one that the last
 * leader has named, if it has; nor before others, as long as it is not fit.
 */
export class Candidacy {
  private lastEpoch: bigint | null = null;

  constructor(
    private readonly membership: Membership,
    private readonly name: string,
    /** Whether it could do all that a leader does. */
    private readonly isFit: () => boolean,
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
    await this.letFitterGoFirst(signal);
    // The view comes a moment after what the campaign has read.
    const seen = view.until(() => this.leader() === undefined, signal);
    await Promise.race([seen, delay(COURTESY_MS, signal)]);
    if (!this.isToYield()) return;
    const taken = view.until(() => this.leader() !== undefined, signal);
    await raceAbort(Promise.race([taken, delay(COURTESY_MS, signal)]), signal);
  }

  private async letFitterGoFirst(signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + COURTESY_MS;
    while (!this.isFit() && performance.now() < deadline) await delay(LOOK_MS, signal);
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
