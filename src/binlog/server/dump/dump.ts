import { delay, raceAbort } from '../../../common/async.js';
import { buildArtificialGtidList } from '../../protocol/event/gtid-list.js';
import { buildHeartbeat, buildHeartbeatV2 } from '../../protocol/event/heartbeat.js';
import { buildArtificialRotate } from '../../protocol/event/rotate.js';
import { withoutCreated } from '../../protocol/event/format-description.js';
import { BINLOG_MAGIC } from '../../protocol/event/event-header.js';
import { encodeEof, encodeError, type ServerError } from '../../protocol/connection/replies.js';
import type { JournalRange, JournalReader } from '../../journal/journal-reader.js';
import { buildSegmentHeader } from '../../journal/segment-header.js';
import type { Segment } from '../../journal/segment.js';
import type { DumpOptions } from './dump-options.js';
import { ChunkSender } from './chunk-sender.js';
import { EventSender } from './event-sender.js';
import type { PacketOutput } from './packet-output.js';
import { needsChecksums } from './refusals.js';
import { findStart, type DumpStart } from './find-start.js';

/** Heartbeats of MariaDB tell no more, and to what seems to be behind its replicas prefer none. */
const MAX_LOG_POS = 0xffffffff;

/** Sends the binlog to one client, from where it is, until it goes away. */
export class Dump {
  private readonly sender: EventSender;
  private readonly chunks: ChunkSender;
  private reader: JournalReader | null = null;
  private segment: Segment | null = null;
  private lastSentAt = performance.now();

  private constructor(
    private readonly options: DumpOptions,
    filter: ConstructorParameters<typeof EventSender>[2],
  ) {
    const { output, request, chunks } = options;
    this.sender = new EventSender(output, request, filter, () => this.tellPosition());
    this.chunks = new ChunkSender(this.sender, chunks);
  }

  /**
   * Resolves when the client wanted no more than there is, and has got it.
   *
   * @param onStart gives access to how far it is
   * @throws SqlError that says why it cannot be sent; what else goes wrong is the connection's end
   */
  static async run(options: DumpOptions, onStart: (dump: Dump) => void, signal: AbortSignal): Promise<void> {
    const { journal, request, output } = options;
    if (request.isNonBlocking && journal.committedOffset === journal.startOffset) return endOf(output);
    const start = await findStart(options, signal);
    const dump = new Dump(options, start.filter);
    onStart(dump);
    try {
      await journal.readability.reading(
        () => dump.segment,
        () => dump.send(start, signal),
      );
    } finally {
      await dump.reader?.close();
    }
  }

  /** The journal's offset behind what has been looked at. */
  get offset(): number {
    return this.reader?.offset ?? this.options.journal.committedOffset;
  }

  get currentGtid(): string | null {
    return this.sender.currentGtid;
  }

  get events(): number {
    return this.sender.events;
  }

  get bytes(): number {
    return this.options.output.written;
  }

  /** The time of the event that was sent last, in seconds since 1970; 0 before the first. */
  get lastTimestamp(): number {
    return this.sender.lastTimestamp;
  }

  /** The last that the client is told, when it can be told between two events. */
  refuse(error: ServerError): void {
    const { output } = this.options;
    if (!this.sender.isBetweenEvents) return;
    output.packet(encodeError(error));
    output.flush();
  }

  private async send(start: DumpStart, signal: AbortSignal): Promise<void> {
    const { journal, output, request } = this.options;
    const { offset } = start;
    this.begin(start);
    const reader = journal.reader(offset);
    this.reader = reader;
    for (;;) {
      if (reader.offset >= journal.committedOffset) {
        this.pauseAtEnd();
        if (request.isNonBlocking) return endOf(output);
      }
      const known = this.chunks.sendKnown(reader.offset);
      if (known === 0) {
        await this.pass(await this.next(reader, signal), signal);
        continue;
      }
      reader.skip(known);
      this.lastSentAt = performance.now();
      if (!output.hasRoom) await output.room(signal);
    }
  }

