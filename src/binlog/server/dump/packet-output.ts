import type { Socket } from 'node:net';
import { raceAbort } from '../../../common/async.js';
import { FULL_PACKET, HEADER_BYTES } from '../../protocol/packet/packet-splitter.js';
import type { FramedChunk } from './framed-chunks.js';

const BUFFER_BYTES = 256 * 1024;
/** Kept for the next packets instead of being given back. */
const KEPT_BUFFERS = 6;
/** What may wait in the socket before its reader is waited for. */
const HIGH_WATER_BYTES = 1024 * 1024;

/**
 * Packets of a dump, gathered into large writes. A payload is announced with its length and then given in pieces, so
 * that one of a gigabyte needs no more memory than a small one.
 */
export class PacketOutput {
  /** Bytes given to the socket since the start. */
  written = 0;
  private buffer: Buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  private used = 0;
  private readonly free: Buffer[] = [];
  /** Of the present packet, and of the payload behind it. */
  private packetLeft = 0;
  private payloadLeft = 0;
  private isFull = false;

  /** @param sequence of the first packet */
  constructor(
    private readonly socket: Socket,
    public sequence: number,
  ) {}

  /** Announces a payload; exactly so many bytes are to follow. */
  begin(payloadBytes: number): void {
    this.payloadLeft = payloadBytes;
    this.beginPacket();
  }

  append(bytes: Buffer, start: number, end: number): void {
    for (let at = start; at < end;) {
      if (this.packetLeft === 0) this.beginPacket();
      if (this.used === BUFFER_BYTES) this.flush();
      const length = Math.min(end - at, this.packetLeft, BUFFER_BYTES - this.used);
      copy(bytes, at, this.buffer, this.used, length);
      this.used += length;
      this.packetLeft -= length;
      at += length;
    }
    // One that is full is never the last of its payload.
    if (this.packetLeft === 0 && this.payloadLeft === 0 && this.isFull) this.beginPacket();
  }

  /** The same for one byte; a payload begins with one to three of them. */
  byte(value: number): void {
    if (this.used === BUFFER_BYTES) this.flush();
    this.buffer[this.used++] = value;
    this.packetLeft--;
  }

  /**
   * Whole packets that others send as well. Whoever is first numbers them; all that come to them with the same number, as
   * dumps do that began at one place, send them as they are, and the others a copy.
   */
  packets(chunk: FramedChunk): void {
    this.flush();
    const { packets, starts } = chunk;
    const { sequence } = this;
    this.sequence = (sequence + starts.length) & 0xff;
    if (chunk.sequence === -1) {
      number(packets, starts, sequence);
      chunk.sequence = sequence;
    }
    if (chunk.sequence === sequence) {
      this.written += packets.length;
      this.socket.write(packets);
      return;
    }
    if (packets.length > this.buffer.length)
      throw new RangeError(`${packets.length} bytes of packets are too many.`);
    packets.copy(this.buffer);
    number(this.buffer, starts, sequence);
    this.used = packets.length;
  }

  /** A whole payload. */
  packet(payload: Buffer): void {
    this.begin(payload.length);
    this.append(payload, 0, payload.length);
  }

  /** Gives what has been gathered to the socket. */
  flush(): void {
    if (this.used === 0) return;
    const { buffer } = this;
    this.written += this.used;
    this.socket.write(buffer.subarray(0, this.used), () => {
      if (this.free.length < KEPT_BUFFERS) this.free.push(buffer);
    });
    this.used = 0;
    this.buffer = this.free.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
  }

  /** Whether the client has taken enough for more to be worth giving. */
  get hasRoom(): boolean {
    return this.socket.writableLength < HIGH_WATER_BYTES;
  }

  /** Resolves when there is room. */
  async room(signal: AbortSignal): Promise<void> {
    while (!this.hasRoom) {
      let onDrain: () => void = () => undefined;
      try {
        await raceAbort(
          new Promise<void>((resolve) => {
            onDrain = resolve;
            this.socket.once('drain', onDrain);
          }),
          signal,
        );
      } finally {
        this.socket.removeListener('drain', onDrain);
      }
    }
  }

  private beginPacket(): void {
    if (BUFFER_BYTES - this.used < HEADER_BYTES) this.flush();
    const length = this.payloadLeft < FULL_PACKET ? this.payloadLeft : FULL_PACKET;
    const { buffer } = this;
    buffer[this.used] = length & 0xff;
    buffer[this.used + 1] = (length >>> 8) & 0xff;
    buffer[this.used + 2] = length >>> 16;
    buffer[this.used + 3] = this.sequence;
    this.used += HEADER_BYTES;
    this.sequence = (this.sequence + 1) & 0xff;
    this.packetLeft = length;
    this.payloadLeft -= length;
    this.isFull = length === FULL_PACKET;
  }
}

function number(packets: Buffer, starts: Int32Array, first: number): void {
  for (let i = 0; i < starts.length; i++) packets[starts[i]! + 3] = first + i;
}

/** Below some fifty bytes a loop is faster than a call out of JavaScript. */
function copy(from: Buffer, start: number, to: Buffer, at: number, length: number): void {
  if (length > 48) {
    from.copy(to, at, start, start + length);
    return;
  }
  for (let i = 0; i < length; i++) to[at + i] = from[start + i]!;
}
