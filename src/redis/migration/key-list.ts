/** Bytes before each key: its size of memory, the database, the slot, the key's length. */
const HEADER_BYTES = 12;
const CHUNK_BYTES = 256 * 1024;
const SIZE_MAX = 2 ** 32 - 1;

/** A key as a list gives it back; the bytes are the list's own. */
export interface ListedKey {
  readonly key: Buffer;
  readonly database: number;
  readonly slot: number;
  /** How much memory it takes, at most 4 GiB. */
  readonly bytes: number;
}

/** Many keys in little memory: packed behind each other, up to a bound. */
export class KeyList {
  private readonly chunks: Buffer[] = [];
  private used = 0;
  private total = 0;

  constructor(private readonly maxBytes: number) {}

  /** False when there is no room for it any more. */
  add(key: Buffer, database: number, slot: number, bytes: number): boolean {
    const needed = HEADER_BYTES + key.length;
    if (this.total + needed > this.maxBytes) return false;
    this.total += needed;
    let chunk = this.chunks[this.chunks.length - 1];
    if (chunk === undefined || this.used + needed > chunk.length) {
      this.close();
      chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, needed));
      this.chunks.push(chunk);
    }
    chunk.writeUInt32LE(Math.min(bytes, SIZE_MAX), this.used);
    chunk.writeUInt16LE(database, this.used + 4);
    chunk.writeUInt16LE(slot, this.used + 6);
    chunk.writeUInt32LE(key.length, this.used + 8);
    key.copy(chunk, this.used + HEADER_BYTES);
    this.used += needed;
    return true;
  }

  /** Those of some slots, in the order in which they were added. */
  *keysOf(slots: ReadonlySet<number>): Generator<ListedKey> {
    for (const [i, chunk] of this.chunks.entries()) {
      const end = i === this.chunks.length - 1 ? this.used : chunk.length;
      for (let at = 0; at < end;) {
        const start = at + HEADER_BYTES;
        const behind = start + chunk.readUInt32LE(at + 8);
        const slot = chunk.readUInt16LE(at + 6);
        if (slots.has(slot)) {
          const key = chunk.subarray(start, behind);
          yield { key, database: chunk.readUInt16LE(at + 4), slot, bytes: chunk.readUInt32LE(at) };
        }
        at = behind;
      }
    }
  }

  /** Cuts the last chunk to what it holds. */
  private close(): void {
    const last = this.chunks.length - 1;
    if (last >= 0) this.chunks[last] = this.chunks[last]!.subarray(0, this.used);
    this.used = 0;
  }
}
