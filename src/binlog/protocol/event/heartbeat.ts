import { buildEvent } from './event-builder.js';
import { BinlogEventError } from './event-error.js';
import { u16, u64, type EventView } from './event-header.js';
import { EventType } from './event-type.js';
import type { Rotation } from './rotate.js';

/** Fields of version 2: `id, length, value`, both of one byte here. */
const NAME_FIELD = 1;
const POSITION_FIELD = 2;

/** Version 1: the body is the file's name, the position is log_pos, and hence modulo 2^32. */
export function buildHeartbeat(
  { file, position }: Rotation,
  serverId: number,
  withChecksum: boolean,
): Buffer {
  return buildEvent(EventType.HEARTBEAT, { serverId, logPos: position }, Buffer.from(file), withChecksum);
}

/** Version 2, for slaves that ask for it: `01 name | 02 position | 00`, and log_pos is set as well. */
export function buildHeartbeatV2(
  { file, position }: Rotation,
  serverId: number,
  withChecksum: boolean,
): Buffer {
  const name = Buffer.from(file);
  const number = lengthEncoded(position);
  const body = Buffer.concat([
    Buffer.from([NAME_FIELD, name.length]),
    name,
    Buffer.from([POSITION_FIELD, number.length]),
    number,
    Buffer.from([0]),
  ]);
  return buildEvent(EventType.HEARTBEAT_V2, { serverId, logPos: position }, body, withChecksum);
}

/**
 * Where the source is, from either version.
 *
 * @throws BinlogEventError when it is damaged
 */
export function readHeartbeat(event: EventView): Rotation {
  const { bytes, bodyStart, bodyEnd } = event;
  if (event.type === EventType.HEARTBEAT)
    return { file: bytes.toString('utf8', bodyStart, bodyEnd), position: event.logPos };
  let [file, position] = ['', event.logPos];
  let at = bodyStart;
  while (at < bodyEnd && bytes[at] !== 0) {
    const [field, length] = [bytes[at]!, bytes[at + 1]!];
    at += 2;
    if (at + length > bodyEnd) throw new BinlogEventError('A HEARTBEAT event is cut.');
    if (field === NAME_FIELD) file = bytes.toString('utf8', at, at + length);
    if (field === POSITION_FIELD) position = readLengthEncoded(bytes, at, length);
    at += length;
  }
  return { file, position };
}

function lengthEncoded(value: number): Buffer {
  if (value < 0xfb) return Buffer.from([value]);
  const [mark, width] = value < 2 ** 16 ? [0xfc, 2] : value < 2 ** 24 ? [0xfd, 3] : [0xfe, 8];
  const bytes = Buffer.alloc(1 + width);
  bytes[0] = mark;
  if (width === 8) bytes.writeBigUInt64LE(BigInt(value), 1);
  else bytes.writeUIntLE(value, 1, width);
  return bytes;
}

function readLengthEncoded(bytes: Buffer, at: number, length: number): number {
  const mark = bytes[at]!;
  if (length === 1 && mark < 0xfb) return mark;
  if (length === 3 && mark === 0xfc) return u16(bytes, at + 1);
  if (length === 4 && mark === 0xfd) return u16(bytes, at + 1) | (bytes[at + 3]! << 16);
  if (length === 9 && mark === 0xfe) return u64(bytes, at + 1);
  throw new BinlogEventError('The position of a HEARTBEAT event is damaged.');
}
