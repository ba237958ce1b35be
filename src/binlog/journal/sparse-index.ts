import { GtidRun, type Source } from '../protocol/gtid/gtid-run.js';
import {
  emptyGtidSet,
  parseGtidSet,
  unionOf,
  type Flavour,
  type GtidSet,
} from '../protocol/gtid/gtid-set.js';
import type { Disk } from './disk.js';
import { readSealedJson, replaceCheaply, sealJson } from './files.js';

/** An entry begins at the first boundary so far behind the one before. */
const ENTRY_BYTES = 1024 * 1024;
const SUFFIX = '.index';

/** A stretch of whole transactions of a segment, up to the next entry. */
export interface IndexEntry {
  /** Within the segment. */
  readonly offset: number;
  /** What stands there. */
  readonly gtids: GtidSet;
  /** The earliest and the latest time of a transaction; seconds since 1970. */
  readonly first: number;
  readonly last: number;
}

/** Collects the entries of a segment while it grows. */
export class IndexBuilder {
  private readonly closed: IndexEntry[] = [];
  private set: GtidSet;
  private run: GtidRun;
  private first = Infinity;
  private last = 0;
  private end: number;

  /** @param offset where the segment's first transaction begins */
  constructor(
    private readonly flavour: Flavour,
    private offset: number,
  ) {
    this.end = offset;
    this.set = emptyGtidSet(flavour);
    this.run = new GtidRun(this.set);
  }

  /** @param end where the transaction ends in the segment */
  add(end: number, source: Source, number: number, big: bigint, timestamp: number): void {
    if (this.end - this.offset >= ENTRY_BYTES) this.close();
    this.run.add(source, number, big);
    if (timestamp < this.first) this.first = timestamp;
    if (timestamp > this.last) this.last = timestamp;
    this.end = end;
  }

  /** The entries so far; empty before the first transaction. What they hold is not changed later. */
  entries(): IndexEntry[] {
    return this.end === this.offset
      ? [...this.closed]
      : [...this.closed, this.current(this.run.flush().clone())];
  }

  private close(): void {
    this.closed.push(this.current(this.run.flush()));
    this.set = emptyGtidSet(this.flavour);
    this.run = new GtidRun(this.set);
    this.offset = this.end;
    this.first = Infinity;
    this.last = 0;
  }

  private current(gtids: GtidSet): IndexEntry {
    return { offset: this.offset, gtids, first: this.first, last: this.last };
  }
}

export function gtidsOf(flavour: Flavour, entries: readonly IndexEntry[]): GtidSet {
  return entries.reduce((set, { gtids }) => unionOf(set, gtids), emptyGtidSet(flavour));
}

interface StoredIndex {
  /** The size of the segment. */
  readonly size: number;
  readonly entries: readonly (Omit<IndexEntry, 'gtids'> & { readonly gtids: string })[];
}

export function indexPath(segmentPath: string): string {
  return segmentPath + SUFFIX;
}

export async function saveIndex(
  disk: Disk,
  segmentPath: string,
  size: number,
  entries: readonly IndexEntry[],
): Promise<void> {
  const stored: StoredIndex = {
    size,
    entries: entries.map((each) => ({ ...each, gtids: String(each.gtids) })),
  };
  await replaceCheaply(disk, indexPath(segmentPath), sealJson(stored));
}

/** Null when there is none, or not the one of a segment of that size: it is to be made again from the segment. */
export async function loadIndex(
  disk: Disk,
  segmentPath: string,
  size: number,
  flavour: Flavour,
): Promise<readonly IndexEntry[] | null> {
  const stored = (await readSealedJson(disk, indexPath(segmentPath))) as StoredIndex | null | undefined;
  if (!stored || stored.size !== size) return null;
  return stored.entries.map((each) => ({ ...each, gtids: parseGtidSet(flavour, each.gtids) }));
}
