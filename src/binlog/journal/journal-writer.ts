import { raceAbort } from '../../common/async.js';
import { isSameFormat, withoutInUse } from '../protocol/event/format-description.js';
import { GtidRun, type Source } from '../protocol/gtid/gtid-run.js';
import type { GtidSet } from '../protocol/gtid/gtid-set.js';
import type { Disk } from './disk.js';
import { JournalError } from './journal-error.js';
import type { PendingTransactions } from './pending-transactions.js';
import type { SegmentAppender } from './segment-appender.js';
import { buildSegmentHeader } from './segment-header.js';
import { Segment } from './segment.js';
import type { Page, TailCache } from './tail-cache.js';

/** With so many full pages not in a file, `append` asks to wait. */
const WAITING_PAGES = 2;

/** What a writer works on; the journal's own parts. */
export interface WriterParts {
  readonly disk: Disk;
  readonly directory: string;
  readonly segmentBytes: number;
  readonly pending: PendingTransactions;
  readonly cache: TailCache;
  readonly appender: SegmentAppender;
  /** Where the durable transactions end. */
  readonly endOffset: number;
  /** The newest segment that has one, now. */
  readonly lastSegment: Segment | null;
  readonly nextNumber: number;
  /** Told in order: everything up to the offset is on the disk. */
  readonly onDurable: (offset: number, segments: readonly Segment[]) => void;
  readonly onClose: () => void;
}

/**
 * Appends transactions, one writer at a time. Bytes are copied into pages at once; pages are written and synced one group
 * after the other, each as large as what came while the one before was under way. So a single commit is durable at once,
 * and many share a sync.
 */
export class JournalWriter {
  private readonly set: GtidRun;
  private readonly durableListeners = new Set<(offset: number) => void>();
  private readonly failureListeners = new Set<(error: Error) => void>();
  /** Pages that have bytes which are not in a file, oldest first; the last one may be the current one. */
  private readonly unwritten: Page[] = [];
  private readonly newSegments: Segment[] = [];
  private readonly waiters: (() => void)[] = [];
  private page: Page | null = null;
  private segment: Segment | null;
  private format: Buffer | null = null;
  private sourceFile: string | null = null;
  private wantsSegment = false;
  private isPumping = false;
  private isScheduled = false;
  private isClosed = false;
  private failure: Error | null = null;
  /** Where the next byte goes, where the last whole transaction ends, and where the last durable one does. */
  private appended: number;
  private boundary: number;
  private durable: number;

  constructor(
    private readonly parts: WriterParts,
    set: GtidSet,
  ) {
    this.set = new GtidRun(set);
    this.segment = parts.lastSegment;
    this.wantsSegment = this.segment?.isSealed ?? true;
    this.appended = this.boundary = this.durable = parts.endOffset;
  }

  /** The last whole transaction that was appended ends here, durable or not. */
  get boundaryOffset(): number {
    return this.boundary;
  }

  /** Whether something was appended behind the last whole transaction. */
  get isInTransaction(): boolean {
    return this.appended !== this.boundary;
  }

  /** Why nothing can be written any more; null as long as it can. */
  get error(): Error | null {
    return this.failure;
  }

  /** Called with each new end of the durable transactions; answers how to end that. */
  onDurable(listener: (offset: number) => void): () => void {
    this.durableListeners.add(listener);
    return () => this.durableListeners.delete(listener);
  }

  /** Called once if writing fails; answers how to end that. */
  onFailure(listener: (error: Error) => void): () => void {
    this.failureListeners.add(listener);
    return () => this.failureListeners.delete(listener);
  }

  /**
   * The FDE of the transactions to come. A new segment begins with the next one when it is of another format or of another
   * file of the source than those before.
   *
   * @throws JournalError within a transaction
   */
  setFormat(event: Buffer, sourceFile: string): void {
    this.check();
    if (this.appended !== this.boundary)
      throw new JournalError('A FORMAT_DESCRIPTION event stands within a transaction.');
    const format = withoutInUse(event);
    const current = this.wantsSegment ? null : (this.segment?.header.format ?? null);
    const isNewFile = this.sourceFile !== null && this.sourceFile !== sourceFile;
    if (current === null || isNewFile || !isSameFormat(current, format)) this.wantsSegment = true;
    this.format = format;
    this.sourceFile = sourceFile;
  }

  /**
   * The next transaction is the first of a segment with this FDE, whatever the segment before is like.
   *
   * @returns the segment's head as it will be written
   * @throws JournalError within a transaction
   */
  beginSegmentWith(format: Buffer): Buffer {
    this.check();
    if (this.appended !== this.boundary) throw new JournalError('A segment begins within a transaction.');
    this.format = format;
    this.wantsSegment = true;
    return buildSegmentHeader(format, this.set.flush());
  }

  /**
   * Takes the bytes, always all of them.
   *
   * @returns false when the caller has to wait for `writable` before it goes on
   */
  append(bytes: Buffer, start: number, end: number): boolean {
    this.check();
    if (this.appended === this.boundary) this.beginTransaction();
    for (let at = start; at < end;) {
      const page = this.page && !this.page.isFull ? this.page : this.nextPage();
      const length = Math.min(end - at, page.buffer.length - page.length);
      bytes.copy(page.buffer, page.length, at, at + length);
      page.length += length;
      this.appended += length;
      at += length;
    }
    if (this.isWaiting()) this.schedule();
    return !this.isWaiting();
  }

  /**
   * What was appended since the last call is one transaction.
   *
   * @param number or BIG, and then `big`
   * @param timestamp of its commit, in seconds since 1970
   */
  endTransaction(source: Source, number: number, big: bigint, timestamp: number): void {
    this.check();
    this.boundary = this.appended;
    this.set.add(source, number, big);
    this.parts.pending.push(this.boundary, source, number, big, timestamp);
    this.schedule();
  }

