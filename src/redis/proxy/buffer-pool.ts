/** Sizes of pooled buffers; anything larger is left to the garbage collector. */
const SIZES = [16 * 1024, 64 * 1024, 256 * 1024];
const KEPT_PER_SIZE = 64;

/**
 * Reusable write buffers, so that an idle connection holds none and a busy one allocates none.
 *
 * A buffer is handed back only when nobody can read it any more: after the kernel has taken its bytes.
 */
export class BufferPool {
  private readonly free: Buffer[][] = SIZES.map(() => []);

  /** A buffer of at least `size` bytes with undefined content. */
  take(size: number): Buffer {
    for (let i = 0; i < SIZES.length; i++) {
      if (size <= SIZES[i]!) return this.free[i]!.pop() ?? Buffer.allocUnsafeSlow(SIZES[i]!);
    }
    return Buffer.allocUnsafeSlow(size);
  }

  give(buffer: Buffer): void {
    const index = SIZES.indexOf(buffer.length);
    if (index !== -1 && this.free[index]!.length < KEPT_PER_SIZE) this.free[index]!.push(buffer);
  }
}
