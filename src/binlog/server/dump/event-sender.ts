import { crc32 } from '../../protocol/event/checksum.js';
import { CHECKSUM_BYTES, EventFlag, HEADER_BYTES, LOG_POS_AT } from '../../protocol/event/event-header.js';
import { EventScanner, type EventHandler } from '../../protocol/event/event-scanner.js';
import { EventType, isGtidType } from '../../protocol/event/event-type.js';
import { GtidReader } from '../../protocol/event/gtid-event.js';
import { Part, TransactionTracker } from '../../protocol/event/transaction-tracker.js';
import { BIG, gtidText, type Source } from '../../protocol/gtid/gtid-run.js';
import { SEMI_SYNC_MAGIC, SEMI_SYNC_WANTS_ACK } from '../../protocol/connection/semi-sync.js';
import type { DumpRequest } from './dump-request.js';
import type { FramedChunk } from './framed-chunks.js';
import type { PacketOutput } from './packet-output.js';
import type { TransactionFilter } from './transaction-filter.js';

/** Stands before each event of a dump. */
const OK = 0x00;

/**
 * Sends the events of the journal to one client: leaves out the transactions that it has, marks those that it is to
 * acknowledge, and sends everything else as it is stored.
 */
export class EventSender implements EventHandler {
  events = 0;
  /** The time of the event that was sent last, in seconds since 1970. */
  lastTimestamp = 0;
  /**
   * Where a replica of MariaDB believes to be: by each event its length further, or where that tells of its end in the
   * source's file, whichever is more. What was passed on the way counts as sent: it may be less, never more.
   */
  reached = 0;
  /** Whether something was left out since the last event was sent. */
  hasSkipped = false;
  private scanner: EventScanner;
  private readonly tracker: TransactionTracker;
  private isSending = false;
  private isSkipping = false;
  /** Nothing is left out or marked any more, so that it does not matter where transactions begin and end. */
  private plain: boolean;
  private readonly gtids = new GtidReader();
  private source: Source | null = null;
  private number = 0;
  private big = 0n;
  /** Where the journal's segment is, of the first byte that the scanner has not seen. */
  private segmentPosition = 0;
  private readonly patched = Buffer.alloc(HEADER_BYTES);
  private patchedCrc = 0;
  private readonly checksum = Buffer.alloc(CHECKSUM_BYTES);
  private sent = 0;
  private wantsAck = false;

  constructor(
    private readonly output: PacketOutput,
    private readonly request: DumpRequest,
    private filter: TransactionFilter | null,
    /** Called once, between two events, when the client has been brought to where it said that it was. */
    private readonly onCaughtUp: () => void,
  ) {
    this.tracker = new TransactionTracker(request.flavour);
    this.scanner = this.createScanner(0);
    this.plain = this.canBePlain();
  }

  /** The GTID that was sent last, as a server prints it; null before the first. */
  get currentGtid(): string | null {
    if (this.source === null) return null;
    return gtidText(this.source, this.number === BIG ? this.big : BigInt(this.number));
  }

  /** Whether chunks that others share can be sent, when it is between two events. */
  get isPlain(): boolean {
    return this.plain;
  }

  /** How many bytes the event at hand lacks, see {@link EventScanner.missing}. */
  get missing(): number {
    return this.scanner.missing;
  }

  get isBetweenEvents(): boolean {
    return this.scanner.isBetweenEvents;
  }

  /** What comes next stands there in a segment. */
  enter(segmentPosition: number): void {
    this.scanner = this.createScanner(segmentPosition);
    this.segmentPosition = segmentPosition;
    this.reached = segmentPosition;
  }

  /** Behind the last event that was seen, in its segment. */
  get position(): number {
    return this.segmentPosition;
  }

  /** The next bytes of the segment. */
  take(bytes: Buffer, start: number, end: number): void {
    this.scanner.push(bytes, start, end);
  }

  /** An event that we have made ourselves, or one from the head of a segment. */
  own(event: Buffer): void {
    this.output.begin(1 + (this.request.isSemiSync ? 2 : 0) + event.length);
    this.head(false);
    this.output.append(event, 0, event.length);
  }

  /** Events that others are sent as well. */
  framed(chunk: FramedChunk, journalBytes: number): void {
    const { count, last } = chunk;
    this.output.packets(chunk);
    this.events += count;
    this.segmentPosition += journalBytes;
    this.lastTimestamp = last.timestamp;
    this.reached = Math.max(this.reached + journalBytes, last.reached);
    if (last.source !== null) this.remember(last.source, last.number, last.big);
  }

