import { FRAME_HEAD_BYTES, readDescription, readFrameHead, type FrameHead } from './frames.js';

export interface Frame {
  readonly description: unknown;
  readonly bytes: Buffer;
}

const NOTHING = Buffer.alloc(0);
const LEAST_BODY_BYTES = 4 * 1024;

/**
 * Puts a frame together from what a socket gives. Has one frame at a time, and keeps what came behind it as it is: whoever
 * gives the bytes does not change them before the next frame is asked for.
 */
export class FrameAssembler {
  private readonly headBytes = Buffer.allocUnsafe(FRAME_HEAD_BYTES);
  private body: Buffer = NOTHING;
  private head: FrameHead | null = null;
  /** So much is known of the head, and of what follows it. */
  private headFilled = 0;
  private bodyFilled = 0;
  private rest: Buffer = NOTHING;
  private maxBytes = 0;
  private wants = false;

  get isWhole(): boolean {
    return this.head !== null && this.bodyFilled === this.head.length;
  }

  /** Whether there is use for more bytes: a frame was asked for, and is not whole. */
  get wantsMore(): boolean {
    return this.wants && !this.isWhole;
  }

  /**
   * Gives the frame at hand up for the next one.
   *
   * @throws FrameError when that is larger
   */
  next(maxBytes: number): void {
    this.maxBytes = maxBytes;
    this.wants = true;
    if (this.isWhole) {
      this.head = null;
      this.headFilled = this.bodyFilled = 0;
    }
    const { rest } = this;
    this.rest = NOTHING;
    this.take(rest);
  }

  /** @throws FrameError */
  take(bytes: Buffer): void {
    if (!this.wantsMore) {
      this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
      return;
    }
    let at = 0;
    if (this.head === null) {
      at = Math.min(bytes.length, FRAME_HEAD_BYTES - this.headFilled);
      bytes.copy(this.headBytes, this.headFilled, 0, at);
      this.headFilled += at;
      if (this.headFilled < FRAME_HEAD_BYTES) return;
      this.begin(readFrameHead(this.headBytes, this.maxBytes));
    }
    const length = Math.min(bytes.length - at, this.head!.length - this.bodyFilled);
    bytes.copy(this.body, this.bodyFilled, at, at + length);
    this.bodyFilled += length;
    if (at + length < bytes.length) this.rest = bytes.subarray(at + length);
  }

  /** @throws FrameError when its description is damaged */
  frame(): Frame {
    const head = this.head!;
    const body = this.body.subarray(0, head.length);
    return { description: readDescription(head, body), bytes: body.subarray(head.descriptionLength) };
  }

  private begin(head: FrameHead): void {
    this.head = head;
    if (this.body.length < head.length)
      this.body = Buffer.allocUnsafeSlow(Math.max(LEAST_BODY_BYTES, head.length));
  }
}
