import { EventScanner, type EventHandler } from '../protocol/event/event-scanner.js';
import { emptyBehindGtid, emptyOfMariadb } from '../protocol/event/empty-transaction.js';
import { HEADER_BYTES } from '../protocol/event/event-header.js';
import { EventType } from '../protocol/event/event-type.js';
import { withChecksums } from '../protocol/event/format-description.js';
import { readHeartbeat } from '../protocol/event/heartbeat.js';
import { readRotate, type Rotation } from '../protocol/event/rotate.js';
import { Part, TransactionTracker } from '../protocol/event/transaction-tracker.js';
import { BIG, gtidText, type Source } from '../protocol/gtid/gtid-run.js';
import type { Flavour, GtidSet } from '../protocol/gtid/gtid-set.js';
import { ExecutedNumbers } from './executed-numbers.js';
import { Sealing } from './sealing.js';
import { isAtOrBefore, placeOf, type SourceFile, type SourcePosition } from './source-position.js';
import {
  AnonymousTransactionError,
  HalfWrittenError,
  IncidentError,
  RepeatedTransactionError,
  SourceUnavailableError,
} from './source-error.js';

/** What of a journal's writer is needed here. */
export interface TransactionSink {
  setFormat(event: Buffer, sourceFile: string): void;
  append(bytes: Buffer, start: number, end: number): boolean;
  /** @param position in that file of the source, where the transaction ends */
  endTransaction(
    source: Source,
    number: number,
    big: bigint,
    timestamp: number,
    file: SourceFile,
    position: number,
  ): void;
  readonly boundaryOffset: number;
}

export interface IngestOptions {
  /** The server that the source is, see {@link SourceFile}. */
  readonly server: string;
  /** Where the last transaction that the journal has ends in the source's files; null: not known, or those of another server. */
  readonly resume?: SourcePosition | null;
  /** The GTID of a transaction that is known to have no end; null: none is. */
  readonly halfWritten?: string | null;
  /** What is to be passed over: GTIDs, and `FILE:POSITION` of what has none. */
  readonly skips?: ReadonlySet<string>;
  /** Called with the format of the events that follow, as the journal stores it. */
  readonly onFormat?: (format: Buffer) => void;
}

/** What becomes of the transaction at hand. */
const Fate = {
  STORED: 0,
  /** Nothing of it is stored: it has no end. */
  HALF_WRITTEN: 1,
  /** The journal has it, at this very place. */
  REPEATED: 2,
  /** An empty one is stored in its place. */
  SKIPPED: 3,
} as const;
type Fate = (typeof Fate)[keyof typeof Fate];