  onEvent(event: EventScanner): void {
    this.segmentPosition += event.size;
    this.reached = Math.max(this.reached + event.size, event.logPos);
    if (this.plain) this.decidePlainly(event);
    else this.decide(event);
    if (!this.isSending) return;
    this.output.begin(event.size + (this.request.isSemiSync ? 3 : 1));
    this.head(this.wantsAck);
    this.sent = 0;
  }

  onBytes(bytes: Buffer, start: number, end: number): void {
    if (!this.isSending) return;
    if (this.request.has === null) this.withOwnPosition(bytes, start, end);
    else this.output.append(bytes, start, end);
  }

  onEventEnd(event: EventScanner): void {
    if (!this.isSending) return;
    this.events++;
    this.lastTimestamp = event.timestamp;
    if (this.wantsAck) this.output.sequence = 1;
  }

  private decidePlainly(event: EventScanner): void {
    this.isSending = true;
    if (!isGtidType(event.type)) return;
    this.gtids.read(event);
    this.remember(this.gtids.source, this.gtids.number, this.gtids.big);
  }

  private decide(event: EventScanner): void {
    const part = this.tracker.next(event);
    if (part === Part.FIRST) this.isSkipping = this.filter !== null && this.skips();
    this.isSending = !this.isSkipping && !this.isUnwanted(event);
    this.wantsAck = part === Part.LAST && this.request.isSemiSync && this.isSending;
    if (!this.isSending) this.hasSkipped = true;
    else if (part === Part.FIRST) this.remember(this.tracker.source, this.tracker.number, this.tracker.big);
    if (part === Part.LAST) this.endTransaction();
  }

  private canBePlain(): boolean {
    const { has, isSemiSync, flavour, wantsAnnotations } = this.request;
    return this.filter === null && has !== null && !isSemiSync && (flavour === 'MYSQL' || wantsAnnotations);
  }

  private remember(source: Source, number: number, big: bigint): void {
    this.source = source;
    this.number = number;
    this.big = big;
  }

  private createScanner(offset: number): EventScanner {
    return new EventScanner(this, true, offset, false);
  }

  private head(wantsAck: boolean): void {
    this.output.byte(OK);
    if (!this.request.isSemiSync) return;
    this.output.byte(SEMI_SYNC_MAGIC);
    this.output.byte(wantsAck ? SEMI_SYNC_WANTS_ACK : 0);
  }

  private skips(): boolean {
    const { source, number, big } = this.tracker;
    return this.filter!.has(source, number, big);
  }

  private endTransaction(): void {
    this.isSkipping = false;
    if (this.filter?.isDone !== true) return;
    this.filter = null;
    this.plain = this.canBePlain();
    if (!this.isSending) this.onCaughtUp();
  }

  private isUnwanted({ type, flags }: EventScanner): boolean {
    if (type === EventType.ANNOTATE_ROWS) return !this.request.wantsAnnotations;
    return type === EventType.IGNORABLE && (flags & EventFlag.ARTIFICIAL) !== 0;
  }

  /**
   * Clients that go by position come back with what stands in the events: there, it has to be where they are in our
   * files, not in those of the source. So their checksums are made anew.
   */
  private withOwnPosition(bytes: Buffer, start: number, end: number): void {
    const { size } = this.scanner;
    const summed = size - CHECKSUM_BYTES;
    let at = start;
    if (this.sent === 0) {
      // The scanner gives at least the header in one piece.
      bytes.copy(this.patched, 0, start, start + HEADER_BYTES);
      this.patched.writeUInt32LE(this.segmentPosition % 2 ** 32, LOG_POS_AT);
      this.output.append(this.patched, 0, HEADER_BYTES);
      this.patchedCrc = crc32(this.patched, 0, HEADER_BYTES);
      this.sent = HEADER_BYTES;
      at += HEADER_BYTES;
    }
    const bodyEnd = Math.min(end, at + Math.max(0, summed - this.sent));
    if (bodyEnd > at) {
      this.patchedCrc = crc32(bytes, at, bodyEnd, this.patchedCrc);
      this.output.append(bytes, at, bodyEnd);
      this.sent += bodyEnd - at;
    }
    this.sent += end - bodyEnd;
    if (this.sent !== size) return;
    this.checksum.writeUInt32LE(this.patchedCrc >>> 0);
    this.output.append(this.checksum, 0, CHECKSUM_BYTES);
  }
}
