import { EventScanner, type EventHandler } from '../protocol/event/event-scanner.js';
import { HEADER_BYTES } from '../protocol/event/event-header.js';
import { EventType } from '../protocol/event/event-type.js';
import { withChecksums } from '../protocol/event/format-description.js';
import { readHeartbeat } from '../protocol/event/heartbeat.js';
import { readRotate } from '../protocol/event/rotate.js';
import { Part, TransactionTracker } from '../protocol/event/transaction-tracker.js';
import { gtidText, type Source } from '../protocol/gtid/gtid-run.js';
import type { Flavour, GtidSet } from '../protocol/gtid/gtid-set.js';
import { ExecutedNumbers } from './executed-numbers.js';
import { Sealing } from './sealing.js';
import {
  AnonymousTransactionError,
  HalfWrittenError,
  SourceRefusedError,
  SourceUnavailableError,
} from './source-error.js';

/** What of a journal's writer is needed here. */
export interface TransactionSink {
  setFormat(event: Buffer, sourceFile: string): void;
  append(bytes: Buffer, start: number, end: number): boolean;
  endTransaction(source: Source, number: number, big: bigint, timestamp: number): void;
  readonly boundaryOffset: number;
}

/**
 * Puts the transactions of a dump into the journal, and leaves out what is not one. Verifies each event before, or gives it a
 * checksum where the source writes none: the journal has no others.
 */
export class Ingest implements EventHandler {
  /** What came, without heartbeats. */
  events = 0;
  bytes = 0;
  transactions = 0;
  /** Where the source is, in its own files. */
  sourceFile = '';
  sourcePosition = 0;
  /** Whether what came last was a heartbeat: all that stands before that position has been sent, or we have it. */
  isAtHeartbeat = false;
  /** Of the last transaction's commit, in seconds since 1970; 0 before the first. */
  lastTimestamp = 0;
  /** Whether the sink has asked to wait. */
  isFull = false;
  private readonly scanner = new EventScanner(this, true);
  private readonly tracker: TransactionTracker;
  private readonly executed: ExecutedNumbers;
  private part: Part = Part.OUTSIDE;
  private isLeftOut = false;
  private readonly sealing: Sealing;
  /** Whether the event at hand has no checksum and nothing of it has been stored yet; then, whether some of it has. */
  private isUnsealed = false;
  private isSealing = false;

  /**
   * @param executed what the journal has: none of it may come again
   * @param halfWritten the GTID of a transaction that is known to have no end; null: none is
   */
  constructor(
    private readonly sink: TransactionSink,
    flavour: Flavour,
    executed: GtidSet,
    private halfWritten: string | null = null,
  ) {
    this.tracker = new TransactionTracker(flavour);
    this.executed = new ExecutedNumbers(executed);
    this.sealing = new Sealing((bytes, start, end) => sink.append(bytes, start, end));
  }

  /** Whether a transaction has begun and not ended. */
  get isInTransaction(): boolean {
    return this.tracker.isInTransaction;
  }

  /**
   * The next bytes of the stream of events.
   *
   * @throws BinlogEventError when they are damaged, SourceRefusedError when they must not be stored
   */
  take(bytes: Buffer, start: number, end: number): void {
    this.bytes += end - start;
    this.scanner.push(bytes, start, end);
  }

  onEvent(event: EventScanner): void {
    if (event.type === EventType.INCIDENT) throw incident();
    if (event.type === EventType.ANONYMOUS_GTID)
      throw new AnonymousTransactionError(`at file ${this.sourceFile}, position ${this.sourcePosition}`);
    this.isAtHeartbeat = false;
    if (event.type === EventType.FORMAT_DESCRIPTION && this.tracker.isInTransaction) this.endHalfWritten();
    this.part = this.tracker.next(event);
    this.isUnsealed = !event.withChecksums;
    if (this.part === Part.FIRST) this.checkFirst();
    else if (this.part === Part.OUTSIDE) this.outside(event);
    else if (this.part === Part.LAST && this.isLeftOut) {
      throw new SourceUnavailableError(`The source has ${this.tracker.gtidText} whole after all.`);
    }
  }

  onBytes(bytes: Buffer, start: number, end: number): void {
    if (this.part === Part.OUTSIDE || this.isLeftOut) return;
    const hasRoom = this.isUnsealed ? this.seal(bytes, start, end) : this.sink.append(bytes, start, end);
    if (!hasRoom) this.isFull = true;
  }

  onEventEnd(event: EventScanner): void {
    if (this.isSealing && !this.sealing.end()) this.isFull = true;
    this.isSealing = false;
    if (!this.isAtHeartbeat) this.events++;
    if (event.logPos !== 0) this.moveTo(event.logPos);
    if (this.part !== Part.LAST) return;
    const { source, number, big } = this.tracker;
    this.sink.endTransaction(source, number, big, event.timestamp);
    this.executed.add(source, number, big);
    this.transactions++;
    this.lastTimestamp = event.timestamp;
  }

  private outside(event: EventScanner): void {
    switch (event.type) {
      case EventType.ROTATE:
        ({ file: this.sourceFile, position: this.sourcePosition } = readRotate(event));
        return;
      case EventType.HEARTBEAT:
      case EventType.HEARTBEAT_V2:
        ({ file: this.sourceFile, position: this.sourcePosition } = readHeartbeat(event));
        this.isAtHeartbeat = true;
        this.bytes -= event.size;
        return;
      case EventType.FORMAT_DESCRIPTION:
        this.setFormat(event);
        return;
      default:
        return;
    }
  }

  private setFormat(event: EventScanner): void {
    const start = event.bodyStart - HEADER_BYTES;
    this.sink.setFormat(withChecksums(event.bytes.subarray(start, start + event.size)), this.sourceFile);
  }

  private seal(bytes: Buffer, start: number, end: number): boolean {
    if (this.isSealing) return this.sealing.pass(bytes, start, end);
    this.isSealing = true;
    return this.sealing.begin(bytes, start, end, this.scanner.size);
  }

  private checkFirst(): void {
    this.refuseAgain();
    this.isLeftOut = this.halfWritten !== null && this.halfWritten === this.tracker.gtidText;
  }

  /**
   * A file ends within a transaction where the source was killed while it wrote it: MariaDB then leaves it as it is, has
   * rolled it back itself, and goes on in another file. So do we, once the same has come twice.
   */
  private endHalfWritten(): void {
    if (!this.isLeftOut) throw new HalfWrittenError(this.tracker.gtidText);
    this.isLeftOut = false;
    this.halfWritten = null;
    this.tracker.reset();
  }

  private refuseAgain(): void {
    const { source, number, big } = this.tracker;
    if (!this.executed.has(source, number, big)) return;
    throw new SourceUnavailableError(
      `The source sent ${gtidText(source, number < 0 ? big : BigInt(number))} again, which the journal has already. ` +
        'Was it reset?',
    );
  }

  /** Headers have 32 bits of a position; files may be larger. */
  private moveTo(logPos: number): void {
    const high = Math.floor(this.sourcePosition / 2 ** 32);
    const position = high * 2 ** 32 + logPos;
    this.sourcePosition = position < this.sourcePosition - 2 ** 31 ? position + 2 ** 32 : position;
  }
}

/** With a GTID before it or without. */
function incident(): SourceRefusedError {
  return new SourceRefusedError(
    'The source has lost events and says so in its binlog (INCIDENT): what comes after does not follow from what ' +
      'is here. Check the source, provision replicas anew, and begin with an empty journal.',
  );
}
