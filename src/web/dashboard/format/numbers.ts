const DECIMAL = ['', 'k', 'M', 'G', 'T', 'P'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'];

/** What BigInt fields are, and floats. */
export type Numeric = string | number | null | undefined;

/** Three digits and a prefix, such as `12.3 k`; a dash when it is not known. */
export function count(value: Numeric): string {
  if (value == null) return '–';
  return scaled(Number(value), 1_000, DECIMAL, '');
}

/** Bytes, such as `1.50 KiB`, which are 1,536; the command line writes them so, too. */
export function bytes(value: Numeric): string {
  if (value == null) return '–';
  return scaled(Number(value), 1_024, BINARY, 'B');
}

export function bytesPerSecond(value: Numeric): string {
  return value == null ? '–' : `${bytes(value)}/s`;
}

export function perSecond(value: Numeric): string {
  return value == null ? '–' : `${count(value)}/s`;
}

export function milliseconds(value: Numeric): string {
  if (value == null) return '–';
  const ms = Number(value);
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${ms.toFixed(ms < 1 ? 2 : ms < 10 ? 1 : 0)} ms`;
}

function scaled(value: number, base: number, prefixes: readonly string[], unit: string): string {
  let power = 0;
  let rest = value;
  while (Math.abs(rest) >= base && power < prefixes.length - 1) {
    rest /= base;
    power++;
  }
  const digits =
    power === 0 && Number.isInteger(rest) ? 0 : Math.abs(rest) < 10 ? 2 : Math.abs(rest) < 100 ? 1 : 0;
  return `${rest.toFixed(digits)} ${prefixes[power]}${unit}`.trimEnd();
}
