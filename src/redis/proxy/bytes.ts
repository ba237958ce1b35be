/** Below this a loop beats the native copy, whose call and temporary view cost about as much as 50 bytes. */
const LOOP_LIMIT = 50;

/** Copies `source[start, end)` to `target` at `at` and returns the offset behind the copy. */
export function copyBytes(source: Buffer, start: number, end: number, target: Buffer, at: number): number {
  if (end - start < LOOP_LIMIT) {
    for (let i = start; i < end; i++) target[at++] = source[i]!;
    return at;
  }
  source.copy(target, at, start, end);
  return at + end - start;
}

/** Whether `source[start, end)` is `lower` when ASCII capitals are read as small letters. */
export function equalsIgnoreCase(source: Uint8Array, start: number, end: number, lower: string): boolean {
  if (end - start !== lower.length) return false;
  for (let i = 0; i < lower.length; i++) {
    let byte = source[start + i]!;
    if (byte >= 0x41 && byte <= 0x5a) byte |= 0x20;
    if (byte !== lower.charCodeAt(i)) return false;
  }
  return true;
}

/** How many digits a number that is not negative has. */
export function decimalDigits(value: number): number {
  let digits = 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++;
  return digits;
}

/** Writes a whole number that is not negative in decimal digits and returns the offset behind them. */
export function writeDecimal(target: Uint8Array, at: number, value: number): number {
  const end = at + decimalDigits(value);
  let rest = value;
  for (let i = end - 1; i >= at; i--) {
    target[i] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return end;
}
