import { errorMessage } from '../../common/errors.js';
import { BinlogEventError } from '../protocol/event/event-error.js';
import { crc32 } from '../protocol/event/checksum.js';
import { CHECKSUM_BYTES, HEADER_BYTES, SIZE_AT, TYPE_AT, u32 } from '../protocol/event/event-header.js';
import { EventScanner, type EventHandler } from '../protocol/event/event-scanner.js';
import { eventTypeName, isGtidType } from '../protocol/event/event-type.js';
import { readFormatDescription } from '../protocol/event/format-description.js';
import { Part, TransactionTracker } from '../protocol/event/transaction-tracker.js';
import { BIG, gtidText, type Source } from '../protocol/gtid/gtid-run.js';
import type { Flavour } from '../protocol/gtid/gtid-set.js';
import type { Disk, DiskFile } from './disk.js';
import { readFully } from './files.js';
import { JournalDamageError } from './journal-error.js';
import { readSegmentHeader, type SegmentHeader } from './segment-header.js';
import { IndexBuilder, saveIndex, type IndexEntry } from './sparse-index.js';

const READ_BYTES = 1024 * 1024;

/** What a segment's file holds. */
export interface SegmentScan {
  readonly header: SegmentHeader;
  readonly fileBytes: number;
  /** Where the last whole transaction ends; where the header does, without one. */
  readonly end: number;
  readonly index: IndexBuilder;
  /** The last transaction's, null without one. */
  readonly lastGtid: string | null;
  /** What stands behind `end`, if anything does. */
  readonly rest: Rest | null;
}

/** Why a scan ended before the file did. */
export interface Rest {
  /** Where the event begins that is not whole, not sound or not in its place. */
  readonly offset: number;
  readonly problem: string;
  /** The file ends within a transaction, and nothing before its end is wrong. */
  readonly isCut: boolean;
}

/**
 * Reads a segment's file, verifying every event.
 *
 * @param until stops at the first boundary there or beyond it
 * @throws JournalDamageError when its head is damaged
 */
export async function scanSegment(
  disk: Disk,
  path: string,
  flavour: Flavour,
  until = Infinity,
): Promise<SegmentScan> {
  const file = await disk.open(path, 'r');
  try {
    const header = await readSegmentHeader(file, path, flavour);
    const { size } = await file.stat();
    const scan = new Transactions(flavour, header, until);
    const rest = await scan.read(file, size);
    return { header, fileBytes: size, end: scan.end, index: scan.index, lastGtid: scan.lastGtid, rest };
  } finally {
    await file.close();
  }
}

/**
 * Makes the index of a whole segment again.
 *
 * @throws JournalDamageError when the segment is not sound
 */
export async function rebuildIndex(
  disk: Disk,
  path: string,
  flavour: Flavour,
): Promise<readonly IndexEntry[]> {
  const scan = await scanSegment(disk, path, flavour);
  if (scan.rest) throw damage(path, scan.rest);
  const entries = scan.index.entries();
  await saveIndex(disk, path, scan.end, entries);
  return entries;
}

/**
 * Whether a whole, sound transaction stands anywhere behind the event at `offset`, nothing of which is believed. Looks no
 * further than `bytes`.
 */
export async function hasTransactionBehind(
  disk: Disk,
  path: string,
  scan: SegmentScan,
  flavour: Flavour,
  offset: number,
  bytes: number,
): Promise<boolean> {
  const file = await disk.open(path, 'r');
  try {
    const tail = Buffer.allocUnsafe(Math.max(0, Math.min(bytes, scan.fileBytes - offset)));
    await readFully(file, tail, tail.length, offset);
    const { hasChecksums } = readFormatDescription(scan.header.format);
    for (let at = 1; at + HEADER_BYTES < tail.length; at++) {
      if (!looksLikeGtid(tail, at, hasChecksums)) continue;
      const behind = new Transactions(flavour, { ...scan.header, bytes: offset + at }, offset + at + 1);
      await behind.read(file, scan.fileBytes);
      if (behind.lastGtid !== null) return true;
    }
    return false;
  } finally {
    await file.close();
  }
}

