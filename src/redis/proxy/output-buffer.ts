import type { Socket } from 'node:net';
import type { WriteBuffers } from './write-buffers.js';
import { copyBytes } from './bytes.js';

/** From here on a range that will not be overwritten is passed on as it is instead of being copied. */
export const SHARE_BYTES = 64 * 1024;
const FIRST_BYTES = 16 * 1024;
const LARGEST_BYTES = 256 * 1024;

/** Bytes gathered for one socket until they are written together. */
export class OutputBuffer {
  private current: Buffer | null = null;
  private used = 0;
  /** What comes before `current`: filled buffers, and ranges that are passed on without a copy. */
  private earlier: Buffer[] = [];
  private earlierBytes = 0;
  /** The pooled buffers behind `earlier`. */
  private filled: Buffer[] = [];
  /** Pooled buffers that the socket still reads. */
  private lent: Buffer[] = [];

  constructor(private readonly pool: WriteBuffers) {}

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
    if (size >= SHARE_BYTES) {
      this.setAside();
      this.earlier.push(lasting ? source.subarray(start, end) : Buffer.from(source.subarray(start, end)));
      this.earlierBytes += size;
      return;
    }
    const { current } = this;
    if (current === null || this.used + size > current.length) this.extend(size);
    this.used = copyBytes(source, start, end, this.current!, this.used);
  }

  /**
   * The buffer with room for `size` bytes, fewer than SHARE_BYTES, from {@link position} on. They are to be
   * written before anything else happens, and then counted with {@link advance}.
   */
  room(size: number): Buffer {
    if (this.current === null || this.used + size > this.current.length) this.extend(size);
    return this.current!;
  }

  get position(): number {
    return this.used;
  }

  advance(size: number): void {
    this.used += size;
  }

  /** Writes everything to the socket, which must be connected. */
  flush(socket: Socket): void {
    const { current, used } = this;
    if (this.earlier.length > 0) {
      this.flushAll(socket);
      return;
    }
    if (used === 0) return;
    socket.write(used === current!.length ? current! : current!.subarray(0, used));
    this.current = null;
    this.used = 0;
    // An empty queue means that the kernel has every byte; otherwise the socket still reads the buffer.
    if (socket.writableLength === 0) this.pool.give(current!);
    else if (socket.writableNeedDrain) this.lent.push(current!);
  }

  /** To be called when the socket has drained: it reads none of the buffers any more. */
  drained(): void {
    if (this.lent.length === 0) return;
    for (const buffer of this.lent) this.pool.give(buffer);
    this.lent = [];
  }

  /** Drops what has not been written. */
  clear(): void {
    if (this.current !== null) this.pool.give(this.current);
    for (const buffer of this.filled) this.pool.give(buffer);
    this.current = null;
    this.used = 0;
    this.earlier = [];
    this.earlierBytes = 0;
    this.filled = [];
    // The socket may be reading these to its end; they are left to the garbage collector.
    this.lent = [];
  }

  private flushAll(socket: Socket): void {
    this.setAside();
    const { filled } = this;
    socket.cork();
    for (const chunk of this.earlier) socket.write(chunk);
    socket.uncork();
    this.earlier = [];
    this.earlierBytes = 0;
    this.filled = [];
    if (socket.writableLength === 0) for (const buffer of filled) this.pool.give(buffer);
    else if (socket.writableNeedDrain) this.lent.push(...filled);
  }

  /** Makes `current` a buffer with room for `size` more bytes. */
  private extend(size: number): void {
    const { current, used } = this;
    if (current === null) {
      this.current = this.pool.take(Math.max(size, FIRST_BYTES));
      return;
    }
    const larger = this.pool.take(Math.min(Math.max(current.length * 4, size), LARGEST_BYTES));
    if (used <= FIRST_BYTES && used + size <= larger.length) {
      // One buffer costs less to write than two.
      current.copy(larger, 0, 0, used);
      this.pool.give(current);
    } else {
      this.setAside();
    }
    this.current = larger;
  }

  private setAside(): void {
    const { current, used } = this;
    if (current === null || used === 0) return;
    this.earlier.push(used === current.length ? current : current.subarray(0, used));
    this.earlierBytes += used;
    this.filled.push(current);
    this.current = null;
    this.used = 0;
  }
}
