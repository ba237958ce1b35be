import { ProtocolError } from '../protocol-error.js';

/** Reads the fields of one payload in order. Every method throws a ProtocolError at the payload's end. */
export class PayloadReader {
  constructor(
    private readonly payload: Buffer,
    private at = 0,
  ) {}

  get remaining(): number {
    return this.payload.length - this.at;
  }

  /** A number of 1, 2, 3, 4 or 6 bytes, the lowest first. */
  uint(bytes: number): number {
    return this.payload.readUIntLE(this.advance(bytes), bytes);
  }

  uint64(): bigint {
    return this.payload.readBigUInt64LE(this.advance(8));
  }

  /** A number in one to nine bytes. */
  lengthEncoded(): number {
    const first = this.uint(1);
    if (first < 0xfb) return first;
    if (first === 0xfc) return this.uint(2);
    if (first === 0xfd) return this.uint(3);
    const large = first === 0xfe ? this.uint64() : -1n;
    if (large < 0n || large > Number.MAX_SAFE_INTEGER) throw new ProtocolError('A length is malformed.');
    return Number(large);
  }

  bytes(length: number): Buffer {
    const start = this.advance(length);
    return this.payload.subarray(start, start + length);
  }

  lengthEncodedBytes(): Buffer {
    return this.bytes(this.lengthEncoded());
  }

  /** Up to a NUL, which is not part of it. */
  untilNul(): Buffer {
    const end = this.payload.indexOf(0, this.at);
    if (end < 0) throw new ProtocolError('A text does not end.');
    const text = this.payload.subarray(this.at, end);
    this.at = end + 1;
    return text;
  }

  rest(): Buffer {
    return this.bytes(this.remaining);
  }

  skip(length: number): void {
    this.advance(length);
  }

  private advance(length: number): number {
    if (length > this.remaining) throw new ProtocolError('A message is shorter than its content needs.');
    const start = this.at;
    this.at += length;
    return start;
  }
}
