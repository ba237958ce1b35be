import { join } from 'node:path';
import { emptyGtidSet, flavourOf, type GtidSet } from '../protocol/gtid/gtid-set.js';
import type { Disk } from './disk.js';
import type { SegmentHeader } from './segment-header.js';
import { segmentName } from './segment-name.js';
import { rebuildIndex } from './segment-scan.js';
import { gtidsOf, IndexBuilder, loadIndex, type IndexEntry } from './sparse-index.js';

/** A segment as the API shows it. */
export interface SegmentInfo {
  readonly name: string;
  /** The journal's offset of its first byte. */
  readonly startOffset: number;
  readonly sizeBytes: number;
  /** All transactions before it, and those in it. */
  readonly previousGtidSet: GtidSet;
  readonly addedGtidSet: GtidSet;
  /** When its earliest and its latest transaction were committed at the source. */
  readonly minTimestamp: Date | null;
  readonly maxTimestamp: Date | null;
  readonly createdAt: Date;
  /** When its last transaction came here, whatever time the source has given to that. */
  readonly arrivedAt: Date;
}

interface Summary {
  readonly added: GtidSet;
  readonly first: number;
  readonly last: number;
}

/** One file of the journal: a binlog file. Only the newest one grows; of the others the index is on disk. */
export class Segment {
  readonly path: string;
  readonly name: string;
  /** Up to the last durable transaction. */
  size: number;
  /** When that was written; over a restart, the file's own time tells. */
  arrivedAt = new Date();
  private builder: IndexBuilder | null;
  private summary: Summary | null = null;

  constructor(
    private readonly disk: Disk,
    directory: string,
    readonly number: number,
    readonly startOffset: number,
    readonly header: SegmentHeader,
    public createdAt: Date,
    builder?: IndexBuilder,
  ) {
    this.name = segmentName(number);
    this.path = join(directory, this.name);
    this.size = header.bytes;
    this.builder = builder ?? new IndexBuilder(flavourOf(header.previous), header.bytes);
  }

  get endOffset(): number {
    return this.startOffset + this.size;
  }

  /** Whether it grows no more. */
  get isSealed(): boolean {
    return this.builder === null;
  }

  /** The index of the newest segment, which grows with it. */
  get growing(): IndexBuilder {
    if (!this.builder) throw new Error(`${this.name} does not grow any more.`);
    return this.builder;
  }

  /** It grows no more; its index is on disk. */
  seal(entries: readonly IndexEntry[]): void {
    this.summary = summaryOf(this.header.previous, entries);
    this.builder = null;
  }

  /** It grows again, behind what the builder knows. */
  reopen(builder: IndexBuilder, size: number): void {
    this.builder = builder;
    this.summary = null;
    this.size = size;
  }

  async entries(): Promise<readonly IndexEntry[]> {
    if (this.builder) return this.builder.entries();
    const flavour = flavourOf(this.header.previous);
    const stored = await loadIndex(this.disk, this.path, this.size, flavour);
    return stored ?? rebuildIndex(this.disk, this.path, flavour);
  }

  get info(): SegmentInfo {
    const { added, first, last } = this.summary ?? summaryOf(this.header.previous, this.growing.entries());
    return {
      name: this.name,
      startOffset: this.startOffset,
      sizeBytes: this.size,
      previousGtidSet: this.header.previous,
      addedGtidSet: added,
      minTimestamp: Number.isFinite(first) ? new Date(first * 1000) : null,
      maxTimestamp: Number.isFinite(first) ? new Date(last * 1000) : null,
      createdAt: this.createdAt,
      arrivedAt: this.arrivedAt,
    };
  }
}

function summaryOf(previous: GtidSet, entries: readonly IndexEntry[]): Summary {
  const flavour = flavourOf(previous);
  return {
    added: entries.length === 0 ? emptyGtidSet(flavour) : gtidsOf(flavour, entries),
    first: entries.reduce((first, each) => Math.min(first, each.first), Infinity),
    last: entries.reduce((last, each) => Math.max(last, each.last), 0),
  };
}
