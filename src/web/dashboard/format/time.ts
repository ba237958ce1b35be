const STEPS: readonly (readonly [number, string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
];

/** Such as `4 min`; below a minute in seconds. */
export function duration(seconds: number): string {
  for (const [length, unit] of STEPS) if (seconds >= length) return `${Math.floor(seconds / length)} ${unit}`;
  return `${seconds < 10 && !Number.isInteger(seconds) ? seconds.toFixed(1) : Math.round(seconds)} s`;
}

/** How long ago a DateTime was. */
export function since(time: string | null | undefined, now = Date.now()): string {
  if (time == null) return '–';
  return duration(Math.max(0, Math.round((now - Date.parse(time)) / 1_000)));
}

/** A DateTime in the time zone of whoever looks, to the second: Swedes write it as ISO 8601 does. */
export function clock(time: string | null | undefined): string {
  return time == null ? '–' : new Date(time).toLocaleString('sv');
}
