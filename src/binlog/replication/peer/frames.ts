import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { QuorateError } from '../../../common/errors.js';
import type { PeerMessage } from './messages.js';

/**
 * A frame: length of what follows the head (4 bytes, little endian), CRC32 of its description (4), length of that (4); then
 * the description as JSON, and the message's bytes. Those are events, each with a checksum of its own that is looked at before
 * anything is stored. What a newer build adds to a description, an older one does not look at; a message of a type that it
 * does not know it leaves out.
 */
export const FRAME_HEAD_BYTES = 12;

/** So large a frame nobody sends. */
export const MAX_FRAME_BYTES = 2 * 1024 * 1024;

/** What came is not a frame. */
export class FrameError extends QuorateError {
  constructor(message: string) {
    super('PEER_FRAME', message);
  }
}

export interface FrameHead {
  readonly length: number;
  readonly checksum: number;
  readonly descriptionLength: number;
}

const offset = z.number().int().nonnegative();
const term = z.object({ epoch: z.string(), generation: z.number().int() });

const descriptions = z.discriminatedUnion('type', [
  z.object({ type: z.literal('follow'), term, from: offset }),
  z.object({ type: z.literal('fetch'), from: offset, to: offset }),
  z.object({ type: z.literal('data'), term, offset, startsSegment: z.boolean() }),
  z.object({ type: z.literal('ack'), term, offset }),
  z.object({ type: z.literal('committed'), term, offset }),
  z.object({ type: z.literal('refused'), code: z.string(), message: z.string() }),
  z.object({ type: z.literal('ping') }),
]);

/** Head and description of a frame, behind which so many bytes are to follow. */
export function encodeFrame(description: unknown, bytes: number): Buffer {
  const json = JSON.stringify(description);
  const length = Buffer.byteLength(json);
  const frame = Buffer.allocUnsafe(FRAME_HEAD_BYTES + length);
  frame.write(json, FRAME_HEAD_BYTES);
  frame.writeUInt32LE(length + bytes, 0);
  frame.writeUInt32LE(crc32(frame.subarray(FRAME_HEAD_BYTES)), 4);
  frame.writeUInt32LE(length, 8);
  return frame;
}

/** @throws FrameError */
export function readFrameHead(head: Buffer, maxBytes: number): FrameHead {
  const [length, checksum] = [head.readUInt32LE(0), head.readUInt32LE(4)];
  const descriptionLength = head.readUInt32LE(8);
  if (length > maxBytes)
    throw new FrameError(`A frame of ${length} bytes is announced, ${maxBytes} are allowed.`);
  if (descriptionLength > length) throw new FrameError('A frame is shorter than its description.');
  return { length, checksum, descriptionLength };
}

/** @throws FrameError when its checksum is wrong, or its description no JSON */
export function readDescription(head: FrameHead, body: Buffer): unknown {
  const description = body.subarray(0, head.descriptionLength);
  if (crc32(description) !== head.checksum) throw new FrameError('The checksum of a frame is wrong.');
  try {
    return JSON.parse(description.toString());
  } catch {
    throw new FrameError('The description of a frame cannot be read.');
  }
}

/** Null for one of a type that this build does not know. */
export function toMessage(description: unknown, bytes: Buffer): PeerMessage | null {
  const parsed = descriptions.safeParse(description);
  if (!parsed.success) return null;
  return parsed.data.type === 'data' ? { ...parsed.data, bytes } : parsed.data;
}
