/** Neighbouring numbers are far apart on the colour wheel; the angle never repeats itself. */
const GOLDEN_ANGLE = 137.508;
/** So many hues can be told from each other. */
const HUES = 13;
/** Lightness, added to the scheme's own, and chroma: each round of the wheel has its own. */
const ROUNDS = [
  [0, 0.13],
  [-0.17, 0.11],
  [0.14, 0.08],
] as const;

/** The colour of a group, to tell it from others beside it: 39 of them differ. */
export function groupColour(number: number): string {
  const [lightness, chroma] = ROUNDS[Math.floor((number - 1) / HUES) % ROUNDS.length]!;
  const hue = ((number * GOLDEN_ANGLE) % 360).toFixed(0);
  return `oklch(calc(var(--group-lightness) + ${lightness}) ${chroma} ${hue})`;
}
