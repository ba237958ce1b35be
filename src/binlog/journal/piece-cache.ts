import { BufferPool } from '../../common/buffer-pool.js';
import type { SegmentFiles } from './segment-files.js';
import type { Segment } from './segment.js';

/** Kept although nobody reads them at the moment: another reader is often close behind. */
const MAX_IDLE = 2;
const MAX_SPARE = 6;

/** A stretch of a segment's file. */
export interface Piece {
  /** The journal's offset of its first byte. */
  readonly offset: number;
  /** Not to be changed. */
  readonly bytes: Buffer;
  /** So many are asked of the file. */
  readonly length: number;
  /** How many there are. Rejects as the file does. */
  readonly done: Promise<number>;
}

interface SharedPiece extends Piece {
  readers: number;
  isDone: boolean;
}

/**
 * Pieces of the files, each read once for all readers that come for it. They begin at multiples of their size within a
 * segment, so that readers from different places meet.
 */
export class PieceCache {
  private readonly byOffset = new Map<number, SharedPiece>();
  /** Without readers, the oldest first. */
  private readonly idle: SharedPiece[] = [];
  private readonly buffers: BufferPool;

  constructor(
    private readonly files: SegmentFiles,
    private readonly pieceBytes: number,
  ) {
    this.buffers = new BufferPool(pieceBytes, MAX_SPARE);
  }

  /**
   * The piece that has the offset, which the caller releases.
   *
   * @param limit the journal's offset behind what may be read of the segment
   */
  acquire(segment: Segment, offset: number, limit: number): Piece {
    const start = offset - ((offset - segment.startOffset) % this.pieceBytes);
    const known = this.byOffset.get(start);
    if (known && offset < known.offset + known.length) {
      if (known.readers++ === 0) this.idle.splice(this.idle.indexOf(known), 1);
      return known;
    }
    const bytes = this.buffers.take();
    const length = Math.min(this.pieceBytes, limit - start);
    const done = this.read(segment, bytes, length, start - segment.startOffset);
    const piece: SharedPiece = { offset: start, bytes, length, done, readers: 1, isDone: false };
    // Whoever waits for it is told; nobody may.
    done.then(
      () => (piece.isDone = true),
      () => this.forget(piece),
    );
    // One that was shorter when it was read stays with those who have it.
    if (known?.readers === 0) this.drop(known);
    this.byOffset.set(start, piece);
    return piece;
  }

  release(piece: Piece): void {
    const shared = piece as SharedPiece;
    if (--shared.readers > 0) return;
    if (this.byOffset.get(shared.offset) !== shared) return this.reuse(shared);
    this.idle.push(shared);
    if (this.idle.length > MAX_IDLE) this.drop(this.idle[0]!);
  }

  /** Forgets what is behind the offset, or across it. */
  cut(offset: number): void {
    for (const piece of this.byOffset.values())
      if (piece.offset + piece.length > offset) {
        if (piece.readers === 0) this.drop(piece);
        else this.forget(piece);
      }
  }

  private drop(piece: SharedPiece): void {
    this.idle.splice(this.idle.indexOf(piece), 1);
    this.forget(piece);
    this.reuse(piece);
  }

  private forget(piece: SharedPiece): void {
    if (this.byOffset.get(piece.offset) === piece) this.byOffset.delete(piece.offset);
  }

  private reuse(piece: SharedPiece): void {
    // A read that goes on would write into what another piece has by then.
    if (piece.isDone) this.buffers.give(piece.bytes);
  }

  private async read(segment: Segment, bytes: Buffer, length: number, position: number): Promise<number> {
    const file = await this.files.acquire(segment);
    try {
      return (await file.read(bytes, 0, length, position)).bytesRead;
    } finally {
      await this.files.release(segment);
    }
  }
}
