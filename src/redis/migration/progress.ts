/** What a move has done so far, in keys as they were counted when it started. */
export class Progress {
  private finished = 0;
  private readonly moving = new Set<BatchProgress>();
  private lastDone: number;
  private lastAt = performance.now();

  /**
   * @param before keys that earlier leaders or runs had done
   * @param counts keys left by slot at the start
   */
  constructor(
    private readonly before: number,
    private readonly counts: Map<number, number>,
  ) {
    this.total = before + [...counts.values()].reduce((sum, keys) => sum + keys, 0);
    this.lastDone = before;
  }

  readonly total: number;

  get done(): number {
    let done = this.before + this.finished;
    for (const batch of this.moving) done += batch.done;
    return done;
  }

  /** Follows one batch of slots until it is settled, by either of its ways to end. */
  batch(slots: readonly number[]): BatchProgress {
    const batch = new BatchProgress(slots, this.counts, (keys) => {
      if (this.moving.delete(batch)) this.finished += keys;
    });
    this.moving.add(batch);
    return batch;
  }

  /** Keys per second since the last call. */
  rate(): number {
    const now = performance.now();
    const rate = ((this.done - this.lastDone) * 1_000) / Math.max(1, now - this.lastAt);
    this.lastDone = this.done;
    this.lastAt = now;
    return Math.max(0, Math.round(rate));
  }
}

/** Proxies bring over some of a batch's keys, so what was seen to move is only a lower bound until the end. */
export class BatchProgress {
  private readonly seen = new Map<number, number>();

  constructor(
    private readonly slots: readonly number[],
    private readonly counts: Map<number, number>,
    private readonly settle: (keys: number) => void,
  ) {}

  /** @param slots the slot of each key */
  moved(slots: readonly number[]): void {
    for (const slot of slots) this.seen.set(slot, (this.seen.get(slot) ?? 0) + 1);
  }

  get done(): number {
    return this.slots.reduce((sum, slot) => sum + this.doneOf(slot), 0);
  }

  /** All keys have moved. */
  finish(): void {
    this.settle(this.slots.reduce((sum, slot) => sum + this.countOf(slot), 0));
    for (const slot of this.slots) this.counts.set(slot, 0);
  }

  /** Those that were not seen to move are left to a later batch. */
  abandon(): void {
    const left = this.slots.map((slot) => [slot, this.countOf(slot) - this.doneOf(slot)] as const);
    this.settle(this.done);
    for (const [slot, keys] of left) this.counts.set(slot, keys);
  }

  private doneOf(slot: number): number {
    return Math.min(this.seen.get(slot) ?? 0, this.countOf(slot));
  }

  private countOf(slot: number): number {
    return this.counts.get(slot) ?? 0;
  }
}
