import { crc32 } from './checksum.js';
import { BinlogEventError } from './event-error.js';
import {
  CHECKSUM_BYTES,
  EventFlag,
  FLAGS_AT,
  HEADER_BYTES,
  LOG_POS_AT,
  SERVER_ID_AT,
  SIZE_AT,
  TYPE_AT,
  u16,
  u32,
  type EventView,
} from './event-header.js';
import { eventTypeName, EventType } from './event-type.js';
import { readFormatDescription } from './format-description.js';
import { neededOfQuery } from './query.js';

/** So much of a body is known at the least when an event is announced, or all of a shorter one. */
const BODY_PREFIX_BYTES = 2048;
const PREFIX_BYTES = HEADER_BYTES + BODY_PREFIX_BYTES + CHECKSUM_BYTES;

/** Events that are announced whole are refused when they are larger: a set of a million intervals has 16 MB. */
const WHOLE_MAX_BYTES = 64 * 1024 * 1024;

/** Is told of events in their order. What it is given is not kept: both scanner and bytes are used again. */
export interface EventHandler {
  /** An event comes, of which at least header and prefix are known. */
  onEvent(event: EventScanner): void;
  /** The next bytes of that event, from its header to its checksum. */
  onBytes(bytes: Buffer, start: number, end: number): void;
  /** It is complete, and its checksum is right. */
  onEventEnd(event: EventScanner): void;
}

/**
 * Cuts a stream of events, which comes in pieces of any size, into events. Each is verified; those up to 2 KiB, and those
 * that lie whole in a piece, before they are announced. Its own fields are the event at hand. Keeps no more of an event
 * than a prefix, which of a QUERY event reaches into the statement. Types that are announced whole are ROTATE, HEARTBEAT and
 * those at the head of a file.
 *
 * After an error it is of no more use.
 */
export class EventScanner implements EventView {
  type = 0;
  timestamp = 0;
  serverId = 0;
  size = 0;
  logPos = 0;
  flags = 0;
  bodyLength = 0;
  bytes: Buffer;
  bodyStart = 0;
  bodyEnd = 0;
  /** Where the event at hand begins, in bytes since the stream's start. */
  offset: number;
  /** The event at hand is known so far. */
  private seen = 0;
  private isAnnounced = false;
  private head = Buffer.allocUnsafe(PREFIX_BYTES);
  private crc = 0;
  private storedCrc = 0;

  /** Whether the events of the file at hand have checksums: as its FDE says. */
  private hasChecksums: boolean;
  private tailBytes = 0;

  /**
   * @param negotiated whether `@master_binlog_checksum` is CRC32: the artificial ROTATE before the first FDE has a checksum
   *   then. Of a file it makes no difference.
   * @param offset where the stream starts, for messages
   * @param verifies whether checksums are looked at; not needed for what was verified before it was stored
   */
  constructor(
    private readonly handler: EventHandler,
    private readonly negotiated: boolean,
    offset = 0,
    private readonly verifies = true,
  ) {
    this.hasChecksums = negotiated;
    this.offset = offset;
    this.bytes = this.head;
  }

  /** Whether the last piece ended with an event. */
  get isBetweenEvents(): boolean {
    return this.seen === 0;
  }

  /** How many bytes the event at hand lacks; of its header, as long as that is not known; 0 between events. */
  get missing(): number {
    if (this.seen === 0) return 0;
    return (this.seen < HEADER_BYTES ? HEADER_BYTES : this.size) - this.seen;
  }

  /** Whether events end in a CRC32 at present. */
  get withChecksums(): boolean {
    return this.hasChecksums;
  }

  /** @throws BinlogEventError, and whatever the handler throws */
  push(piece: Buffer, start = 0, end = piece.length): void {
    let at = start;
    if (this.seen > 0) at = this.continue(piece, at, end);
    while (end - at >= HEADER_BYTES) {
      this.readHeader(piece, at);
      const next = at + this.size;
      if (next > end) break;
      this.whole(piece, at, next);
      at = next;
      this.offset += this.size;
    }
    if (at < end) this.continue(piece, at, end);
  }

