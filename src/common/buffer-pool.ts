/**
 * Buffers of one size, used again: large ones that are left to the garbage collector stay for long, since to it they look
 * small.
 */
export class BufferPool {
  private readonly spare: Buffer[] = [];

  /** @param maxSpare so many are kept when they are not needed; more are left to the garbage collector */
  constructor(
    readonly bufferBytes: number,
    private readonly maxSpare: number,
  ) {}

  /** With whatever is in it. */
  take(): Buffer {
    return this.spare.pop() ?? Buffer.allocUnsafeSlow(this.bufferBytes);
  }

  /** Only when nobody reads or writes it any more. */
  give(buffer: Buffer): void {
    if (this.spare.length < this.maxSpare) this.spare.push(buffer);
  }
}
