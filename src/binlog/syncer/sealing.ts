import { crc32 } from '../protocol/event/checksum.js';
import { CHECKSUM_BYTES, HEADER_BYTES, SIZE_AT } from '../protocol/event/event-header.js';

/** Takes bytes as they are to be stored; false: the caller is to wait before it goes on. */
export type Append = (bytes: Buffer, start: number, end: number) => boolean;

/**
 * Gives an event without a checksum the one that it would have had, and the size that it has with it. Everything else stays: its
 * position is where the source has it, as that of all events that are stored.
 */
export class Sealing {
  private readonly header = Buffer.alloc(HEADER_BYTES);
  private readonly checksum = Buffer.alloc(CHECKSUM_BYTES);
  private crc = 0;

  constructor(private readonly append: Append) {}

  /** @param bytes from the event's first one on, with its whole header */
  begin(bytes: Buffer, start: number, end: number, size: number): boolean {
    const { header } = this;
    bytes.copy(header, 0, start, start + HEADER_BYTES);
    header.writeUInt32LE(size + CHECKSUM_BYTES, SIZE_AT);
    this.crc = crc32(header, 0, HEADER_BYTES);
    const hasRoom = this.append(header, 0, HEADER_BYTES);
    return start + HEADER_BYTES === end ? hasRoom : this.pass(bytes, start + HEADER_BYTES, end);
  }

  pass(bytes: Buffer, start: number, end: number): boolean {
    this.crc = crc32(bytes, start, end, this.crc);
    return this.append(bytes, start, end);
  }

  end(): boolean {
    this.checksum.writeUInt32LE(this.crc >>> 0);
    return this.append(this.checksum, 0, CHECKSUM_BYTES);
  }
}