function looksLikeGtid(bytes: Buffer, at: number, hasChecksums: boolean): boolean {
  if (!isGtidType(bytes[at + TYPE_AT]!)) return false;
  const size = u32(bytes, at + SIZE_AT);
  const end = at + size - CHECKSUM_BYTES;
  if (size < HEADER_BYTES + CHECKSUM_BYTES || end + CHECKSUM_BYTES > bytes.length) return false;
  return !hasChecksums || crc32(bytes, at, end) === u32(bytes, end);
}

/** Follows the transactions of a segment, from the end of its head. */
class Transactions implements EventHandler {
  end: number;
  readonly index: IndexBuilder;
  private readonly tracker: TransactionTracker;
  private readonly scanner: EventScanner;
  private part: Part = Part.OUTSIDE;
  private lastPosition = 0;
  private lastSource: Source | null = null;
  private lastNumber = 0;
  private lastBig = 0n;

  constructor(
    flavour: Flavour,
    private readonly header: SegmentHeader,
    private readonly until: number,
  ) {
    this.end = header.bytes;
    this.index = new IndexBuilder(flavour, header.bytes);
    this.tracker = new TransactionTracker(flavour);
    const { hasChecksums } = readFormatDescription(header.format);
    this.scanner = new EventScanner(this, hasChecksums, header.bytes);
  }

  get lastGtid(): string | null {
    if (this.lastSource === null) return null;
    return gtidText(this.lastSource, this.lastNumber === BIG ? this.lastBig : BigInt(this.lastNumber));
  }

  async read(file: DiskFile, size: number): Promise<Rest | null> {
    let at = this.header.bytes;
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(READ_BYTES, size - at)));
    while (at < size && this.end < this.until) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, size - at), at);
      if (bytesRead === 0) break;
      try {
        this.scanner.push(buffer, 0, bytesRead);
      } catch (error) {
        if (!(error instanceof BinlogEventError)) throw error;
        return { offset: error.offset ?? this.scanner.offset, problem: errorMessage(error), isCut: false };
      }
      at += bytesRead;
    }
    return this.end >= size || this.end >= this.until ? null : this.cut(size);
  }

  onEvent(event: EventScanner): void {
    if (this.end >= this.until) return;
    this.part = this.tracker.next(event);
    if (this.part !== Part.OUTSIDE) return;
    const what = `A ${eventTypeName(event.type)} event stands between transactions.`;
    throw new BinlogEventError(what, event.offset);
  }

  onBytes(): void {
    // Only the events are looked at.
  }

  onEventEnd(event: EventScanner): void {
    this.lastPosition = event.logPos;
    if (this.part !== Part.LAST || this.end >= this.until) return;
    this.end = event.offset + event.size;
    const { source, number, big } = this.tracker;
    this.index.add(this.end, source, number, big, event.timestamp);
    this.lastSource = source;
    this.lastNumber = number;
    this.lastBig = big;
  }

  private cut(size: number): Rest {
    const { isBetweenEvents, offset } = this.scanner;
    if (isBetweenEvents) return { offset: size, problem: 'The last transaction is not whole.', isCut: true };
    return { offset, problem: 'The last event is not whole.', isCut: this.isInPlace(size - offset) };
  }

  /** Whether an event that is not whole was written there: its header tells by its size and its log_pos. */
  private isInPlace(known: number): boolean {
    if (known < HEADER_BYTES || this.lastPosition === 0) return true;
    const { logPos, size } = this.scanner;
    return logPos === 0 || logPos === (this.lastPosition + size) % 2 ** 32;
  }
}

export function damage(path: string, rest: Rest): JournalDamageError {
  return new JournalDamageError(path, rest.offset, rest.problem);
}