  /** Resolves when `append` may be called again; rejects with the writer's error. */
  async writable(signal: AbortSignal): Promise<void> {
    while (this.isWaiting()) {
      this.check();
      await raceAbort(this.nextChange(), signal);
    }
    this.check();
  }

  /** Resolves when all whole transactions are durable; rejects with the writer's error. */
  async flush(): Promise<void> {
    this.schedule();
    while (this.durable < this.boundary) {
      this.check();
      await this.nextChange();
    }
    this.check();
  }

  /** Throws away what was appended behind the last whole transaction, on the disk too. */
  async discard(): Promise<void> {
    await this.flush();
    await this.idle();
    this.check();
    if (this.appended === this.boundary) return;
    this.appended = this.boundary;
    this.unwritten.length = 0;
    this.parts.cache.cut(this.boundary);
    this.page = null;
    this.newSegments.length = 0;
    if (this.segment !== null && this.segment.startOffset >= this.boundary) this.wantsSegment = true;
    try {
      await this.parts.appender.cut(this.boundary, this.parts.lastSegment);
    } catch (error) {
      this.fail(error);
      throw error;
    }
    this.segment = this.parts.lastSegment;
  }

  /** Makes whole transactions durable, unless it has failed, and lets another writer follow. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    try {
      if (this.failure === null) await this.flush();
    } finally {
      this.isClosed = true;
      await this.idle();
      this.changed();
      await this.parts.appender.close();
      this.parts.onClose();
    }
  }

  /** Called by the journal when the committed offset has moved: there is room for more transactions. */
  roomMade(): void {
    if (this.waiters.length > 0) this.changed();
  }

  private beginTransaction(): void {
    const isLarge =
      this.segment !== null && this.appended - this.segment.startOffset >= this.parts.segmentBytes;
    if (this.wantsSegment || isLarge) this.beginSegment();
  }

  private beginSegment(): void {
    const format = this.format ?? this.segment?.header.format;
    if (!format) throw new JournalError('No FORMAT_DESCRIPTION event has come before the first transaction.');
    const previous = this.set.flush().clone();
    const bytes = buildSegmentHeader(format, previous);
    const number = this.segment === null ? this.parts.nextNumber : this.segment.number + 1;
    const { disk, directory } = this.parts;
    const header = { format, previous, bytes: bytes.length };
    const segment = new Segment(disk, directory, number, this.appended, header, new Date());
    this.newSegments.push(segment);
    this.segment = segment;
    this.wantsSegment = false;
    this.page = null;
    for (let at = 0; at < bytes.length;) {
      const page = this.nextPage();
      page.length = bytes.copy(page.buffer, 0, at);
      at += page.length;
      this.appended += page.length;
    }
  }

  private nextPage(): Page {
    this.page = this.parts.cache.add(this.segment!, this.appended);
    this.unwritten.push(this.page);
    return this.page;
  }

  private isWaiting(): boolean {
    return this.unwritten.length > WAITING_PAGES || this.parts.pending.isFull;
  }

  /** After what is under way on the event loop, so that what came together is written together. */
  private schedule(): void {
    if (this.isPumping || this.isScheduled) return;
    this.isScheduled = true;
    queueMicrotask(() => {
      this.isScheduled = false;
      if (!this.isPumping) void this.pump();
    });
  }

  private async pump(): Promise<void> {
    this.isPumping = true;
    try {
      while (this.failure === null && this.hasWork()) await this.writeGroup();
    } catch (error) {
      this.fail(error);
    } finally {
      this.isPumping = false;
      this.changed();
    }
  }

  private hasWork(): boolean {
    return this.durable < this.boundary || this.unwritten.length > 1;
  }

  private async writeGroup(): Promise<void> {
    const { appender } = this.parts;
    const goal = this.boundary;
    for (let page = this.unwritten[0]; page; page = this.unwritten[0]) {
      if (page.segment !== appender.segment) {
        await appender.sync();
        this.markDurable(Math.min(goal, page.segment.startOffset));
        await appender.begin(page);
      }
      await appender.write(page, page.length);
      if (page === this.page && !page.isFull) break;
      if (page.written === page.length) this.unwritten.shift();
      if (page.end >= goal) break;
    }
    await appender.sync();
    if (this.writtenOffset() >= goal) this.markDurable(goal);
    this.parts.cache.trim();
    this.changed();
  }

  private writtenOffset(): number {
    const page = this.unwritten[0];
    return page ? page.offset + page.written : this.appended;
  }

  private markDurable(offset: number): void {
    if (offset <= this.durable) return;
    this.durable = offset;
    const behind = this.newSegments.findIndex(({ startOffset }) => startOffset >= offset);
    const segments = this.newSegments.splice(0, behind < 0 ? this.newSegments.length : behind);
    this.parts.onDurable(offset, segments);
    for (const listener of this.durableListeners) listener(offset);
  }

  private async idle(): Promise<void> {
    while (this.isPumping || this.isScheduled) await this.nextChange();
  }

  /** Nothing that it was given and is not durable counts any more. */
  fail(error: unknown): void {
    if (this.failure !== null) return;
    this.failure = error instanceof Error ? error : new Error(String(error));
    for (const listener of this.failureListeners) listener(this.failure);
    this.changed();
  }

  private nextChange(): Promise<void> {
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  private changed(): void {
    for (const resolve of this.waiters.splice(0)) resolve();
  }

  private check(): void {
    if (this.failure) throw this.failure;
    if (this.isClosed) throw new JournalError('The writer was closed.');
  }
}
