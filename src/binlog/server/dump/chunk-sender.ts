import { HEADER_BYTES, SIZE_AT, u32 } from '../../protocol/event/event-header.js';
import type { EventSender } from './event-sender.js';
import type { FramedChunk, FramedChunks } from './framed-chunks.js';

/** Up to this size an event that lies across two ranges is put together; a larger one is sent as it comes. */
const JOINED_BYTES = 16 * 1024;
/** So much is looked at event by event before the client's socket, and others, have their turn. */
const SLICE_BYTES = 128 * 1024;

/**
 * Sends ranges of the journal to one client by chunks that other dumps share, as far as the sender may. Dumps find each
 * other's chunks by the offsets where those begin, so an event that lies across two ranges becomes a chunk as well:
 * whoever sends it by itself would have to read the whole range for it.
 */
export class ChunkSender {
  /** The beginning of an event whose end the range did not have. */
  private readonly rest = Buffer.allocUnsafe(JOINED_BYTES);
  private restBytes = 0;

  constructor(
    private readonly sender: EventSender,
    private readonly chunks: FramedChunks,
  ) {}

  /**
   * Sends what another dump has framed from that offset of the journal on, which need not be read then.
   *
   * @returns how many bytes of the journal that was; 0 when there is nothing of it
   */
  sendKnown(offset: number): number {
    if (!this.sender.isPlain || this.restBytes > 0 || !this.sender.isBetweenEvents) return 0;
    const chunk = this.chunks.find(offset);
    return chunk === undefined ? 0 : this.send(chunk, offset);
  }

  /**
   * Sends the next bytes of the journal.
   *
   * @param offset the journal's, of `bytes[start]`
   * @returns how many of them were taken
   */
  take(bytes: Buffer, start: number, end: number, offset: number): number {
    const left = end - start;
    if (!this.sender.isPlain) return this.pass(bytes, start, Math.min(SLICE_BYTES, left));
    if (this.restBytes > 0) return this.join(bytes, start, end, offset);
    if (!this.sender.isBetweenEvents) return this.pass(bytes, start, Math.min(this.sender.missing, left));
    const known = this.chunks.find(offset);
    const fits = known !== undefined && known.end - offset <= left;
    const chunk = fits ? known : this.chunks.frame(bytes, start, end, offset);
    if (chunk !== undefined) return this.send(chunk, offset);
    if (left < HEADER_BYTES || isCutAndSmall(u32(bytes, start + SIZE_AT), left)) {
      this.restBytes = bytes.copy(this.rest, 0, start, end);
      return left;
    }
    return this.pass(bytes, start, Math.min(SLICE_BYTES, left));
  }

  /** Completes the event that the range before has begun. */
  private join(bytes: Buffer, start: number, end: number, offset: number): number {
    const headed = this.fill(HEADER_BYTES, bytes, start, end);
    if (this.restBytes < HEADER_BYTES) return headed;
    const size = u32(this.rest, SIZE_AT);
    if (size > JOINED_BYTES) {
      this.passRest();
      return headed;
    }
    const taken = headed + this.fill(size, bytes, start + headed, end);
    if (this.restBytes < size) return taken;
    this.restBytes = 0;
    this.send(this.chunks.frameOne(this.rest, size, offset + taken - size), offset + taken - size);
    return taken;
  }

  /** @returns how many bytes were taken for the rest to be of that size, or as close to it as can be */
  private fill(size: number, bytes: Buffer, start: number, end: number): number {
    const length = Math.max(0, Math.min(size - this.restBytes, end - start));
    bytes.copy(this.rest, this.restBytes, start, start + length);
    this.restBytes += length;
    return length;
  }

  private passRest(): void {
    const length = this.restBytes;
    this.restBytes = 0;
    this.pass(this.rest, 0, length);
  }

  private pass(bytes: Buffer, start: number, length: number): number {
    this.sender.take(bytes, start, start + length);
    return length;
  }

  private send(chunk: FramedChunk, offset: number): number {
    this.sender.framed(chunk, chunk.end - offset);
    return chunk.end - offset;
  }
}

function isCutAndSmall(size: number, available: number): boolean {
  return size > available && size <= JOINED_BYTES;
}
