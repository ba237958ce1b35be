const CR = 0x0d;
const LF = 0x0a;
const ZERO = 0x30;
const MINUS = 0x2d;
const PLUS_TYPE = 0x2b;
const ERROR_TYPE = 0x2d;
const INTEGER_TYPE = 0x3a;
const BULK_TYPE = 0x24;
const ARRAY_TYPE = 0x2a;

/** The reply is not all there. */
export const UNFINISHED = -1;
/** The bytes are no RESP2 reply. */
export const NOT_RESP = -2;

/** A status or error line longer than this is taken for a peer that does not speak RESP. */
const LINE_MAX = 1024 * 1024;
const LENGTH_DIGITS_MAX = 18;

/**
 * Finds where a RESP2 reply ends, without building it.
 *
 * Like the request parser it counts from the reply's first byte, so the bytes may be moved between calls,
 * and it goes on where it stopped. Nested arrays need no stack: what counts is how many values are left.
 */
export class ReplyScanner {
  /** Lower bound of the bytes, counted from the reply's first, without which scanning cannot go on. */
  needed = 1;

  private cursor = 0;
  private left = 1;

  /** The offset behind the reply that begins at `base`, or UNFINISHED, or NOT_RESP. */
  scan(buffer: Buffer, base: number, end: number): number {
    let at = base + this.cursor;
    while (this.left > 0) {
      if (at >= end) return this.wait(at, base, at - base + 1);
      const type = buffer[at]!;
      if (type === BULK_TYPE || type === ARRAY_TYPE) {
        let digitAt = at + 1;
        let length = 0;
        const negative = digitAt < end && buffer[digitAt] === MINUS;
        if (negative) digitAt++;
        const firstDigit = digitAt;
        let digit = 0;
        while (digitAt < end && (digit = buffer[digitAt]! - ZERO) >= 0 && digit <= 9) {
          length = length * 10 + digit;
          digitAt++;
        }
        if (digitAt - firstDigit > LENGTH_DIGITS_MAX) return NOT_RESP;
        if (digitAt < end && (buffer[digitAt] !== CR || digitAt === firstDigit)) return NOT_RESP;
        if (digitAt + 1 >= end) return this.wait(at, base, end - base + 1);
        if (buffer[digitAt + 1] !== LF) return NOT_RESP;
        const behind = digitAt + 2;
        if (negative) {
          at = behind;
        } else if (type === ARRAY_TYPE) {
          at = behind;
          this.left += length;
        } else {
          if (behind + length + 2 > end) return this.wait(at, base, behind + length + 2 - base);
          at = behind + length + 2;
        }
      } else if (type === PLUS_TYPE || type === ERROR_TYPE || type === INTEGER_TYPE) {
        let lineAt = at + 1;
        while (lineAt < end && buffer[lineAt] !== CR) lineAt++;
        if (lineAt - at > LINE_MAX) return NOT_RESP;
        if (lineAt + 1 >= end) return this.wait(at, base, end - base + 1);
        if (buffer[lineAt + 1] !== LF) return NOT_RESP;
        at = lineAt + 2;
      } else {
        return NOT_RESP;
      }
      this.left--;
    }
    this.cursor = 0;
    this.left = 1;
    return at;
  }

  private wait(at: number, base: number, needed: number): number {
    this.cursor = at - base;
    this.needed = needed;
    return UNFINISHED;
  }
}
