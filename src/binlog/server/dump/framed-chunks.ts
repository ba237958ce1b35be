import {
  HEADER_BYTES,
  LOG_POS_AT,
  SERVER_ID_AT,
  SIZE_AT,
  TYPE_AT,
  u32,
  type EventView,
} from '../../protocol/event/event-header.js';
import { isGtidType } from '../../protocol/event/event-type.js';
import { GtidReader } from '../../protocol/event/gtid-event.js';
import type { Source } from '../../protocol/gtid/gtid-run.js';
import { HEADER_BYTES as PACKET_HEADER_BYTES } from '../../protocol/packet/packet-splitter.js';

/** Stands before each event of a dump. */
const OK = 0x00;
/** Before each event: the packet's header, and that byte. */
const FRAME_BYTES = PACKET_HEADER_BYTES + 1;
/** So much of the journal becomes one chunk, a fifth of what is read at once; and so much its packets may take. */
const CHUNK_BYTES = 208 * 1024;
const PACKETS_BYTES = 256 * 1024;
const MAX_EVENTS = CHUNK_BYTES / HEADER_BYTES + 1;
const LITTLE_BYTES = 32 * 1024;
/** For events that are larger on average, finding them costs nothing next to copying them twice. */
const LARGE_EVENT_BYTES = 1024;
/** Larger events are copied by the machine's own means. */
const NATIVE_COPY_BYTES = 160;
/** The newest are kept, 16 MiB: so far may clients that go together be apart. */
const KEPT_CHUNKS = 64;
/** How many buffers are kept of chunks that are gone, for the next ones. */
const MAX_SPARE = 8;

/** What a chunk is made of. */
interface Space {
  readonly bytes: Buffer;
  readonly starts: Int32Array;
}

/** Whole events of the journal as the packets of a dump. */
export interface FramedChunk {
  /** The journal's offset behind the last event. */
  readonly end: number;
  /** Not to be changed once they are numbered. */
  readonly packets: Buffer;
  /** From which the packets are numbered; -1 until the first dump that sends them numbers them as it needs them. */
  sequence: number;
  /** How many packets there are; where in `packets` each begins stands in `space.starts`. */
  readonly count: number;
  readonly last: LastSent;
  readonly space: Space;
  /** Sockets that still have to send the packets from where they are. */
  writes: number;
}

/** What is remarkable about what was sent last. */
export interface LastSent {
  /** In seconds since 1970. */
  readonly timestamp: number;
  /** Where a client is behind them that was at 0 before, as `EventSender.reached` counts. */
  readonly reached: number;
  /** Null when there was no GTID event among them. */
  readonly source: Source | null;
  readonly number: number;
  readonly big: bigint;
}

/**
 * Chunks that all dumps share which leave nothing out and mark nothing: what it takes to find the events and to put them
 * into packets is done once, however many replicas are at that place.
 */
export class FramedChunks {
  private readonly chunks = new Map<number, FramedChunk>();
  private readonly gtids = new GtidReader();
  private readonly starts = new Int32Array(MAX_EVENTS);
  private readonly spare: Space[] = [];

  /** The chunk that begins at an offset of the journal, if it is still here. */
  find(offset: number): FramedChunk | undefined {
    return this.chunks.get(offset);
  }

  /**
   * Makes a chunk of the events that lie whole in the range and keeps it.
   *
   * @param offset the journal's offset of `bytes[start]`, where an event begins
   * @returns undefined when not even the first one does, or when they are too large for it to be worth while
   */
  frame(bytes: Buffer, start: number, end: number, offset: number): FramedChunk | undefined {
    const limit = Math.min(end, start + CHUNK_BYTES);
    let count = 0;
    let behind = start;
    while (behind + HEADER_BYTES <= limit) {
      const next = behind + u32(bytes, behind + SIZE_AT);
      if (next > limit || next - start + (count + 1) * FRAME_BYTES > PACKETS_BYTES) break;
      this.starts[count++] = behind - start;
      behind = next;
    }
    if (count === 0 || behind - start > count * LARGE_EVENT_BYTES) return undefined;
    const space = this.space(behind - start + count * FRAME_BYTES, count);
    return this.keep(offset, this.build(space, bytes, start, behind, count, offset));
  }

