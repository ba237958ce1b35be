import { encodeCommand } from './encode.js';
import { splitInline } from './inline.js';

/** The request is not all there; {@link RequestParser.needed} says how many of its bytes must be. */
export const INCOMPLETE = 0;
/** A request whose arguments are byte ranges of the buffer that was parsed. */
export const COMPLETE = 1;
/** A request typed as a line of words; its arguments are byte ranges of {@link RequestParser.rewritten}. */
export const COMPLETE_INLINE = 2;
/** An empty array or a blank line: takes `size` bytes and, as in Redis, has no answer. */
export const EMPTY = 3;
/** Not RESP: {@link RequestParser.error} is the reply's text, after which the connection is closed. */
export const INVALID = 4;

export interface RequestLimits {
  /** The longest argument, in bytes; a whole request may have twice as many. */
  readonly maxRequestBytes: number;
  readonly maxArguments: number;
}

/** What Redis allows to a client that has not authenticated: enough for AUTH and HELLO. */
export const UNAUTHENTICATED_LIMITS: RequestLimits = { maxRequestBytes: 16_384, maxArguments: 10 };

const LINE_MAX = 64 * 1024;
const LINE_LIMITS: RequestLimits = { maxRequestBytes: 16 * LINE_MAX, maxArguments: LINE_MAX };
/** No length is longer than this many digits; a longer one is refused without waiting for its end. */
const LENGTH_DIGITS_MAX = 20;
const INITIAL_ARGUMENTS = 16;

const STAR = 0x2a;
const DOLLAR = 0x24;
const MINUS = 0x2d;
const CR = 0x0d;
const LF = 0x0a;
const ZERO = 0x30;

const NEEDS_MORE = -1;
const MALFORMED = -2;

/**
 * Finds the arguments of one RESP2 request in place.
 *
 * Offsets are relative to the request's first byte, so that an incomplete request may be moved between two
 * calls; parsing goes on where it stopped. After COMPLETE, COMPLETE_INLINE or EMPTY the result stays
 * valid until {@link next}.
 *
 * It accepts no request that Redis would read differently: requests are forwarded byte for byte, and two
 * readings of one stream would let a client put replies out of step.
 */
export class RequestParser {
  argc = 0;
  argStart = new Int32Array(INITIAL_ARGUMENTS);
  argEnd = new Int32Array(INITIAL_ARGUMENTS);
  /** Bytes that the request takes in the stream. */
  size = 0;
  /** Lower bound of the bytes, counted from the request's first, without which parsing cannot go on. */
  needed = 1;
  error = '';
  rewritten: Buffer = EMPTY_BUFFER;

  private cursor = 0;
  /** Arguments still to be read; -1 before the array header. */
  private left = -1;
  private number = 0;

  constructor(private limits: RequestLimits) {}

  setLimits(limits: RequestLimits): void {
    this.limits = limits;
  }

  /** Forgets the request that was parsed last. */
  next(): void {
    this.cursor = 0;
    this.left = -1;
    this.argc = 0;
    this.needed = 1;
    if (this.argStart.length > 1024) {
      this.argStart = new Int32Array(INITIAL_ARGUMENTS);
      this.argEnd = new Int32Array(INITIAL_ARGUMENTS);
    }
  }

