/** A key costs its servers at least as much as so many bytes do. */
const BYTES_PER_UNIT = 4_096;
const SMALLEST = 16;
const LARGEST = 96;
/** How long the source may serve nobody else for one MIGRATE, where a smaller one would do; in milliseconds. */
const AIM_MS = 1;

/** What moving a key costs, in units: one, or one for every 4 KiB of memory. */
export function unitsOf(bytes: number): number {
  return Math.max(1, bytes / BYTES_PER_UNIT);
}

/**
 * How much one MIGRATE takes: as much as the source does in about a millisecond. That is some 100 short strings, a
 * few small hashes, or a single larger key; other clients wait for that long, and larger groups are hardly faster.
 */
export class GroupSize {
  private units = (SMALLEST + LARGEST) / 4;

  /** Whether a group with so many units takes another key. */
  takes(taken: number, next: number): boolean {
    return taken === 0 || taken + next <= this.units;
  }

  /** What a group took, as its sender saw it. */
  note(units: number, durationMs: number): void {
    if (durationMs > 2 * AIM_MS) this.units = Math.max(SMALLEST, this.units / 2);
    else if (durationMs < AIM_MS && units > this.units / 2) this.units = Math.min(LARGEST, this.units * 1.25);
  }
}
