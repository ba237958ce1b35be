import { ProtocolError } from '../protocol-error.js';

/** The header of a packet: its length in three bytes, then its sequence number. */
export const HEADER_BYTES = 4;
/** A packet of this length is followed by another one of the same payload, which may be empty. */
export const FULL_PACKET = 0xffffff;

/** Gets payloads in pieces, as they arrive. */
export interface PayloadHandler {
  /**
   * @param first whether the payload begins with this piece
   * @param last whether it ends with it; the piece may be empty then
   */
  piece(bytes: Buffer, start: number, end: number, first: boolean, last: boolean): void;
}

/**
 * Finds the payloads in a stream of packets that is cut anywhere. Copies nothing and makes nothing: a piece is a
 * range of the chunk that it came with.
 */
export class PacketSplitter {
  /** The sequence number that the next packet must have. */
  expected = 0;
  private readonly header = Buffer.alloc(HEADER_BYTES);
  private headerLength = 0;
  /** How much of the present packet is missing. */
  private missing = 0;
  private inPacket = false;
  private isFull = false;
  /** Whether something of the present payload has been passed on. */
  private hasBegun = false;
  private isHalted = false;

  constructor(private readonly handler: PayloadHandler) {}

  /** Whether it is between two payloads. */
  get isIdle(): boolean {
    return !this.inPacket && !this.hasBegun && this.headerLength === 0;
  }

  /**
   * @returns how much of the chunk was taken: all, unless the handler has called {@link halt}
   * @throws ProtocolError when a sequence number is not the expected one
   */
  take(chunk: Buffer): number {
    let at = 0;
    this.isHalted = false;
    while (at < chunk.length && !this.isHalted)
      at = this.inPacket ? this.body(chunk, at) : this.begin(chunk, at);
    return at;
  }

  /** For the handler: what follows the present piece is something else than packets. */
  halt(): void {
    this.isHalted = true;
  }

  private begin(chunk: Buffer, at: number): number {
    if (this.headerLength === 0 && chunk.length - at >= HEADER_BYTES) {
      this.open(chunk, at);
      return at + HEADER_BYTES;
    }
    this.header[this.headerLength++] = chunk[at]!;
    if (this.headerLength === HEADER_BYTES) {
      this.headerLength = 0;
      this.open(this.header, 0);
    }
    return at + 1;
  }

  private open(header: Buffer, at: number): void {
    const sequence = header[at + 3]!;
    if (sequence !== this.expected) {
      throw new ProtocolError(`A packet has sequence number ${sequence} instead of ${this.expected}.`);
    }
    this.expected = (sequence + 1) & 0xff;
    this.missing = header[at]! | (header[at + 1]! << 8) | (header[at + 2]! << 16);
    this.isFull = this.missing === FULL_PACKET;
    this.inPacket = true;
    // Nothing follows that could end it.
    if (this.missing === 0) this.emit(header, at, at);
  }

  private body(chunk: Buffer, at: number): number {
    const rest = chunk.length - at;
    const taken = rest < this.missing ? rest : this.missing;
    this.emit(chunk, at, at + taken);
    return at + taken;
  }

  private emit(bytes: Buffer, start: number, end: number): void {
    const first = !this.hasBegun;
    this.missing -= end - start;
    this.inPacket = this.missing > 0;
    const last = !this.inPacket && !this.isFull;
    this.hasBegun = !last;
    this.handler.piece(bytes, start, end, first, last);
  }
}
