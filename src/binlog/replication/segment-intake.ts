import { QuorateError } from '../../common/errors.js';
import type { Journal } from '../journal/journal.js';
import type { JournalWriter } from '../journal/journal-writer.js';
import { BINLOG_MAGIC, HEADER_BYTES } from '../protocol/event/event-header.js';
import { EventScanner, type EventHandler } from '../protocol/event/event-scanner.js';
import { eventTypeName, EventType } from '../protocol/event/event-type.js';
import { readFormatDescription } from '../protocol/event/format-description.js';
import { Part, TransactionTracker } from '../protocol/event/transaction-tracker.js';

/** What another member sent does not go on from what is here, or is damaged. */
export class IntakeError extends QuorateError {
  constructor(message: string) {
    super('JOURNAL_INTAKE', message);
  }
}

/**
 * Appends what another member has in its segments, byte for byte. Every event is verified, and the head of each segment
 * must be the one that this member would write itself: so two journals cannot drift apart unnoticed.
 */
export class SegmentIntake implements EventHandler {
  private readonly tracker: TransactionTracker;
  private scanner: EventScanner | null;
  private part: Part = Part.OUTSIDE;
  /** The FDE of the segment whose head is under way; null behind the head. */
  private format: Buffer | null = null;
  private isHead = false;
  private hasRoom = true;
  private position: number;

  constructor(
    journal: Journal,
    private readonly writer: JournalWriter,
  ) {
    this.tracker = new TransactionTracker(journal.flavour!);
    this.position = journal.endOffset;
    const last = journal.lastSegment;
    this.scanner = last && this.scannerOf(readFormatDescription(last.header.format).hasChecksums, last.size);
  }

  /** The offset of the byte that must come next. */
  get offset(): number {
    return this.position;
  }

  /**
   * @param startsSegment whether the first byte is that of a segment
   * @returns false when the caller has to wait for the writer before it goes on
   * @throws IntakeError, BinlogEventError when the bytes do not belong here
   */
  take(bytes: Buffer, startsSegment: boolean): boolean {
    this.hasRoom = true;
    const start = startsSegment ? this.beginHead(bytes) : 0;
    if (!this.scanner) throw new IntakeError(`No segment begins at offset ${this.position}.`);
    this.scanner.push(bytes, start, bytes.length);
    this.position += bytes.length;
    return this.hasRoom;
  }

  onEvent(event: EventScanner): void {
    if (this.isHead) return this.takeHead(event);
    this.part = this.tracker.next(event);
    if (this.part !== Part.OUTSIDE) return;
    throw new IntakeError(`A ${eventTypeName(event.type)} event stands between transactions.`);
  }

  onBytes(bytes: Buffer, start: number, end: number): void {
    if (this.part === Part.OUTSIDE) return;
    if (!this.writer.append(bytes, start, end)) this.hasRoom = false;
  }

  onEventEnd(event: EventScanner): void {
    if (this.part !== Part.LAST) return;
    const { source, number, big } = this.tracker;
    this.writer.endTransaction(source, number, big, event.timestamp);
    this.part = Part.OUTSIDE;
  }

  /** @returns how many bytes are the magic */
  private beginHead(bytes: Buffer): number {
    const { length } = BINLOG_MAGIC;
    if (this.tracker.isInTransaction)
      throw new IntakeError(`A segment begins within a transaction, at offset ${this.position}.`);
    if (!bytes.subarray(0, length).equals(BINLOG_MAGIC))
      throw new IntakeError(`No binlog file begins at offset ${this.position}.`);
    this.part = Part.OUTSIDE;
    this.isHead = true;
    this.scanner = this.scannerOf(true, length);
    return length;
  }

  private takeHead(event: EventScanner): void {
    const start = event.bodyStart - HEADER_BYTES;
    const bytes = event.bytes.subarray(start, start + event.size);
    if (event.type === EventType.FORMAT_DESCRIPTION) {
      this.format = Buffer.from(bytes);
      return;
    }
    const isList = event.type === EventType.PREVIOUS_GTIDS || event.type === EventType.GTID_LIST;
    if (!isList || !this.format)
      throw new IntakeError(`A ${eventTypeName(event.type)} event stands in a segment's head.`);
    const head = this.writer.beginSegmentWith(this.format);
    const list = head.subarray(BINLOG_MAGIC.length + this.format.length);
    if (!list.equals(bytes)) {
      throw new IntakeError(
        `The segment that begins with offset ${this.position} has other transactions before it than there are here.`,
      );
    }
    this.format = null;
    this.isHead = false;
  }

  private scannerOf(hasChecksums: boolean, offset: number): EventScanner {
    return new EventScanner(this, hasChecksums, offset);
  }
}
