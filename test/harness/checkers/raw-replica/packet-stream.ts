export const HEADER_BYTES = 4;
/** A packet as long as this goes on in the next one. */
export const FULL_PACKET = 0xffffff;

/** Takes payloads apart as they arrive; a payload may be longer than a packet. */
export interface PayloadSink {
  /** @param sequence of its first packet */
  begin(sequence: number): void;
  /** The next bytes of it, valid during the call; at least one byte. */
  bytes(chunk: Buffer, start: number, end: number): void;
  end(): void;
}

/** Splits what a server sends into payloads, without copying them. */
export class PacketStream {
  private readonly header = Buffer.alloc(HEADER_BYTES);
  private headerLength = 0;
  /** Of the packet whose header has been read. */
  private left = 0;
  private inPacket = false;
  private continues = false;

  constructor(public sink: PayloadSink) {}

  take(chunk: Buffer): void {
    let at = 0;
    for (;;) {
      if (!this.inPacket) {
        while (this.headerLength < HEADER_BYTES) {
          if (at === chunk.length) return;
          this.header[this.headerLength++] = chunk[at++]!;
        }
        this.beginPacket();
      }
      const end = Math.min(chunk.length, at + this.left);
      if (end > at) this.sink.bytes(chunk, at, end);
      this.left -= end - at;
      at = end;
      if (this.left > 0) return;
      this.inPacket = false;
      if (!this.continues) this.sink.end();
    }
  }

  private beginPacket(): void {
    const continued = this.continues;
    this.left = this.header[0]! | (this.header[1]! << 8) | (this.header[2]! << 16);
    this.continues = this.left === FULL_PACKET;
    this.headerLength = 0;
    this.inPacket = true;
    if (!continued) this.sink.begin(this.header[3]!);
  }
}

/** A payload as a packet of its own; it must be shorter than 16 MiB - 1. */
export function packet(sequence: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequence;
  return Buffer.concat([header, payload]);
}
