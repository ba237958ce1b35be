import { SLOT_COUNT } from './slots.js';

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** CRC-32 of IEEE 802.3 (reflected, polynomial 0xEDB88320), one entry per byte value. */
const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** SLOT_COUNT is a power of two, so the remainder is a mask. */
const SLOT_MASK = SLOT_COUNT - 1;

/** CRC-32/IEEE of `bytes[start, end)`, as an unsigned number. */
export function crc32(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = -1;
  for (let i = start; i < end; i++) crc = CRC_TABLE[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/**
 * The slot of the key `bytes[start, end)`: crc32 of the bytes between the first `{` and the first `}` after
 * it, or of the whole key when either is missing, modulo SLOT_COUNT.
 *
 * Unlike in Redis Cluster an empty tag counts: the key `{}x` hashes the empty string, which is slot 0.
 */
export function keySlot(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === OPEN_BRACE) {
      const close = indexOfByte(bytes, CLOSE_BRACE, i + 1, end);
      if (close !== -1) return crc32(bytes, i + 1, close) & SLOT_MASK;
      return crc32(bytes, start, end) & SLOT_MASK;
    }
    crc = CRC_TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  }
  return ~crc & SLOT_MASK;
}

/** {@link keySlot} of a whole key, given as bytes or as text (UTF-8). */
export function slotOfKey(key: string | Uint8Array): number {
  const bytes = typeof key === 'string' ? Buffer.from(key) : key;
  return keySlot(bytes, 0, bytes.length);
}

function indexOfByte(bytes: Uint8Array, wanted: number, start: number, end: number): number {
  for (let i = start; i < end; i++) if (bytes[i] === wanted) return i;
  return -1;
}
