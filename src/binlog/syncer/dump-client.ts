import type { Duplex } from 'node:stream';
import { encodeSemiSyncAck, SEMI_SYNC_MAGIC, SEMI_SYNC_WANTS_ACK } from '../protocol/connection/semi-sync.js';
import { decodeError, isError, type ServerError } from '../protocol/connection/replies.js';
import { framePayload } from '../protocol/packet/framing.js';
import { PacketSplitter, type PayloadHandler } from '../protocol/packet/packet-splitter.js';
import { ProtocolError } from '../protocol/protocol-error.js';
import { placeOf } from './source-position.js';
import {
  AnonymousTransactionError,
  DumpRefusedError,
  SourceRefusedError,
  SourceUnavailableError,
} from './source-error.js';

const OK = 0x00;
const EOF = 0xfe;
/** An error is never longer. */
const MAX_ERROR_BYTES = 4_096;
/** Access denied: to a user, and for want of a privilege. */
const LACKING_PRIVILEGE = new Set([1045, 1227]);

/** ER_MASTER_FATAL_ERROR_READING_BINLOG: replicas stop at it, for asking again brings the same. */
const FATAL = 1236;

/** What the source sent instead of events; its number tells whether it makes sense to ask again. */
function refusal({ errno, message }: ServerError): Error {
  const ended = `The source ended the dump: ${message} (error ${errno}).`;
  const [, file, position] = /anonymous.*? file (\S+), position (\d+)/i.exec(message) ?? [];
  if (errno === FATAL && file !== undefined)
    return new AnonymousTransactionError(placeOf(file.replace(/^.*[/\\]/, ''), Number(position)));
  if (errno === FATAL)
    return new DumpRefusedError(
      `${ended} If what it needs is purged or lost, use switchSource, or restartJournalAfter to begin behind it.`,
    );
  if (!LACKING_PRIVILEGE.has(errno)) return new SourceUnavailableError(ended);
  // What a privilege hides behind a role is known only now.
  return new SourceRefusedError(
    `The source does not let the account replicate: ${message} (error ${errno}). GRANT REPLICATION SLAVE there.`,
  );
}

export interface DumpClientOptions {
  readonly stream: Duplex;
  /** Whether the source marks events that it wants acknowledged. */
  readonly isSemiSync: boolean;
  /** The next bytes of the stream of events. */
  readonly onEvents: (bytes: Buffer, start: number, end: number) => void;
  /** An event has ended; whether the source waits for its acknowledgement. */
  readonly onPayloadEnd: (wantsAck: boolean) => void;
  /** Nothing comes any more. */
  readonly onEnd: (error: Error) => void;
}

/** Our end of a dump: takes the events out of the packets as they come. Reads nothing while it is paused. */
export class DumpClient implements PayloadHandler {
  private readonly splitter = new PacketSplitter(this);
  private ended = false;
  /** Bytes of the present payload that stood before the event. */
  private headBytes = 0;
  private kind = 0;
  private wantsAck = false;
  private error = Buffer.alloc(0);
  /** What is to be done at each OK that is no event; the first is that of the registration. */
  private replies: (() => void)[] = [];

  constructor(private readonly options: DumpClientOptions) {}

  /**
   * @param registration COM_REGISTER_SLAVE
   * @param dump COM_BINLOG_DUMP or COM_BINLOG_DUMP_GTID
   */
  start(registration: Buffer, dump: Buffer): void {
    const { stream } = this.options;
    stream.on('data', this.read);
    stream.once('close', this.closed);
    stream.once('error', this.closed);
    this.replies = [() => stream.write(framePayload(dump, 0))];
    this.splitter.expected = 1;
    stream.write(framePayload(registration, 0));
  }

  acknowledge(position: number, file: string): void {
    const ack = encodeSemiSyncAck({ position: BigInt(position), file });
    if (!this.ended) this.options.stream.write(framePayload(ack, 0));
  }

  get isPaused(): boolean {
    return this.options.stream.isPaused();
  }

  pause(): void {
    this.options.stream.pause();
  }

  resume(): void {
    if (!this.ended) this.options.stream.resume();
  }

  stop(): void {
    this.ended = true;
    const { stream } = this.options;
    stream.removeListener('data', this.read);
    stream.destroy();
  }

  piece(bytes: Buffer, start: number, end: number, first: boolean, last: boolean): void {
    if (this.ended) return;
    let at = start;
    if (first) {
      this.headBytes = 0;
      this.wantsAck = false;
    }
    while (this.headBytes < this.headLength() && at < end) this.head(bytes[at++]!);
    if (this.headBytes < this.headLength()) {
      if (last) throw new ProtocolError('The source sent an empty message.');
      return;
    }
    if (this.kind === OK) this.event(bytes, at, end, last);
    else this.other(bytes, at, end, last);
  }

  private headLength(): number {
    if (this.headBytes === 0) return 1;
    return this.options.isSemiSync && this.kind === OK && this.replies.length === 0 ? 3 : 1;
  }

  private head(byte: number): void {
    if (this.headBytes === 0) this.kind = byte;
    else if (this.headBytes === 1 && byte !== SEMI_SYNC_MAGIC)
      throw new ProtocolError(
        'The source does not mark its events, though it said that it is semi-synchronous.',
      );
    else if (this.headBytes === 2) this.wantsAck = (byte & SEMI_SYNC_WANTS_ACK) !== 0;
    this.headBytes++;
  }

  private event(bytes: Buffer, start: number, end: number, last: boolean): void {
    const reply = this.replies[0];
    if (reply !== undefined) {
      if (!last) return;
      this.replies.shift();
      reply();
      this.splitter.expected = 1;
      return;
    }
    this.options.onEvents(bytes, start, end);
    if (!last) return;
    // The source begins to count anew when it waits for an acknowledgement.
    if (this.wantsAck) this.splitter.expected = 1;
    this.options.onPayloadEnd(this.wantsAck);
  }

  private other(bytes: Buffer, start: number, end: number, last: boolean): void {
    if (this.error.length + end - start > MAX_ERROR_BYTES)
      throw new ProtocolError('The source sent nonsense.');
    this.error = Buffer.concat([this.error, bytes.subarray(start, end)]);
    if (!last) return;
    const payload = Buffer.concat([Buffer.of(this.kind), this.error]);
    if (isError(payload)) this.end(refusal(decodeError(payload)));
    else if (this.kind === EOF && payload.length < 9)
      this.end(
        new SourceUnavailableError(
          'The source ended the dump: another replica came with our server_uuid, or somebody killed it.',
        ),
      );
    else throw new ProtocolError(`The source sent a message of the unknown kind ${this.kind}.`);
  }

  private readonly read = (chunk: Buffer): void => {
    try {
      this.splitter.take(chunk);
    } catch (error) {
      this.end(error as Error);
    }
  };

  private readonly closed = (cause?: unknown): void => {
    const reason = cause instanceof Error ? `: ${cause.message}` : '';
    this.end(new SourceUnavailableError(`The source closed the connection${reason}.`, cause));
  };

  private end(error: Error): void {
    if (this.ended) return;
    this.stop();
    this.options.onEnd(error);
  }
}
