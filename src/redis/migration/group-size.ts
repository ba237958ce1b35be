/** A key costs its servers at least as much as so many bytes do. */
const BYTES_PER_UNIT = 4_096;
const SMALLEST = 48;
const LARGEST = 320;
const FIRST = 96;
/** How long the source may serve nobody else for one MIGRATE, where a smaller one would do; in milliseconds. */
const AIM_MS = 2;
/** How much the latest one counts in the mean. */
const WEIGHT = 0.1;

/** What moving a key costs, in units: one, or one for every 4 KiB of memory. */
export function unitsOf(bytes: number): number {
  return Math.max(1, bytes / BYTES_PER_UNIT);
}

/**
 * How much one MIGRATE takes. Most of a millisecond is for waking the target and for the way there and back, and 100 short
 * strings add half a millisecond: small groups hold the source up for longer altogether. It goes by the mean, since
 * on a busy machine any of them may take long.
 */
export class GroupSize {
  private units = FIRST;
  private meanMs = AIM_MS;

  /** Whether a group with so many units takes another key. */
  takes(taken: number, next: number): boolean {
    return taken === 0 || taken + next <= this.units;
  }

  /** What a group took, as its sender saw it. */
  note(units: number, durationMs: number): void {
    this.meanMs += WEIGHT * (Math.min(durationMs, 4 * this.meanMs) - this.meanMs);
    if (this.meanMs > 1.5 * AIM_MS) this.units = Math.max(SMALLEST, this.units * 0.9);
    else if (this.meanMs < AIM_MS && units > this.units / 2) this.units = Math.min(LARGEST, this.units * 1.1);
  }
}
