import { FULL_PACKET, HEADER_BYTES } from './packet-splitter.js';

/** A payload as packets, from a sequence number on. One whose length is a multiple of 16 MiB - 1 ends in an empty one. */
export function framePayload(payload: Buffer, sequence: number): Buffer {
  const packets = packetCount(payload.length);
  const framed = Buffer.allocUnsafe(payload.length + packets * HEADER_BYTES);
  for (let i = 0; i < packets; i++) {
    const start = i * FULL_PACKET;
    const length = Math.min(FULL_PACKET, payload.length - start);
    const at = i * (FULL_PACKET + HEADER_BYTES);
    framed.writeUIntLE(length, at, 3);
    framed[at + 3] = (sequence + i) & 0xff;
    payload.copy(framed, at + HEADER_BYTES, start, start + length);
  }
  return framed;
}

/** How many packets a payload of so many bytes takes. */
export function packetCount(payloadBytes: number): number {
  return Math.floor(payloadBytes / FULL_PACKET) + 1;
}
