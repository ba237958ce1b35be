import type { GtidSource } from '../gtid/mysql-gtid-set.js';

const UUID_BYTES = 16;

/** One object per source of MySQL's GTIDs. Finding the one that was found last allocates nothing. */
export class SourceTable {
  private readonly known = new Map<string, GtidSource>();
  private readonly lastUuid = Buffer.alloc(UUID_BYTES);
  private last: GtidSource | null = null;

  /** @param tag in small letters; empty without one */
  find(bytes: Buffer, uuidAt: number, tag: string): GtidSource {
    if (this.last?.tag === tag && this.isLastUuid(bytes, uuidAt)) return this.last;
    bytes.copy(this.lastUuid, 0, uuidAt, uuidAt + UUID_BYTES);
    const hex = this.lastUuid.toString('hex');
    const key = `${hex}:${tag}`;
    let source = this.known.get(key);
    if (!source) {
      const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
      this.known.set(key, (source = { uuid, tag }));
    }
    this.last = source;
    return source;
  }

  private isLastUuid(bytes: Buffer, at: number): boolean {
    for (let i = 0; i < UUID_BYTES; i++) if (this.lastUuid[i] !== bytes[at + i]) return false;
    return true;
  }
}
