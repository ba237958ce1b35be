import { BufferPool } from '../../common/buffer-pool.js';

/** Sizes of pooled buffers; anything larger is left to the garbage collector. */
const SIZES = [16 * 1024, 64 * 1024, 256 * 1024];
const KEPT_PER_SIZE = 64;

/**
 * Reusable write buffers of a few sizes, so that an idle connection holds none and a busy one allocates none.
 *
 * A buffer is handed back only when nobody can read it any more: after the kernel has taken its bytes.
 */
export class WriteBuffers {
  private readonly pools = SIZES.map((size) => new BufferPool(size, KEPT_PER_SIZE));

  /** A buffer of at least `size` bytes with undefined content. */
  take(size: number): Buffer {
    for (const pool of this.pools) if (size <= pool.bufferBytes) return pool.take();
    return Buffer.allocUnsafeSlow(size);
  }

  give(buffer: Buffer): void {
    for (const pool of this.pools) if (buffer.length === pool.bufferBytes) return pool.give(buffer);
  }
}