  private readHeader(bytes: Buffer, at: number): void {
    this.timestamp = u32(bytes, at);
    this.type = bytes[at + TYPE_AT]!;
    this.serverId = u32(bytes, at + SERVER_ID_AT);
    this.size = u32(bytes, at + SIZE_AT);
    this.logPos = u32(bytes, at + LOG_POS_AT);
    this.flags = u16(bytes, at + FLAGS_AT);
    this.setTail(this.hasChecksums || this.type === EventType.FORMAT_DESCRIPTION);
    if (this.bodyLength < 0) throw this.error(`has a size of ${this.size} bytes, less than its header`);
  }

  private setTail(hasChecksum: boolean): void {
    this.tailBytes = hasChecksum ? CHECKSUM_BYTES : 0;
    this.bodyLength = this.size - HEADER_BYTES - this.tailBytes;
  }

  /** The fast path: the event lies whole in the piece. */
  private whole(piece: Buffer, at: number, next: number): void {
    this.verifyWhole(piece, at, next);
    this.show(piece, at, at + HEADER_BYTES + this.bodyLength);
    this.handler.onEvent(this);
    this.handler.onBytes(piece, at, next);
    this.handler.onEventEnd(this);
  }

  private verifyWhole(piece: Buffer, at: number, next: number): void {
    if (this.type === EventType.FORMAT_DESCRIPTION) return this.readFormat(piece.subarray(at, next));
    if (this.negotiated !== this.hasChecksums && this.isMade()) return this.decideTail(piece, at, next);
    if (this.tailBytes === 0 || !this.verifies) return;
    const end = next - CHECKSUM_BYTES;
    if (crc32(piece, at, end) !== u32(piece, end)) throw this.wrongChecksum();
  }

  /** Made for this connection, and in no file. */
  private isMade(): boolean {
    return (
      (this.flags & EventFlag.ARTIFICIAL) !== 0 ||
      this.type === EventType.HEARTBEAT ||
      this.type === EventType.HEARTBEAT_V2
    );
  }

  /**
   * Decides whether the event ends with a checksum. Where the setting of a connection is another than the file's, events that
   * are made for the connection follow the setting (MySQL), or the file once there is one (MariaDB): only a look at the last
   * bytes tells.
   */
  private decideTail(piece: Buffer, at: number, next: number): void {
    const end = next - CHECKSUM_BYTES;
    this.setTail(this.size >= HEADER_BYTES + CHECKSUM_BYTES && crc32(piece, at, end) === u32(piece, end));
  }

  private readFormat(event: Buffer): void {
    try {
      this.hasChecksums = readFormatDescription(event).hasChecksums;
    } catch (error) {
      throw error instanceof BinlogEventError ? new BinlogEventError(error.message, this.offset) : error;
    }
  }

  private show(bytes: Buffer, start: number, bodyEnd: number): void {
    this.bytes = bytes;
    this.bodyStart = start + HEADER_BYTES;
    this.bodyEnd = bodyEnd;
  }

  /** Goes on with an event that does not lie whole in one piece; answers where it stopped. */
  private continue(piece: Buffer, start: number, end: number): number {
    let at = start;
    if (!this.isAnnounced) {
      at = this.collect(piece, at, end, HEADER_BYTES);
      if (this.seen < HEADER_BYTES) return at;
      this.readHeader(this.head, 0);
      // What is known of an event may tell that more of it is needed.
      for (let wanted = this.wantedBytes(); this.seen < wanted; wanted = this.wantedBytes()) {
        at = this.collect(piece, at, end, wanted);
        if (this.seen < wanted) return at;
      }
      this.announce();
    }
    if (this.seen < this.size) at = this.pass(piece, at, end);
    if (this.seen === this.size) this.finish();
    return at;
  }

