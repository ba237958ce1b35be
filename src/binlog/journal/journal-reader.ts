import { raceAbort } from '../../common/async.js';
import type { DiskFile } from './disk.js';
import { isMissing } from './files.js';
import { JournalDamageError, JournalError, JournalPurgedError } from './journal-error.js';
import type { Piece, PieceCache } from './piece-cache.js';
import type { Readability } from './readability.js';
import type { SegmentFiles } from './segment-files.js';
import type { Segment } from './segment.js';
import type { Page, TailCache } from './tail-cache.js';

/** Committed bytes of one segment. The same object at every read, its bytes valid until the next one. */
export interface JournalRange {
  /** Not to be changed. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** The journal's offset of the byte at `start`. */
  readonly offset: number;
  readonly segment: Segment;
  /** It begins at the head of another segment than the range before was of; also the first range of all. */
  readonly isNewSegment: boolean;
}

export interface ReaderParts {
  readonly cache: TailCache;
  readonly pieces: PieceCache;
  readonly files: SegmentFiles;
  readonly readability: Readability;
  readonly journal: {
    readonly startOffset: number;
    readonly committedOffset: number;
    nextCommit(): Promise<void>;
  };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Reads what is committed (docs/replication.md, rule 7), from an offset on, for ever. Near the end it looks at the pages
 * that all readers share, elsewhere it reads its file in pieces of their size, one ahead. Holds at most two pieces.
 */
export class JournalReader {
  private readonly range = {} as Writable<JournalRange>;
  private page: Page | null = null;
  private piece: Piece | null = null;
  private ahead: Piece | null = null;
  private segment: Segment | null = null;
  private file: DiskFile | null = null;
  private isClosed = false;

  constructor(
    private readonly parts: ReaderParts,
    private position: number,
    private readonly segmentOf: (offset: number) => Segment | null,
  ) {}

  /** The offset of the next byte. */
  get offset(): number {
    return this.position;
  }

  /**
   * Waits until something is committed behind the last range.
   *
   * @throws JournalPurgedError when the segment was purged; JournalError when the journal was truncated below
   */
  async read(signal: AbortSignal): Promise<JournalRange> {
    this.releaseSegment();
    while (this.position >= this.parts.journal.committedOffset) {
      this.check();
      await raceAbort(this.parts.journal.nextCommit(), signal);
    }
    this.check();
    await this.enterSegment();
    const range = this.fromCache();
    if (range !== null) return range;
    return this.parts.readability.reading(
      () => this.segment,
      () => this.fromFile(),
    );
  }

  /** Passes over so many committed bytes, which need not be read. What was read last is no longer valid. */
  skip(bytes: number): void {
    this.releaseSegment();
    this.position += bytes;
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.releaseSegment();
    await this.leaveFile();
  }

  private check(): void {
    if (this.isClosed) throw new JournalError('The reader was closed.');
    const { startOffset, committedOffset } = this.parts.journal;
    if (this.position < startOffset)
      throw new JournalPurgedError(
        `Offset ${this.position} was purged, the journal begins at ${startOffset}.`,
        '',
      );
    if (this.position > committedOffset)
      throw new JournalError(
        `The journal was truncated to ${committedOffset}, below offset ${this.position}.`,
      );
  }

  private releaseSegment(): void {
    if (this.page) this.page.readers--;
    this.page = null;
    if (this.piece) this.parts.pieces.release(this.piece);
    this.piece = null;
  }

  private async enterSegment(): Promise<void> {
    const segment = this.segmentOf(this.position);
    if (!segment) throw new JournalError(`No segment has offset ${this.position}.`);
    this.range.isNewSegment = segment !== this.segment;
    if (segment === this.segment) return;
    await this.leaveFile();
    this.segment = segment;
  }

  private fromCache(): JournalRange | null {
    const page = this.parts.cache.find(this.position);
    if (!page) return null;
    page.readers++;
    this.page = page;
    const start = this.position - page.offset;
    const limit = Math.min(this.limit(), page.end);
    return this.show(page.buffer, start, limit - page.offset);
  }

  private async fromFile(): Promise<JournalRange> {
    const piece = this.takeAhead() ?? (await this.startReading());
    this.piece = piece;
    const length = await piece.done;
    this.check();
    const start = this.position - piece.offset;
    if (length <= start)
      throw new JournalDamageError(this.segment!.path, null, `it ends before offset ${this.position}`);
    const range = this.show(piece.bytes, start, Math.min(length, this.limit() - piece.offset));
    if (this.position < this.limit() && !this.parts.cache.find(this.position))
      this.ahead = await this.startReading();
    return range;
  }

  /** What is read ahead, unless all of it has been passed over. */
  private takeAhead(): Piece | null {
    const { ahead, position } = this;
    if (!ahead) return null;
    this.ahead = null;
    if (ahead.offset <= position && position < ahead.offset + ahead.length) return ahead;
    this.parts.pieces.release(ahead);
    return null;
  }

  private async startReading(): Promise<Piece> {
    this.file ??= await this.openFile(this.segment!);
    return this.parts.pieces.acquire(this.segment!, this.position, this.limit());
  }

  /** The end of what is committed of the segment. */
  private limit(): number {
    return Math.min(this.parts.journal.committedOffset, this.segment!.endOffset);
  }

  private async openFile(segment: Segment): Promise<DiskFile> {
    try {
      return await this.parts.files.acquire(segment);
    } catch (error) {
      if (isMissing(error)) throw new JournalPurgedError(`${segment.name} was purged while it was read.`, '');
      throw error;
    }
  }

  private async leaveFile(): Promise<void> {
    if (this.ahead) this.parts.pieces.release(this.ahead);
    this.ahead = null;
    if (!this.file || !this.segment) return;
    this.file = null;
    await this.parts.files.release(this.segment);
  }

  private show(bytes: Buffer, start: number, end: number): JournalRange {
    const { range } = this;
    range.bytes = bytes;
    range.start = start;
    range.end = end;
    range.offset = this.position;
    range.segment = this.segment!;
    this.position += end - start;
    return range;
  }
}
