import { crc32 } from './checksum.js';
import { sealEvent } from './event-builder.js';
import { BinlogEventError } from './event-error.js';
import { CHECKSUM_BYTES, EventFlag, FLAGS_AT, HEADER_BYTES, LOG_POS_AT, u16, u32 } from './event-header.js';

const VERSION_BYTES = 50;
const CREATED_AT = HEADER_BYTES + 2 + VERSION_BYTES;
const HEADER_LENGTH_AT = CREATED_AT + 4;
const POST_HEADERS_AT = HEADER_LENGTH_AT + 1;
const TAIL_BYTES = 1 + CHECKSUM_BYTES;
const SMALLEST = POST_HEADERS_AT + 1 + TAIL_BYTES;

/**
 * A FORMAT_DESCRIPTION event, which says how the events behind it are to be read:
 * `version u16 | server version char[50] | created u32 | header length u8 | post-header lengths u8* | algorithm u8 |
 * checksum u32`. Servers since 5.6 and 10.0 write its last five bytes even where other events have no checksum.
 */
export interface FormatDescription {
  readonly serverVersion: string;
  /** When the server started, in seconds since 1970; 0 when the file was made by rotation or the event was changed. */
  readonly created: number;
  /** The length of the fixed part of a body, by type; the first one is that of type 1. */
  readonly postHeaderLengths: Buffer;
  /** Whether the events behind it end in a CRC32. */
  readonly hasChecksums: boolean;
}

/**
 * @param event the whole event
 * @throws BinlogEventError when it is damaged or of a format that is not written since MySQL 5.6 and MariaDB 10
 */
export function readFormatDescription(event: Buffer): FormatDescription {
  if (event.length < SMALLEST)
    throw implausible(`it has ${event.length} bytes, at least ${SMALLEST} are needed`);
  const version = u16(event, HEADER_BYTES);
  if (version !== 4) throw implausible(`the binlog version is ${version} instead of 4`);
  const headerLength = event[HEADER_LENGTH_AT]!;
  if (headerLength !== HEADER_BYTES) throw implausible(`headers have ${headerLength} bytes instead of 19`);
  const algorithm = event[event.length - TAIL_BYTES]!;
  if (algorithm > 1) throw implausible(`checksum algorithm ${algorithm} is neither NONE (0) nor CRC32 (1)`);
  // Servers change the event for a replica that begins within a file, and seal it anew only where events have checksums.
  const isChanged = algorithm === 0 && (u32(event, LOG_POS_AT) === 0 || wasSealedWithCreated(event));
  if (!isChanged && !isSealed(event))
    throw new BinlogEventError('The checksum of a FORMAT_DESCRIPTION event is wrong.');
  const text = event.toString('latin1', HEADER_BYTES + 2, CREATED_AT);
  return {
    serverVersion: text.replace(/\0.*$/s, ''),
    created: u32(event, CREATED_AT),
    postHeaderLengths: Buffer.from(event.subarray(POST_HEADERS_AT, event.length - TAIL_BYTES)),
    hasChecksums: algorithm === 1,
  };
}

/** A copy as it stands in a file that was closed. */
export function withoutInUse(event: Buffer): Buffer {
  const copy = Buffer.from(event);
  copy[FLAGS_AT]! &= ~EventFlag.IN_USE;
  sealEvent(copy);
  return copy;
}

/** A copy that says that the events behind it end in a CRC32. */
export function withChecksums(event: Buffer): Buffer {
  const copy = Buffer.from(event);
  copy[copy.length - TAIL_BYTES] = 1;
  return withoutInUse(copy);
}

/** A copy for a slave that resumes: one with `created` would make it drop its temporary tables. */
export function withoutCreated(event: Buffer): Buffer {
  const copy = withoutInUse(event);
  copy.writeUInt32LE(0, CREATED_AT);
  sealEvent(copy);
  return copy;
}

/** Whether events behind either are written and read the same way, by the same server version. */
export function isSameFormat(a: Buffer, b: Buffer): boolean {
  return withoutOccasion(a).equals(withoutOccasion(b));
}

/** Without what differs from file to file: timestamp, log_pos, flags, created, and hence the checksum. */
function withoutOccasion(event: Buffer): Buffer {
  const copy = Buffer.from(event.subarray(0, event.length - CHECKSUM_BYTES));
  copy.fill(0, 0, 4);
  copy.fill(0, LOG_POS_AT, HEADER_BYTES);
  copy.fill(0, CREATED_AT, HEADER_LENGTH_AT);
  return copy;
}

/** Whether it was sealed when it still said, as the first file after a start does, that the server started at its timestamp. */
function wasSealedWithCreated(event: Buffer): boolean {
  if (u32(event, CREATED_AT) !== 0) return false;
  const before = Buffer.from(event);
  before.copy(before, CREATED_AT, 0, 4);
  return isSealed(before);
}

function isSealed(event: Buffer): boolean {
  const end = event.length - CHECKSUM_BYTES;
  const flags = event[FLAGS_AT]!;
  if ((flags & EventFlag.IN_USE) === 0) return crc32(event, 0, end) === u32(event, end);
  const closed = Buffer.from(event);
  closed[FLAGS_AT] = flags & ~EventFlag.IN_USE;
  return crc32(closed, 0, end) === u32(event, end);
}

function implausible(why: string): BinlogEventError {
  return new BinlogEventError(`A FORMAT_DESCRIPTION event is implausible: ${why}.`);
}
