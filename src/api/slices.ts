/** How long the work of queries goes on in one turn of the event loop, in milliseconds. */
const SLICE_MS = 3;

/**
 * Hands out turns, so that no query, and no number of them, holds the event loop for long. Whoever has waited for a
 * turn does a little and waits again; in between, everything else has its time.
 */
class Slices {
  private waiting: (() => void)[] = [];
  private isDraining = false;
  private end = 0;

  /** Whether there is something left of the present slice. */
  get hasTime(): boolean {
    return performance.now() < this.end;
  }

  /** Resolves when there is time for a little work. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      if (this.isDraining) return;
      this.isDraining = true;
      setImmediate(() => void this.drain());
    });
  }

  private async drain(): Promise<void> {
    this.end = performance.now() + SLICE_MS;
    const { waiting } = this;
    let next = 0;
    while (next < waiting.length && (next === 0 || this.hasTime)) {
      waiting[next++]!();
      // Until all that follows from it without waiting has been done.
      await new Promise<void>((resolve) => process.nextTick(resolve));
    }
    this.waiting = waiting.slice(next);
    if (this.waiting.length > 0) setImmediate(() => void this.drain());
    else this.isDraining = false;
  }
}

/** The slices of this process. */
export const slices = new Slices();
