import type { Socket } from 'node:net';
import type { BufferPool } from './buffer-pool.js';
import { copyBytes } from './bytes.js';

/** From here on a range that will not be overwritten is passed on as it is instead of being copied. */
export const SHARE_BYTES = 64 * 1024;
const FIRST_BYTES = 16 * 1024;
const LARGEST_BYTES = 256 * 1024;

/** Bytes gathered for one socket until they are written together. */
export class OutputBuffer {
  private current: Buffer | null = null;
  private used = 0;
  /** What comes before `current`: full buffers, and ranges that are passed on without a copy. */
  private earlier: Buffer[] = [];
  private earlierBytes = 0;

  constructor(private readonly pool: BufferPool) {}

  /** Bytes that have not been given to the socket. */
  get length(): number {
    return this.earlierBytes + this.used;
  }

  /**
   * Adds `source[start, end)`.
   *
   * @param lasting the bytes will never be overwritten, so that a large range need not be copied
   */
  append(source: Buffer, start: number, end: number, lasting: boolean): void {
    const size = end - start;
    const { current } = this;
    if (current !== null && this.used + size <= current.length && size < SHARE_BYTES) {
      this.used = copyBytes(source, start, end, current, this.used);
      return;
    }
    this.appendSlowly(source, start, end, lasting);
  }

  /** Writes everything to the socket, which must be connected. */
  flush(socket: Socket): void {
    const { current, used } = this;
    if (this.earlier.length > 0) {
      socket.cork();
      for (const chunk of this.earlier) socket.write(chunk);
      if (used > 0) socket.write(current!.subarray(0, used));
      socket.uncork();
      this.earlier = [];
      this.earlierBytes = 0;
    } else if (used > 0) {
      socket.write(used === current!.length ? current! : current!.subarray(0, used));
    } else {
      return;
    }
    // An empty queue means that the kernel has every byte; otherwise the socket still reads the buffer.
    if (current !== null && socket.writableLength === 0) this.pool.give(current);
    this.current = null;
    this.used = 0;
  }

  /** Drops what has not been written. */
  clear(): void {
    if (this.current !== null) this.pool.give(this.current);
    this.current = null;
    this.used = 0;
    this.earlier = [];
    this.earlierBytes = 0;
  }

  private appendSlowly(source: Buffer, start: number, end: number, lasting: boolean): void {
    const size = end - start;
    if (size >= SHARE_BYTES) {
      this.setAside();
      this.earlier.push(lasting ? source.subarray(start, end) : Buffer.from(source.subarray(start, end)));
      this.earlierBytes += size;
      return;
    }
    const { current } = this;
    if (current === null) {
      this.current = this.pool.take(Math.max(size, FIRST_BYTES));
    } else if (current.length < LARGEST_BYTES) {
      const larger = this.pool.take(Math.max(current.length * 4, this.used + size));
      current.copy(larger, 0, 0, this.used);
      this.pool.give(current);
      this.current = larger;
    } else {
      this.setAside();
      this.current = this.pool.take(LARGEST_BYTES);
    }
    this.used = copyBytes(source, start, end, this.current!, this.used);
  }

  private setAside(): void {
    if (this.current === null || this.used === 0) return;
    this.earlier.push(this.current.subarray(0, this.used));
    this.earlierBytes += this.used;
    this.current = null;
    this.used = 0;
  }
}
