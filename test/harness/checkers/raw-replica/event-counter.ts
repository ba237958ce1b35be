import { isEof, ServerError } from './answers.js';
import type { StreamEnd } from './events.js';
import { FULL_PACKET, HEADER_BYTES } from './packet-stream.js';

const OK = 0;

/**
 * How much came, at full speed: nothing is kept and no acknowledgement sent. Packets are walked over without a call for
 * each, so that a benchmark measures who sends them.
 */
export class EventCounter {
  events = 0;
  /** Of all payloads. */
  size = 0;
  private readonly header = Buffer.alloc(HEADER_BYTES);
  private headerLength = 0;
  /** Of the packet whose header has been read. */
  private left = 0;
  /** Its payload goes on in the next one. */
  private continues = false;
  /** No byte of the payload has come. */
  private isFresh = false;
  private failure: Buffer | null = null;

  constructor(private readonly onEnd: (end: StreamEnd) => void) {}

  take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;)
      at = this.left > 0 ? this.passPayload(chunk, at) : this.readHeader(chunk, at);
  }

  private readHeader(chunk: Buffer, at: number): number {
    if (this.headerLength === 0 && chunk.length - at >= HEADER_BYTES) {
      this.beginPacket(chunk, at);
      return at + HEADER_BYTES;
    }
    this.header[this.headerLength++] = chunk[at]!;
    if (this.headerLength === HEADER_BYTES) {
      this.headerLength = 0;
      this.beginPacket(this.header, 0);
    }
    return at + 1;
  }

  private beginPacket(bytes: Buffer, at: number): void {
    this.left = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    this.isFresh = !this.continues;
    this.continues = this.left === FULL_PACKET;
  }

  private passPayload(chunk: Buffer, at: number): number {
    if (this.isFresh) {
      this.isFresh = false;
      if (chunk[at] === OK) this.events++;
      else this.failure = Buffer.alloc(0);
    }
    const end = Math.min(chunk.length, at + this.left);
    this.size += end - at;
    this.left -= end - at;
    if (this.failure !== null) this.keep(chunk.subarray(at, end));
    return end;
  }

  private keep(bytes: Buffer): void {
    this.failure = Buffer.concat([this.failure!, bytes]);
    if (this.left === 0) this.onEnd(isEof(this.failure) ? 'eof' : ServerError.read(this.failure));
  }
}
