/** Neighbouring numbers are far apart on the colour wheel; the angle never repeats itself. */
const GOLDEN_ANGLE = 137.508;

/** The colour of a group, to tell it from others beside it. */
export function groupColour(number: number): string {
  return `oklch(var(--group-lightness) 0.13 ${((number * GOLDEN_ANGLE) % 360).toFixed(0)})`;
}