  private collect(piece: Buffer, start: number, end: number, wanted: number): number {
    const length = Math.min(wanted - this.seen, end - start);
    if (length <= 0) return start;
    if (this.head.length < wanted) {
      const larger = Buffer.allocUnsafe(wanted);
      this.head.copy(larger, 0, 0, this.seen);
      this.head = larger;
    }
    piece.copy(this.head, this.seen, start, start + length);
    this.seen += length;
    return start + length;
  }

  private wantedBytes(): number {
    if (!isAnnouncedWhole(this.type) && !this.isMade()) return Math.min(this.size, this.wantedPrefix());
    if (this.size > WHOLE_MAX_BYTES)
      throw this.error(`has ${this.size} bytes, at most ${WHOLE_MAX_BYTES} are plausible`);
    return this.size;
  }

  /** The other types that are read have heads of some hundred bytes at most. */
  private wantedPrefix(): number {
    if (this.type !== EventType.QUERY) return PREFIX_BYTES;
    const needed = neededOfQuery(this.head, HEADER_BYTES, this.seen - HEADER_BYTES);
    return Math.max(PREFIX_BYTES, HEADER_BYTES + needed);
  }

  private announce(): void {
    this.isAnnounced = true;
    if (this.seen === this.size) this.verifyWhole(this.head, 0, this.size);
    else this.beginChecksum();
    this.show(this.head, 0, Math.min(this.seen, HEADER_BYTES + this.bodyLength));
    this.handler.onEvent(this);
    this.handler.onBytes(this.head, 0, this.seen);
  }

  /** Begins a checksum. The prefix of a large event may already reach into it. */
  private beginChecksum(): void {
    this.crc = 0;
    this.storedCrc = 0;
    this.addToChecksum(this.head, 0, this.seen, 0);
  }

  private pass(piece: Buffer, start: number, end: number): number {
    const length = Math.min(this.size - this.seen, end - start);
    if (length === 0) return start;
    this.addToChecksum(piece, start, start + length, this.seen);
    this.seen += length;
    this.handler.onBytes(piece, start, start + length);
    if (this.seen === this.size && this.tailBytes > 0 && this.crc !== this.storedCrc >>> 0)
      throw this.wrongChecksum();
    return start + length;
  }

  /** @param before so many bytes of the event stand before these */
  private addToChecksum(bytes: Buffer, start: number, end: number, before: number): void {
    if (this.tailBytes === 0 || !this.verifies) return;
    const counted = this.size - CHECKSUM_BYTES - before;
    const split = Math.min(end, start + Math.max(0, counted));
    if (split > start) this.crc = crc32(bytes, start, split, this.crc);
    for (let i = split; i < end; i++) {
      const shift = 8 * (before + (i - start) - (this.size - CHECKSUM_BYTES));
      this.storedCrc |= bytes[i]! << shift;
    }
  }

  private finish(): void {
    this.isAnnounced = false;
    this.handler.onEventEnd(this);
    this.seen = 0;
    this.offset += this.size;
    if (this.head.length > PREFIX_BYTES) this.head = Buffer.allocUnsafe(PREFIX_BYTES);
  }

  private wrongChecksum(): BinlogEventError {
    return this.error('has a checksum that does not belong to its bytes');
  }

  private error(what: string): BinlogEventError {
    const artificial = (this.flags & EventFlag.ARTIFICIAL) === 0 ? '' : 'artificial ';
    return new BinlogEventError(
      `The ${artificial}${eventTypeName(this.type)} event at byte ${this.offset} ${what}.`,
      this.offset,
    );
  }
}

function isAnnouncedWhole(type: number): boolean {
  switch (type) {
    case EventType.FORMAT_DESCRIPTION:
    case EventType.ROTATE:
    case EventType.GTID_LIST:
    case EventType.PREVIOUS_GTIDS:
    case EventType.HEARTBEAT:
    case EventType.HEARTBEAT_V2:
      return true;
    default:
      return false;
  }
}
