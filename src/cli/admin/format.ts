const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `1536` is `1.5 KiB`; null stays. */
export function bytes(value: string | number | null | undefined): string | null {
  if (value == null) return null;
  let amount = Number(value);
  let unit = 0;
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${unit === 0 ? amount : amount.toFixed(1)} ${UNITS[unit]}`;
}

/** A rate or a latency with one digit after the point; null stays. */
export function decimal(value: number | null | undefined): string | null {
  return value == null ? null : value.toFixed(1);
}

/** `93` seconds are `1m33s`; null stays. */
export function duration(seconds: number | null | undefined): string | null {
  if (seconds == null) return null;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours > 0) return `${hours}h${minutes}m`;
  return minutes > 0 ? `${minutes}m${whole % 60}s` : `${whole}s`;
}

/** `count(1, 'slot')` is `1 slot`, `count(2, 'slot')` is `2 slots`. */
export function count(n: number | string, what: string): string {
  return `${n} ${what}${Number(n) === 1 ? '' : 's'}`;
}
