import { buildEvent } from './event-builder.js';
import { BinlogEventError } from './event-error.js';
import { EventFlag, u64, type EventView } from './event-header.js';
import { EventType } from './event-type.js';

const POSITION_BYTES = 8;

/** Where the stream goes on: `position u64 | file name`. */
export interface Rotation {
  readonly file: string;
  readonly position: number;
}

/** @throws BinlogEventError when it is too short */
export function readRotate({ bytes, bodyStart, bodyEnd }: EventView): Rotation {
  if (bodyEnd - bodyStart < POSITION_BYTES) throw new BinlogEventError('A ROTATE event has no position.');
  return {
    file: bytes.toString('utf8', bodyStart + POSITION_BYTES, bodyEnd),
    position: u64(bytes, bodyStart),
  };
}

/**
 * The ROTATE that is sent before the first event of each file, and stands in none.
 *
 * @param withChecksum as the slave has set `@master_binlog_checksum`, whatever the file has
 */
export function buildArtificialRotate(
  { file, position }: Rotation,
  serverId: number,
  withChecksum: boolean,
): Buffer {
  const body = Buffer.concat([Buffer.alloc(POSITION_BYTES), Buffer.from(file)]);
  body.writeBigUInt64LE(BigInt(position));
  return buildEvent(EventType.ROTATE, { serverId, flags: EventFlag.ARTIFICIAL }, body, withChecksum);
}
