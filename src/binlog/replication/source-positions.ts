import type { SourceFile, SourcePosition } from '../syncer/source-position.js';

/** So many are forgotten at a time. */
const FORGOTTEN = 4_096;

/**
 * Where the transactions that are not committed yet end in the source's files: the commit record tells it of the last one, so that
 * whoever leads next can say what lies behind it there.
 */
export class SourcePositions {
  private ends: number[] = [];
  private positions: number[] = [];
  private files: SourceFile[] = [];
  private first = 0;

  /** @param committed of the last transaction that is committed, when it is known */
  constructor(private committed: { readonly offset: number; readonly source: SourcePosition | null }) {}

  /** @param end in the journal */
  push(end: number, file: SourceFile, position: number): void {
    this.ends.push(end);
    this.positions.push(position);
    this.files.push(file);
  }

  /** Where the transaction that ends there in the journal ends at the source; null when that is not known. */
  at(offset: number): SourcePosition | null {
    if (offset === this.committed.offset) return this.committed.source;
    const i = this.firstFrom(offset);
    if (this.ends[i] !== offset) return null;
    const { server, name: file } = this.files[i]!;
    return { server, file, position: this.positions[i]! };
  }

  /** It is committed up to there. */
  advance(offset: number): void {
    if (offset <= this.committed.offset) return;
    this.committed = { offset, source: this.at(offset) };
    this.first = this.firstFrom(offset + 1);
    if (this.first < FORGOTTEN && this.first < this.ends.length) return;
    this.ends.splice(0, this.first);
    this.positions.splice(0, this.first);
    this.files.splice(0, this.first);
    this.first = 0;
  }

  /** Forgets those that end behind it. */
  cut(offset: number): void {
    const length = this.firstFrom(offset + 1);
    this.ends.length = this.positions.length = this.files.length = length;
  }

  /** The index of the first one that ends there or behind. */
  private firstFrom(offset: number): number {
    let [low, high] = [this.first, this.ends.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.ends[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
