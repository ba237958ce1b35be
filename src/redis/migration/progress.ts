/** What a move has done so far, in keys as they were counted when it started. */
export class Progress {
  private finished = 0;
  private readonly moving = new Map<object, { moved: number; counted: number | null }>();
  private lastDone: number;
  private lastAt = performance.now();

  /**
   * @param before keys that earlier leaders or runs had done
   * @param counts keys by slot at the start; null when there were too many to count
   */
  constructor(
    private readonly before: number,
    private readonly counts: ReadonlyMap<number, number> | null,
    slots: readonly number[],
  ) {
    this.total = counts === null ? null : before + sum(counts, slots);
    this.lastDone = before;
  }

  readonly total: number | null;

  get done(): number {
    let done = this.before + this.finished;
    for (const { moved, counted } of this.moving.values())
      done += counted === null ? moved : Math.min(moved, counted);
    return done;
  }

  /** Follows one batch; proxies bring over some of its keys, so its own count is only a lower bound. */
  batch(slots: readonly number[]): {
    moved: (keys: number) => void;
    finish: () => void;
    abandon: () => void;
  } {
    const counted = this.counts === null ? null : sum(this.counts, slots);
    const state = { moved: 0, counted };
    this.moving.set(state, state);
    const settle = (keys: number): void => {
      this.moving.delete(state);
      this.finished += keys;
    };
    return {
      moved: (keys) => (state.moved += keys),
      finish: () => settle(counted ?? state.moved),
      abandon: () => settle(counted === null ? state.moved : 0),
    };
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

function sum(counts: ReadonlyMap<number, number>, slots: readonly number[]): number {
  return slots.reduce((total, slot) => total + (counts.get(slot) ?? 0), 0);
}