  /** What comes before the first event that is wanted. */
  private begin({ offset, segment, isCaughtUp, hasFormat }: DumpStart): void {
    const { request, dialect } = this.options;
    const position = offset - segment.startOffset;
    this.segment = segment;
    const isSummed = request.withChecksum === true || hasFormat;
    const isFromStart = request.has === null && position <= BINLOG_MAGIC.length;
    this.rotate(
      segment.name,
      request.has === null ? Math.max(position, BINLOG_MAGIC.length) : BINLOG_MAGIC.length,
      isSummed,
    );
    if (request.withChecksum === null) throw needsChecksums(dialect, segment.name);
    if (isFromStart) return;
    const { format, previous } = segment.header;
    const isResumed = request.has === null || !request.has.isEmpty;
    this.sender.own(isResumed ? withoutCreated(format) : format);
    if (request.has !== null) {
      this.sender.own(buildSegmentHeader(format, previous).subarray(BINLOG_MAGIC.length + format.length));
    }
    this.sender.enter(position);
    if (isCaughtUp) this.tellPosition();
  }

  private async pass(range: JournalRange, signal: AbortSignal): Promise<void> {
    const { output } = this.options;
    const [{ events }, { written }] = [this.sender, output];
    const { bytes, start, end, offset } = range;
    for (let at = start + this.enter(range); at < end;) {
      at += this.chunks.take(bytes, at, end, offset + at - start);
      if (!output.hasRoom) await output.room(signal);
    }
    // For the client, what is left out is silence.
    if (this.sender.events > events || output.written > written) this.lastSentAt = performance.now();
  }

  /** @returns how many bytes of the range are not to be looked at */
  private enter({ segment, offset }: JournalRange): number {
    const position = offset - segment.startOffset;
    if (segment !== this.segment) this.rotate(segment.name, BINLOG_MAGIC.length, true);
    this.segment = segment;
    if (position > 0) return 0;
    this.sender.enter(BINLOG_MAGIC.length);
    return BINLOG_MAGIC.length;
  }

  /** Waits for what comes next, telling the client now and then that it is alive. */
  private async next(reader: JournalReader, signal: AbortSignal): Promise<JournalRange> {
    const { heartbeatMs } = this.options.request;
    if (heartbeatMs === 0) return reader.read(signal);
    const beating = new AbortController();
    void this.beat(heartbeatMs, beating.signal);
    try {
      return await raceAbort(reader.read(signal), signal);
    } finally {
      beating.abort();
    }
  }

  private async beat(heartbeatMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const due = this.lastSentAt + heartbeatMs - performance.now();
      if (due <= 0) this.heartbeat();
      await delay(Math.max(due, 1), signal).catch(() => undefined);
    }
  }

  /** Where what was left out ends, is told once it has been passed: the client's own position follows. */
  private pauseAtEnd(): void {
    const { output, request } = this.options;
    if (this.sender.hasSkipped && request.heartbeatMs > 0 && request.has !== null) this.heartbeat();
    this.sender.hasSkipped = false;
    output.flush();
  }

  private heartbeat(): void {
    const { output, request, serverId } = this.options;
    if (!output.hasRoom || this.segment === null || !this.sender.isBetweenEvents) return;
    const build = request.isHeartbeatV2 ? buildHeartbeatV2 : buildHeartbeat;
    const where = { file: this.segment.name, position: this.clientPosition() };
    if (request.flavour === 'MARIADB' && where.position > MAX_LOG_POS) return;
    this.sender.own(build(where, serverId, true));
    output.flush();
    this.lastSentAt = performance.now();
  }

  /**
   * @param isSummed before the first FORMAT_DESCRIPTION as the client has asked for; from then on, as for all events, that
   *   says so, and in our files it always says yes
   */
  private rotate(file: string, position: number, isSummed: boolean): void {
    this.sender.own(buildArtificialRotate({ file, position }, this.options.serverId, isSummed));
  }

  /**
   * Where the client is by its own account, or further: a replica stops for good at a heartbeat that is behind. Those of
   * MySQL add up the lengths of what they get.
   */
  private clientPosition(): number {
    const { flavour, has } = this.options.request;
    return flavour === 'MARIADB' && has !== null ? this.sender.reached : this.sender.position;
  }

  /** MariaDB: from here on comes what the client does not have. */
  private tellPosition(): void {
    const { has, flavour } = this.options.request;
    if (flavour !== 'MARIADB' || has === null || has.isEmpty) return;
    const { serverId } = this.options;
    const list = buildArtificialGtidList(has, serverId, this.clientPosition(), true);
    this.sender.own(list);
    this.sender.reached += list.length;
  }
}

/** Tells the client that there is no more. */
function endOf(output: PacketOutput): void {
  output.packet(encodeEof());
  output.flush();
}
