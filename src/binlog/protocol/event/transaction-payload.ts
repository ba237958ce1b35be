import { BinlogEventError } from './event-error.js';
import { u16, u32, u64, type EventView } from './event-header.js';

const SIZE_FIELD = 1;
const COMPRESSION_FIELD = 2;
const UNCOMPRESSED_FIELD = 3;

/** What stands before the compressed events of a TRANSACTION_PAYLOAD event. */
export interface PayloadHeader {
  /** 0: zstd, 255: none. */
  readonly compression: number;
  readonly compressedBytes: number;
  readonly uncompressedBytes: number;
  /** Where the compressed events begin, from the start of the body. */
  readonly headerBytes: number;
}

/**
 * Fields are `id, length, value`, each a length-encoded integer, up to an id of 0.
 *
 * @throws BinlogEventError when it is damaged
 */
export function readPayloadHeader({ bytes, bodyStart, bodyEnd }: EventView): PayloadHeader {
  const values = [0, 0, 0, 0];
  const reader = new LengthEncodedReader(bytes, bodyStart, bodyEnd);
  for (;;) {
    const field = reader.read();
    if (field === 0) break;
    const end = reader.read() + reader.at;
    const value = reader.read();
    if (reader.at !== end) throw damaged();
    if (field < values.length) values[field] = value;
  }
  return {
    compression: values[COMPRESSION_FIELD]!,
    compressedBytes: values[SIZE_FIELD]!,
    uncompressedBytes: values[UNCOMPRESSED_FIELD]!,
    headerBytes: reader.at - bodyStart,
  };
}

class LengthEncodedReader {
  constructor(
    private readonly bytes: Buffer,
    public at: number,
    private readonly end: number,
  ) {}

  read(): number {
    const start = this.at;
    const mark = start < this.end ? this.bytes[start]! : 0xff;
    const width = mark < 0xfb ? 0 : mark === 0xfc ? 2 : mark === 0xfd ? 3 : mark === 0xfe ? 8 : this.end;
    if (start + 1 + width > this.end) throw damaged();
    this.at += 1 + width;
    if (width === 0) return mark;
    if (width === 2) return u16(this.bytes, start + 1);
    return width === 3 ? u32(this.bytes, start) >>> 8 : u64(this.bytes, start + 1);
  }
}

function damaged(): BinlogEventError {
  return new BinlogEventError('The header of a TRANSACTION_PAYLOAD event is damaged.');
}
