import type { Flavour, GtidSet } from '../protocol/gtid/gtid-set.js';
import type { CommitState } from './commit-state.js';
import { JournalError, JournalPurgedError } from './journal-error.js';
import { JournalReader } from './journal-reader.js';
import type { Term } from './journal-state.js';
import type { PendingTransactions } from './pending-transactions.js';
import { PieceCache } from './piece-cache.js';
import type { Readability } from './readability.js';
import { seek, type SeekOptions, type StartPoint } from './seek.js';
import { segmentName } from './segment-name.js';
import { segmentsAt, segmentsCovering } from './segment-queries.js';
import type { SegmentStore } from './segment-store.js';
import type { Segment, SegmentInfo } from './segment.js';

/** A journal as those see it who only read. */
export abstract class JournalView {
  protected constructor(
    protected readonly store: SegmentStore,
    protected readonly commits: CommitState,
  ) {}

  get directory(): string {
    return this.store.directory;
  }

  get readability(): Readability {
    return this.store.readability;
  }

  /** Why nothing is stored any more; null while its files are there, as far as was looked. */
  get loss(): string | null {
    return this.store.loss?.message ?? null;
  }

  /** Null before `begin`. */
  get flavour(): Flavour | null {
    return this.store.state?.flavour ?? null;
  }

  /** The name of this journal among those that the cluster has had; null: the first, or none yet. */
  get incarnation(): string | null {
    return this.store.state?.incarnation ?? null;
  }

  get startOffset(): number {
    return this.store.startOffset;
  }

  /** Behind the last durable transaction. */
  get endOffset(): number {
    return this.store.endOffset;
  }

  get committedOffset(): number {
    return this.commits.offset;
  }

  /** All transactions up to the committed offset, purged ones included; a copy. Null before `begin`. */
  get executedGtidSet(): GtidSet | null {
    return this.commits.set?.clone() ?? null;
  }

  /** All transactions up to the end, committed or not: what is not to be asked for again. A copy; null before `begin`. */
  get durableGtidSet(): GtidSet | null {
    return this.commits.pending?.setAt(this.endOffset) ?? null;
  }

  /** All transactions before the first segment; a copy. Null before `begin`. */
  get purgedGtidSet(): GtidSet | null {
    return this.store.state?.purged.clone() ?? null;
  }

  /** The last committed transaction's, null while none was committed since the journal was opened. */
  get lastGtid(): string | null {
    return this.commits.lastGtid;
  }

  get term(): Term | null {
    return this.store.term;
  }

  /** The name of its first file, there already or not. */
  get firstFile(): string {
    return segmentName(this.store.state?.firstSegment ?? 1);
  }

  /** Those that have a durable transaction. */
  get segmentCount(): number {
    return this.store.segments.length;
  }

  get sizeBytes(): number {
    return this.endOffset - this.startOffset;
  }

  /** The last segment, to go on where it ends; null when it has no transaction. */
  get lastSegment(): Segment | null {
    return this.store.last;
  }

  /** Those that hold something that is committed, oldest first. */
  committedSegments(): readonly Segment[] {
    return this.store.segments.filter(({ startOffset }) => startOffset < this.committedOffset);
  }

  /** Those that have a durable transaction, oldest first. */
  segments(): SegmentInfo[] {
    return this.store.segments.map(({ info }) => info);
  }

  /** Those with a transaction at or before that time. */
  segmentsAt(time: Date): SegmentInfo[] {
    return segmentsAt(this.segments(), time);
  }

  /**
   * The fewest that hold those transactions.
   *
   * @throws JournalPurgedError when they cannot
   */
  segmentsCovering(set: GtidSet): SegmentInfo[] {
    return segmentsCovering(this.segments(), set);
  }

  /** Called with each new committed offset; answers how to end that. */
  onCommit(listener: (offset: number) => void): () => void {
    return this.commits.onCommit(listener);
  }

  /** Resolves when the committed offset moves next. */
  nextCommit(): Promise<void> {
    return this.commits.next();
  }

  /** Resolves when the end of what is durable moves next. */
  nextDurable(): Promise<void> {
    return this.store.nextDurable();
  }

  /** From a boundary or the start of a segment. Close it when it is no longer needed. */
  reader(offset: number): JournalReader {
    this.requireBegun();
    if (offset < this.startOffset)
      throw new JournalPurgedError(
        `Offset ${offset} is purged, the journal begins at ${this.startOffset}.`,
        '',
      );
    const { cache, pieces, files, readability } = this.store;
    const parts = { cache, pieces, files, readability, journal: this };
    return new JournalReader(parts, offset, (at) => this.store.segmentOf(at));
  }

  /** Also of what is not committed yet, for the members that make it so. */
  durableReader(offset: number): JournalReader {
    this.requireBegun();
    const { store } = this;
    const journal = {
      startOffset: store.startOffset,
      get committedOffset() {
        return store.endOffset;
      },
      nextCommit: () => store.nextDurable(),
    };
    // Uncommitted bytes may be truncated, and something else written in its place: nobody is to find it later.
    const pieces = new PieceCache(store.files, store.cache.pageBytes);
    const { cache, files, readability } = store;
    const parts = { cache, pieces, files, readability, journal };
    return new JournalReader(parts, offset, (at) => store.segmentOf(at));
  }

  /**
   * Where a slave that has this set goes on.
   *
   * @throws JournalPurgedError, JournalDivergedError
   */
  async seek(set: GtidSet, options: SeekOptions = {}): Promise<StartPoint> {
    this.requireBegun();
    const { purged } = this.store.state!;
    const { set: executed, offset: end } = this.commits;
    const view = { segments: this.committedSegments(), purged, executed: executed!, end };
    return this.readability.reading(
      () => null,
      () => seek(view, set, options),
    );
  }

  protected requireBegun(): PendingTransactions {
    if (this.commits.pending) return this.commits.pending;
    throw new JournalError(`The journal in ${this.directory} has not begun: no source was followed yet.`);
  }
}