  /** Makes a chunk of the one event of that size at the beginning of the bytes, and keeps it. */
  frameOne(bytes: Buffer, size: number, offset: number): FramedChunk {
    this.starts[0] = 0;
    const space = this.space(size + FRAME_BYTES, 1);
    return this.keep(offset, this.build(space, bytes, 0, size, 1, offset));
  }

  /** What has just been committed is mostly little, and gets no more than it needs. */
  private space(bytes: number, count: number): Space {
    if (bytes <= LITTLE_BYTES) return { bytes: Buffer.allocUnsafe(bytes), starts: new Int32Array(count) };
    return (
      this.spare.pop() ?? {
        bytes: Buffer.allocUnsafeSlow(PACKETS_BYTES),
        starts: new Int32Array(MAX_EVENTS),
      }
    );
  }

  private build(
    space: Space,
    bytes: Buffer,
    start: number,
    end: number,
    count: number,
    offset: number,
  ): FramedChunk {
    const { bytes: packets, starts } = space;
    const [source, target] = [wordsOf(bytes), wordsOf(packets)];
    let gtid = -1;
    let reached = 0;
    for (let i = 0, at = 0; i < count; i++) {
      const from = start + this.starts[i]!;
      const to = i + 1 < count ? start + this.starts[i + 1]! : end;
      if (isGtidType(bytes[from + TYPE_AT]!)) gtid = from;
      const length = to - from + 1;
      starts[i] = at;
      packets[at] = length & 0xff;
      packets[at + 1] = (length >>> 8) & 0xff;
      packets[at + 2] = length >>> 16;
      packets[at + 4] = OK;
      if (to - from > NATIVE_COPY_BYTES) bytes.copy(packets, at + FRAME_BYTES, from, to);
      else copyWords(source, from, target, at + FRAME_BYTES, to - from);
      at += length + PACKET_HEADER_BYTES;
      reached = Math.max(reached + to - from, u32(bytes, from + LOG_POS_AT));
    }
    const timestamp = u32(bytes, start + this.starts[count - 1]!);
    return {
      end: offset + end - start,
      packets: packets.subarray(0, end - start + count * FRAME_BYTES),
      sequence: -1,
      count,
      space,
      writes: 0,
      last: { ...this.gtidAt(bytes, gtid), timestamp, reached },
    };
  }

  private gtidAt(bytes: Buffer, at: number): Pick<LastSent, 'source' | 'number' | 'big'> {
    if (at < 0) return { source: null, number: 0, big: 0n };
    this.gtids.read(viewOf(bytes, at));
    const { source, number, big } = this.gtids;
    return { source, number, big };
  }

  private keep(offset: number, chunk: FramedChunk): FramedChunk {
    this.chunks.delete(offset);
    this.chunks.set(offset, chunk);
    if (this.chunks.size > KEPT_CHUNKS) this.forgetOldest();
    return chunk;
  }

  private forgetOldest(): void {
    for (const [offset, { space, writes }] of this.chunks) {
      this.chunks.delete(offset);
      const isFree = writes === 0 && space.bytes.length === PACKETS_BYTES;
      if (isFree && this.spare.length < MAX_SPARE) this.spare.push(space);
      return;
    }
  }
}

function wordsOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** For little, faster than a call out of JavaScript, and than byte by byte. */
function copyWords(from: DataView, start: number, to: DataView, at: number, length: number): void {
  const whole = length & ~3;
  let i = 0;
  for (; i < whole; i += 4) to.setUint32(at + i, from.getUint32(start + i, true), true);
  for (; i < length; i++) to.setUint8(at + i, from.getUint8(start + i));
}

/** An event that lies whole in the bytes; its checksum counts as part of the body, of which only the beginning is read. */
function viewOf(bytes: Buffer, at: number): EventView {
  const size = u32(bytes, at + SIZE_AT);
  return {
    type: bytes[at + TYPE_AT]!,
    timestamp: u32(bytes, at),
    serverId: u32(bytes, at + SERVER_ID_AT),
    size,
    logPos: u32(bytes, at + LOG_POS_AT),
    flags: 0,
    bodyLength: size - HEADER_BYTES,
    bytes,
    bodyStart: at + HEADER_BYTES,
    bodyEnd: at + size,
  };
}
