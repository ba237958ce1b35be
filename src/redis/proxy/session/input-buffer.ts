const NOTHING: Buffer = Buffer.alloc(0);
/** A request is gathered in a buffer that grows with what has arrived, not with the length it announces. */
const FIRST_BYTES = 4 * 1024;

/**
 * What a client has sent and the proxy has not taken: `buffer[start, end)`.
 *
 * Usually that is the chunk that has just been read, parsed in place. Only the rest of an incomplete
 * request is copied. Bytes before `end` are never written over, so ranges of them may be passed on.
 */
export class InputBuffer {
  buffer: Buffer = NOTHING;
  start = 0;
  end = 0;
  /** Whether the buffer is ours, with room behind `end`, rather than a chunk. */
  private own = false;

  /** Adds a chunk; `needed` is how long the incomplete request at `start` is going to be at least. */
  add(chunk: Buffer, needed: number): void {
    const rest = this.end - this.start;
    if (rest === 0) {
      this.buffer = chunk;
      this.start = 0;
      this.end = chunk.length;
      this.own = false;
      return;
    }
    if (!this.own || this.end + chunk.length > this.buffer.length) {
      const least = rest + chunk.length;
      const size = this.own ? 2 * least : Math.max(least, FIRST_BYTES, Math.min(needed, 2 * least));
      const larger = Buffer.allocUnsafeSlow(size);
      this.buffer.copy(larger, 0, this.start, this.end);
      this.buffer = larger;
      this.start = 0;
      this.end = rest;
      this.own = true;
    }
    chunk.copy(this.buffer, this.end);
    this.end += chunk.length;
  }

  /** Lets go of the buffer when everything in it has been taken. */
  release(): void {
    if (this.start === this.end) this.clear();
  }

  clear(): void {
    this.buffer = NOTHING;
    this.start = 0;
    this.end = 0;
    this.own = false;
  }
}
