import { PayloadReader } from '../packet/payload-reader.js';
import { PayloadWriter } from '../packet/payload-writer.js';

/** Begins each event of a semi-synchronous dump, behind the status byte, and each acknowledgement. */
export const SEMI_SYNC_MAGIC = 0xef;
/** Behind the magic byte: the source waits for an acknowledgement of this event. */
export const SEMI_SYNC_WANTS_ACK = 0x01;

/** Up to where a replica has everything, as the source counts. */
export interface SemiSyncAck {
  readonly position: bigint;
  readonly file: string;
}

/** A payload, sent with sequence number 0. */
export function encodeSemiSyncAck({ position, file }: SemiSyncAck): Buffer {
  return new PayloadWriter().uint(SEMI_SYNC_MAGIC, 1).uint64(position).text(file).toBuffer();
}

/** Undefined when the payload is something else: old clients ping on the connection of a dump. */
export function decodeSemiSyncAck(payload: Buffer): SemiSyncAck | undefined {
  if (payload[0] !== SEMI_SYNC_MAGIC || payload.length < 9) return undefined;
  const reader = new PayloadReader(payload, 1);
  const position = reader.uint64();
  return { position, file: reader.rest().toString() };
}
