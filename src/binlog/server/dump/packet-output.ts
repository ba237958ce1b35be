import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { raceAbort } from '../../../common/async.js';
import { BufferPool } from '../../../common/buffer-pool.js';
import { Turnstile } from '../../../common/turnstile.js';
import { FULL_PACKET, HEADER_BYTES } from '../../protocol/packet/packet-splitter.js';
import type { FramedChunk } from './framed-chunks.js';

const BUFFER_BYTES = 256 * 1024;
/** Kept by a pool, 8 MiB: as much as some eight clients have under way. */
const KEPT_BUFFERS = 32;
/** What may wait in the socket before it is waited for. */
const HIGH_WATER_BYTES = 1024 * 1024;

/**
 * Packets of a dump, gathered into large writes. A payload is announced with its length and then given in pieces, so
 * that one of a gigabyte needs no more memory than a small one.
 */
export class PacketOutput {
  /** Bytes given to the socket since the start. */
  written = 0;
  /** How many of these bytes are not sent yet. */
  private pending = 0;
  private readonly taken = new Turnstile();
  /** Null while nothing is gathered: a client that waits has none. */
  private buffer: Buffer | null = null;
  private used = 0;
  /** Bytes that are left of the present packet, and of the payload behind it. */
  private packetLeft = 0;
  private payloadLeft = 0;
  private isFull = false;

  /**
   * @param sequence of the first packet
   * @param buffers made by {@link PacketOutput.createPool}, which outputs may share
   */
  constructor(
    private readonly socket: Socket,
    public sequence: number,
    private readonly buffers: BufferPool,
  ) {}

  static createPool(): BufferPool {
    return new BufferPool(BUFFER_BYTES, KEPT_BUFFERS);
  }

  /** Announces a payload; exactly so many bytes are to follow. */
  begin(payloadBytes: number): void {
    this.payloadLeft = payloadBytes;
    this.beginPacket();
  }

  append(bytes: Buffer, start: number, end: number): void {
    for (let at = start; at < end;) {
      if (this.packetLeft === 0) this.beginPacket();
      const buffer = this.withRoom(1);
      const length = Math.min(end - at, this.packetLeft, BUFFER_BYTES - this.used);
      copy(bytes, at, buffer, this.used, length);
      this.used += length;
      this.packetLeft -= length;
      at += length;
    }
    // One that is full is never the last of its payload.
    if (this.packetLeft === 0 && this.payloadLeft === 0 && this.isFull) this.beginPacket();
  }

  /** The same for one byte; a payload begins with one to three of them. */
  byte(value: number): void {
    const buffer = this.withRoom(1);
    buffer[this.used++] = value;
    this.packetLeft--;
  }

  /**
   * Whole packets that others send as well. Whoever is first numbers them; all that come to them with the same number, as
   * dumps do that began at one place, send them as they are, and the others a copy.
   */
  packets(chunk: FramedChunk): void {
    this.flush();
    const { packets, count, space } = chunk;
    const { sequence } = this;
    this.sequence = (sequence + count) & 0xff;
    if (chunk.sequence === -1) {
      number(packets, space.starts, count, sequence);
      chunk.sequence = sequence;
    }
    if (chunk.sequence === sequence) {
      chunk.writes++;
      this.write(packets, () => chunk.writes--);
      return;
    }
    if (packets.length > BUFFER_BYTES)
      throw new RangeError(`${packets.length} bytes of packets are too many.`);
    const buffer = this.withRoom(packets.length);
    packets.copy(buffer);
    number(buffer, space.starts, count, sequence);
    this.used = packets.length;
  }

  /** A whole payload. */
  packet(payload: Buffer): void {
    this.begin(payload.length);
    this.append(payload, 0, payload.length);
  }

  /** Gives what has been gathered to the socket. */
  flush(): void {
    const { buffer, buffers } = this;
    if (buffer === null) return;
    this.write(buffer.subarray(0, this.used), () => buffers.give(buffer));
    this.used = 0;
    this.buffer = null;
  }

  /** Whether the client has taken enough for more to be worth giving. */
  get hasRoom(): boolean {
    return this.pending < HIGH_WATER_BYTES;
  }

  /**
   * Resolves when there is room, and others have had their turn: a client that takes everything at once would otherwise keep
   * the process to itself.
   */
  async room(signal: AbortSignal): Promise<void> {
    await setImmediate();
    signal.throwIfAborted();
    while (!this.hasRoom) await raceAbort(this.taken.next(), signal);
  }

  /** @param onDone when nobody reads the bytes any more */
  private write(bytes: Buffer, onDone: () => void): void {
    this.written += bytes.length;
    this.pending += bytes.length;
    this.socket.write(bytes, () => {
      this.pending -= bytes.length;
      onDone();
      this.taken.open();
    });
  }

  /** Where the next bytes are gathered, with room for so many. */
  private withRoom(bytes: number): Buffer {
    if (BUFFER_BYTES - this.used < bytes) this.flush();
    return (this.buffer ??= this.buffers.take());
  }

  private beginPacket(): void {
    const buffer = this.withRoom(HEADER_BYTES);
    const length = this.payloadLeft < FULL_PACKET ? this.payloadLeft : FULL_PACKET;
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

function number(packets: Buffer, starts: Int32Array, count: number, first: number): void {
  for (let i = 0; i < count; i++) packets[starts[i]! + 3] = first + i;
}

/** Below some fifty bytes a loop is faster than a call out of JavaScript. */
function copy(from: Buffer, start: number, to: Buffer, at: number, length: number): void {
  if (length > 48) {
    from.copy(to, at, start, start + length);
    return;
  }
  for (let i = 0; i < length; i++) to[at + i] = from[start + i]!;
}