  /** Parses the request that begins at `base`; `buffer[base, end)` is all that has been received. */
  parse(buffer: Buffer, base: number, end: number): number {
    let at = base + this.cursor;
    if (this.left < 0) {
      if (at >= end) return this.wait(at, base, at - base + 1);
      if (buffer[base] !== STAR) return this.parseInline(buffer, base, end);
      const behind = this.readLength(buffer, base + 1, end);
      if (behind < 0) {
        if (behind === NEEDS_MORE) return this.wait(base, base, end - base + 1);
        return this.refuse('invalid multibulk length');
      }
      at = behind;
      if (this.number <= 0) {
        this.size = at - base;
        return EMPTY;
      }
      if (this.number > this.limits.maxArguments) {
        return this.refuse(
          this.limits === UNAUTHENTICATED_LIMITS
            ? 'unauthenticated multibulk length'
            : 'invalid multibulk length',
        );
      }
      this.left = this.number;
    }
    while (this.left > 0) {
      if (at >= end) return this.wait(at, base, at - base + 1);
      if (buffer[at] !== DOLLAR) return this.refuse(`expected '$', got '${printable(buffer[at]!)}'`);
      const start = this.readLength(buffer, at + 1, end);
      if (start < 0) {
        if (start === NEEDS_MORE) return this.wait(at, base, end - base + 1);
        return this.refuse('invalid bulk length');
      }
      const length = this.number;
      if (length < 0) return this.refuse('invalid bulk length');
      if (length > this.limits.maxRequestBytes) {
        return this.refuse(
          this.limits === UNAUTHENTICATED_LIMITS ? 'unauthenticated bulk length' : 'invalid bulk length',
        );
      }
      const behind = start + length + 2;
      if (behind - base > 2 * this.limits.maxRequestBytes) return this.refuse('too big request');
      if (behind > end) return this.wait(at, base, behind - base);
      if (buffer[behind - 2] !== CR || buffer[behind - 1] !== LF) {
        return this.refuse('expected CRLF behind an argument');
      }
      const index = this.argc;
      if (index === this.argStart.length) this.growArguments();
      this.argStart[index] = start - base;
      this.argEnd[index] = start - base + length;
      this.argc = index + 1;
      this.left--;
      at = behind;
    }
    this.size = at - base;
    return COMPLETE;
  }

  private parseInline(buffer: Buffer, base: number, end: number): number {
    const newline = buffer.subarray(0, end).indexOf(LF, base + this.cursor);
    if ((newline === -1 ? end : newline) - base > LINE_MAX) return this.refuse('too big inline request');
    if (newline === -1) return this.wait(end, base, end - base + 1);
    this.size = newline + 1 - base;
    const lineEnd = newline > base && buffer[newline - 1] === CR ? newline - 1 : newline;
    const words = splitInline(buffer.subarray(base, lineEnd));
    if (words === null) return this.refuse('unbalanced quotes in request');
    if (words.length === 0) return EMPTY;
    this.rewritten = encodeCommand(words);
    const whole = this.size;
    this.next();
    // A line is short: its words are not limited, as in Redis.
    const { limits } = this;
    this.limits = LINE_LIMITS;
    const result = this.parse(this.rewritten, 0, this.rewritten.length);
    this.limits = limits;
    this.size = whole;
    return result === COMPLETE ? COMPLETE_INLINE : result;
  }

  /** Reads a decimal number and its CRLF into `number`; returns the offset behind them. */
  private readLength(buffer: Buffer, from: number, end: number): number {
    let at = from;
    let negative = false;
    if (at < end && buffer[at] === MINUS) {
      negative = true;
      at++;
    }
    const firstDigit = at;
    let value = 0;
    while (at < end) {
      const digit = buffer[at]! - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      at++;
    }
    const digits = at - firstDigit;
    // Redis reads lengths with a strict parser: no leading zero, no sign but one minus, no empty number.
    const strange = digits > LENGTH_DIGITS_MAX || ((digits > 1 || negative) && buffer[firstDigit] === ZERO);
    if (strange && digits > 0) return MALFORMED;
    if (at >= end) return NEEDS_MORE;
    if (digits === 0 || buffer[at] !== CR) return MALFORMED;
    if (at + 1 >= end) return NEEDS_MORE;
    if (buffer[at + 1] !== LF) return MALFORMED;
    this.number = negative ? -value : value;
    return at + 2;
  }

  private wait(at: number, base: number, needed: number): number {
    this.cursor = at - base;
    this.needed = needed;
    return INCOMPLETE;
  }

  private refuse(reason: string): number {
    this.error = `ERR Protocol error: ${reason}`;
    return INVALID;
  }

  private growArguments(): void {
    const starts = new Int32Array(this.argStart.length * 2);
    const ends = new Int32Array(starts.length);
    starts.set(this.argStart);
    ends.set(this.argEnd);
    this.argStart = starts;
    this.argEnd = ends;
  }
}

const EMPTY_BUFFER: Buffer = Buffer.alloc(0);

function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}
