import { crc32 } from './checksum.js';
import {
  CHECKSUM_BYTES,
  FLAGS_AT,
  HEADER_BYTES,
  LOG_POS_AT,
  SERVER_ID_AT,
  SIZE_AT,
  TYPE_AT,
} from './event-header.js';

/** What of a header is not told by the body. */
export interface HeaderFields {
  readonly timestamp?: number;
  readonly serverId: number;
  /** Modulo 2^32 when it is larger. */
  readonly logPos?: number;
  readonly flags?: number;
}

export function buildEvent(type: number, header: HeaderFields, body: Buffer, withChecksum: boolean): Buffer {
  const event = Buffer.allocUnsafe(eventSize(body.length, withChecksum));
  event.writeUInt32LE(header.timestamp ?? 0, 0);
  event.writeUInt8(type, TYPE_AT);
  event.writeUInt32LE(header.serverId, SERVER_ID_AT);
  event.writeUInt32LE(event.length, SIZE_AT);
  event.writeUInt32LE((header.logPos ?? 0) % 2 ** 32, LOG_POS_AT);
  event.writeUInt16LE(header.flags ?? 0, FLAGS_AT);
  body.copy(event, HEADER_BYTES);
  if (withChecksum) sealEvent(event);
  return event;
}

export function eventSize(bodyLength: number, withChecksum: boolean): number {
  return HEADER_BYTES + bodyLength + (withChecksum ? CHECKSUM_BYTES : 0);
}

/** Writes the checksum that belongs to what stands before it. */
export function sealEvent(event: Buffer): void {
  const end = event.length - CHECKSUM_BYTES;
  event.writeUInt32LE(crc32(event, 0, end), end);
}