const NOTHING: ReadonlySet<string> = new Set();

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
  sourcePosition = 0;
  /** Whether what came last was a heartbeat: all that stands before that position has been sent, or we have it. */
  isAtHeartbeat = false;
  /** When the last transaction was committed at the source, in seconds since 1970; 0 before the first. */
  lastTimestamp = 0;
  /** When it came, in milliseconds since 1970. */
  lastArrival = 0;
  /** Whether the sink has asked to wait. */
  isFull = false;
  private readonly scanner = new EventScanner(this, true);
  private readonly tracker: TransactionTracker;
  private readonly executed: ExecutedNumbers;
  private part: Part = Part.OUTSIDE;
  private fate: Fate = Fate.STORED;
  private readonly sealing: Sealing;
  /** Whether the event at hand has no checksum and nothing of it has been stored yet; then, whether some of it has. */
  private isUnsealed = false;
  private isSealing = false;
  private file: SourceFile;
  /** Where the last transaction that was stored ends at the source. */
  private storedFile: SourceFile | null = null;
  private storedPosition = 0;
  private readonly resume: SourcePosition | null;
  private halfWritten: string | null;
  private readonly skips: ReadonlySet<string>;
  private readonly onFormat: IngestOptions['onFormat'];

  /** @param executed what the journal has: none of it may come again */
  constructor(
    private readonly sink: TransactionSink,
    private readonly flavour: Flavour,
    executed: GtidSet,
    { server, resume = null, halfWritten = null, skips = NOTHING, onFormat }: IngestOptions,
  ) {
    this.tracker = new TransactionTracker(flavour);
    this.executed = new ExecutedNumbers(executed);
    this.sealing = new Sealing((bytes, start, end) => sink.append(bytes, start, end));
    this.file = { server, name: '' };
    this.resume = resume;
    this.halfWritten = halfWritten;
    this.skips = skips;
    this.onFormat = onFormat;
  }

  get server(): string {
    return this.file.server;
  }

  get sourceFile(): string {
    return this.file.name;
  }

  /** Where the last transaction that the journal has ends at the source; null while that is not known. */
  get reached(): SourcePosition | null {
    const { storedFile: file, storedPosition: position } = this;
    return file === null ? this.resume : { server: file.server, file: file.name, position };
  }

  /** All that the journal has, up to there. Not to be changed. */
  get executedGtidSet(): GtidSet {
    return this.executed.all();
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
    if (event.type === EventType.INCIDENT) this.checkIncident(event);
    if (event.type === EventType.ANONYMOUS_GTID)
      throw new AnonymousTransactionError(placeOf(this.file.name, this.sourcePosition));
    this.isAtHeartbeat = false;
    if (event.type === EventType.FORMAT_DESCRIPTION && this.tracker.isInTransaction) this.endHalfWritten();
    this.part = this.tracker.next(event);
    this.isUnsealed = !event.withChecksums;
    if (this.part === Part.FIRST) this.decide(event);
    else if (this.part === Part.OUTSIDE) this.outside(event);
    else if (this.part === Part.LAST && this.fate === Fate.HALF_WRITTEN) {
      throw new SourceUnavailableError(`The source has ${this.tracker.gtidText} whole after all.`);
    }
  }

  onBytes(bytes: Buffer, start: number, end: number): void {
    if (this.part === Part.OUTSIDE || !this.isStoring()) return;
    const hasRoom = this.isUnsealed ? this.seal(bytes, start, end) : this.sink.append(bytes, start, end);
    if (!hasRoom) this.isFull = true;
  }

  onEventEnd(event: EventScanner): void {
    if (this.isSealing && !this.sealing.end()) this.isFull = true;
    this.isSealing = false;
    if (!this.isAtHeartbeat) this.events++;
    if (event.logPos !== 0) this.sourcePosition = this.positionOf(event.logPos);
    if (this.part !== Part.LAST || this.fate === Fate.REPEATED) return;
    if (this.fate === Fate.SKIPPED) this.storeEmpty(event);
    const { source, number, big } = this.tracker;
    const { file, sourcePosition } = this;
    this.sink.endTransaction(source, number, big, event.timestamp, file, sourcePosition);
    this.executed.add(source, number, big);
    this.storedFile = file;
    this.storedPosition = sourcePosition;
    this.transactions++;
    this.lastTimestamp = event.timestamp;
    this.lastArrival = Date.now();
  }

  private outside(event: EventScanner): void {
    switch (event.type) {
      case EventType.ROTATE:
        this.enter(readRotate(event));
        return;
      case EventType.HEARTBEAT:
      case EventType.HEARTBEAT_V2:
        this.enter(readHeartbeat(event));
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

  private enter({ file: name, position }: Rotation): void {
    if (name !== this.file.name) this.file = { server: this.file.server, name };
    this.sourcePosition = position;
  }

  private setFormat(event: EventScanner): void {
    const start = event.bodyStart - HEADER_BYTES;
    const format = withChecksums(event.bytes.subarray(start, start + event.size));
    this.sink.setFormat(format, this.sourceFile);
    this.onFormat?.(format);
  }

  /**
   * Whether the event is stored. A transaction that is skipped keeps only the GTID of MySQL as the source has sent
   * it.
   */
  private isStoring(): boolean {
    if (this.fate === Fate.SKIPPED) return this.flavour === 'MYSQL' && this.part === Part.FIRST;
    return this.fate === Fate.STORED;
  }

  private seal(bytes: Buffer, start: number, end: number): boolean {
    if (this.isSealing) return this.sealing.pass(bytes, start, end);
    this.isSealing = true;
    return this.sealing.begin(bytes, start, end, this.scanner.size);
  }

  private storeEmpty({ timestamp, serverId, logPos }: EventScanner): void {
    const { source, number, big } = this.tracker;
    const header = { timestamp, serverId, logPos };
    const empty =
      this.flavour === 'MYSQL' ? emptyBehindGtid(header) : emptyOfMariadb(source, number, big, header);
    if (!this.sink.append(empty, 0, empty.length)) this.isFull = true;
  }

  private decide(event: EventScanner): void {
    const { source, number, big } = this.tracker;
    this.fate = Fate.STORED;
    if (this.executed.has(source, number, big)) this.fate = this.decideKnown(event.logPos, event.size);
    if (this.fate === Fate.REPEATED) return;
    if (this.halfWritten !== null && this.halfWritten === this.tracker.gtidText)
      this.fate = Fate.HALF_WRITTEN;
    else if (this.skips.size > 0 && this.skips.has(this.tracker.gtidText)) this.fate = Fate.SKIPPED;
  }

  /**
   * The journal has a transaction with that number. A MariaDB source that is not strict may give a number that is smaller than those
   * before, or the same again: then it is another transaction. Only where it stands tells the two apart.
   */
  private decideKnown(logPos: number, size: number): Fate {
    const { source, number, big } = this.tracker;
    const begin = this.positionOf(logPos) - size;
    if (this.flavour === 'MARIADB') {
      // Nothing comes twice by one connection.
      if (this.storedFile !== null) return Fate.STORED;
      const { resume } = this;
      if (resume !== null)
        return isAtOrBefore(this.file.name, begin + 1, resume) ? Fate.REPEATED : Fate.STORED;
    }
    if (this.skips.has(this.tracker.gtidText)) return Fate.REPEATED;
    throw new RepeatedTransactionError(gtidText(source, number === BIG ? big : BigInt(number)));
  }

  /** One without a GTID belongs to no transaction; one with a GTID is what its transaction consists of. */
  private checkIncident(event: EventScanner): void {
    if (this.tracker.isInTransaction) {
      if (this.fate !== Fate.SKIPPED) throw new IncidentError(this.tracker.gtidText);
      return;
    }
    const place = placeOf(this.file.name, this.positionOf(event.logPos) - event.size);
    if (!this.skips.has(place)) throw new IncidentError(place);
  }

  /**
   * A file ends within a transaction where the source was killed while it wrote it: MariaDB then leaves it as it is, has
   * rolled it back itself, and goes on in another file. So do we, once the same has come twice.
   */
  private endHalfWritten(): void {
    if (this.fate === Fate.STORED || this.fate === Fate.SKIPPED)
      throw new HalfWrittenError(this.tracker.gtidText);
    if (this.fate === Fate.HALF_WRITTEN) this.halfWritten = null;
    this.fate = Fate.STORED;
    this.tracker.reset();
  }

  /** Headers have 32 bits of a position; files may be larger. */
  private positionOf(logPos: number): number {
    const high = Math.floor(this.sourcePosition / 2 ** 32);
    const position = high * 2 ** 32 + logPos;
    return position < this.sourcePosition - 2 ** 31 ? position + 2 ** 32 : position;
  }
}
