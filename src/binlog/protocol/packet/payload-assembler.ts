import { ProtocolError } from '../protocol-error.js';
import type { PayloadHandler } from './packet-splitter.js';

/** Puts payloads together, for conversations in which they are small. */
export class PayloadAssembler implements PayloadHandler {
  private pieces: Buffer[] = [];
  private length = 0;

  /**
   * @param maxBytes of one payload
   * @param onPayload gets bytes that it may keep
   */
  constructor(
    public maxBytes: number,
    private readonly onPayload: (payload: Buffer) => void,
  ) {}

  /** @throws ProtocolError when a payload is too large */
  piece(bytes: Buffer, start: number, end: number, _first: boolean, last: boolean): void {
    this.length += end - start;
    if (this.length > this.maxBytes) {
      throw new ProtocolError(`A message has more than the ${this.maxBytes} bytes that are allowed.`);
    }
    // Chunks of a socket are not kept: a few bytes would keep all of one alive.
    this.pieces.push(Buffer.from(bytes.subarray(start, end)));
    if (!last) return;
    const payload = this.pieces.length === 1 ? this.pieces[0]! : Buffer.concat(this.pieces);
    this.pieces = [];
    this.length = 0;
    this.onPayload(payload);
  }
}
