import { JournalError } from './journal-error.js';
import { planPurge, type PurgePlan, type Retention } from './purge-plan.js';
import type { SegmentStore } from './segment-store.js';

/** Plans which segments of a journal may go, and removes them. */
export class JournalRetention {
  constructor(
    private readonly store: SegmentStore,
    private readonly committedOffset: () => number,
  ) {}

  /** @param neededFrom nothing goes that ends behind it; null: nobody needs anything */
  plan(retention: Retention, neededFrom: number | null): PurgePlan {
    const infos = this.store.segments.map(({ info }) => info);
    const committed = this.store.segments.filter(({ startOffset }) => startOffset < this.committedOffset());
    // The one that stays first must be committed: elsewhere there may never be one that begins there.
    const first = committed.at(-1)?.startOffset ?? this.store.startOffset;
    return planPurge(infos, retention, Math.min(first, neededFrom ?? Infinity));
  }

  /** @throws JournalError when the journal is not what it was when the plan was made */
  async carryOut({ segments }: PurgePlan): Promise<void> {
    const { store } = this;
    if (!store.state || segments.length === 0) return;
    const count = segments.length;
    const first = store.segments[count];
    const isSame = segments.every(({ name }, i) => store.segments[i]?.name === name);
    if (!first || !isSame || first.startOffset >= this.committedOffset())
      throw new JournalError('The journal has changed since the purge was planned.');
    await store.removeFirst(count);
  }
}
