import { isEof, ServerError } from './answers.js';
import type { PayloadSink } from './packet-stream.js';

const OK = 0;
const ERR = 0xff;
const SEMI_SYNC = 0xef;
const HEADER_BYTES = 19;
const ARTIFICIAL = 0x0020;

const ROTATE = 0x04;
const HEARTBEAT = 0x1b;
const HEARTBEAT_V2 = 0x29;

/** How a stream came to its end: as asked, by an error, or because the connection was closed. */
export type StreamEnd = 'eof' | 'closed' | ServerError;

/** One event as it was sent. */
export interface RawEvent {
  readonly type: number;
  /** With its header and checksum. */
  readonly bytes: Buffer;
  readonly sequence: number;
  /** Of semi-sync: whether the source waits for an acknowledgement. Null without semi-sync. */
  readonly wantsAck: boolean | null;
}

/** Where the event ends in its file; 0 for one that is in no file. */
export function endOffset({ bytes }: RawEvent): number {
  return bytes.readUInt32LE(13);
}

/** Made for this stream: neither in the file nor the same twice. */
export function isMadeUp({ type, bytes }: RawEvent): boolean {
  return type === HEARTBEAT || type === HEARTBEAT_V2 || (bytes.readUInt16LE(17) & ARTIFICIAL) !== 0;
}

/** The file that a ROTATE event names. @param checksum whether the event ends in one */
export function rotatesTo({ bytes }: RawEvent, checksum: boolean): string {
  return bytes.toString('utf8', HEADER_BYTES + 8, bytes.length - (checksum ? 4 : 0));
}

export function isRotate({ type }: RawEvent): boolean {
  return type === ROTATE;
}

interface CollectorOptions {
  readonly semiSync: boolean;
  readonly onEvent: (event: RawEvent) => void;
  readonly onEnd: (end: StreamEnd) => void;
  /** The sequence of a packet is not the one that a replica expects, at which it would give up. */
  readonly onDisorder: (text: string) => void;
}

/** Every event, whole, with its place in the sequence checked as a replica does. */
export class EventCollector implements PayloadSink {
  private readonly parts: Buffer[] = [];
  private sequence = 0;
  private expected = 1;

  constructor(private readonly options: CollectorOptions) {}

  begin(sequence: number): void {
    this.parts.length = 0;
    this.sequence = sequence;
    if (sequence !== this.expected)
      this.options.onDisorder(`packet ${sequence} came where ${this.expected} was due`);
  }

  bytes(chunk: Buffer, start: number, end: number): void {
    this.parts.push(Buffer.from(chunk.subarray(start, end)));
  }

  end(): void {
    const payload = Buffer.concat(this.parts);
    const packets = Math.floor(payload.length / 0xffffff) + 1;
    this.expected = (this.sequence + packets) & 0xff;
    if (payload[0] === ERR) this.options.onEnd(ServerError.read(payload));
    else if (isEof(payload)) this.options.onEnd('eof');
    else if (payload[0] === OK) this.takeEvent(payload);
    else this.options.onDisorder(`a packet began with ${payload[0]}`);
  }

  private takeEvent(payload: Buffer): void {
    const { semiSync } = this.options;
    if (semiSync && payload[1] !== SEMI_SYNC) this.options.onDisorder('an event came without semi-sync');
    const wantsAck = semiSync ? payload[2] === 1 : null;
    // The source begins anew after each event whose acknowledgement it waits for.
    if (wantsAck === true) this.expected = 1;
    const bytes = payload.subarray(semiSync ? 3 : 1);
    this.options.onEvent({ type: bytes[4]!, bytes, sequence: this.sequence, wantsAck });
  }
}
