/**
 * The header of every event: `timestamp u32 | type u8 | server id u32 | size u32 | log_pos u32 | flags u16`. The size
 * counts header and checksum; log_pos is where the event ends in its source's file, modulo 2^32.
 */
export const HEADER_BYTES = 19;
export const TYPE_AT = 4;
export const SERVER_ID_AT = 5;
export const SIZE_AT = 9;
export const LOG_POS_AT = 13;
export const FLAGS_AT = 17;

export const CHECKSUM_BYTES = 4;

/** What every binlog file begins with. */
export const BINLOG_MAGIC = Buffer.from([0xfe, 0x62, 0x69, 0x6e]);

export const EventFlag = {
  /** In an FDE: the file was not closed. The flag is not counted in its checksum. */
  IN_USE: 0x01,
  /** Made for one connection; stands in no file. */
  ARTIFICIAL: 0x20,
  /** Who does not know the type may pass it over. */
  IGNORABLE: 0x80,
} as const;

/** An event as far as it is known: its header, and of its body at least the beginning. */
export interface EventView {
  readonly type: number;
  /** In seconds since 1970; 0 in artificial events. */
  readonly timestamp: number;
  readonly serverId: number;
  readonly size: number;
  readonly logPos: number;
  readonly flags: number;
  /** How long the whole body is, without header and checksum. */
  readonly bodyLength: number;
  /** Holds the known part of the body, from `bodyStart` to `bodyEnd`. */
  readonly bytes: Buffer;
  readonly bodyStart: number;
  readonly bodyEnd: number;
}

export function u16(bytes: Buffer, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

export function u32(bytes: Buffer, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

/** A number of 64 bits, exact up to 2^53. */
export function u64(bytes: Buffer, at: number): number {
  return u32(bytes, at) + u32(bytes, at + 4) * 2 ** 32;
}
