import type { Random } from '../random.js';

/** So much of a file is written to the disk whole or not at all. */
const SECTOR_BYTES = 512;

/** A write; with no bytes, a change of the size. */
interface Change {
  readonly position: number;
  readonly bytes: Buffer | null;
}

/** A file's bytes, as programs see them and as they are on the disk. */
export class SimulatedInode {
  readonly birthtime = new Date();
  readonly mtime = this.birthtime;
  private cached = new Bytes();
  private synced = Buffer.alloc(0);
  private pending: Change[] = [];

  get size(): number {
    return this.cached.size;
  }

  get isDirty(): boolean {
    return this.pending.length > 0;
  }

  /** What was synced. Not to be changed. */
  get durable(): Buffer {
    return this.synced;
  }

  read(bytes: Buffer, at: number, length: number, position: number): number {
    return this.cached.view().copy(bytes, at, position, Math.min(this.size, position + length));
  }

  write(bytes: Buffer, position: number): void {
    this.cached.write(bytes, position);
    this.pending.push({ position, bytes });
  }

  truncate(size: number): void {
    this.cached.resize(size);
    this.pending.push({ position: size, bytes: null });
  }

  sync(): void {
    if (this.pending.length === 0) return;
    this.pending = [];
    this.synced = Buffer.from(this.cached.view());
  }

  /** Of what was not synced, all may be there, nothing, the first part, or some sectors of it. */
  crash(random: Random): void {
    const changes = this.pending;
    this.pending = [];
    const left = new Bytes(this.synced);
    const fate = random.pick(['none', 'none', 'all', 'first', 'first', 'sectors'] as const);
    const count = fate === 'first' ? random.below(changes.length + 1) : fate === 'none' ? 0 : changes.length;
    changes.slice(0, count).forEach((change, i) => {
      const { position, bytes } = change;
      if (bytes === null) left.resize(position);
      else if (fate === 'sectors') writeSome(left, bytes, position, random);
      else {
        const isTorn = fate === 'first' && i === count - 1;
        left.write(isTorn ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes, position);
      }
    });
    this.cached = left;
    this.synced = Buffer.from(left.view());
  }
}

function writeSome(left: Bytes, bytes: Buffer, position: number, random: Random): void {
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + SECTOR_BYTES - ((position + at) % SECTOR_BYTES));
    if (random.below(3) > 0) left.write(bytes.subarray(at, end), position + at);
    at = end;
  }
}

/** A buffer that grows. */
class Bytes {
  size: number;
  private buffer: Buffer;

  constructor(from: Buffer = Buffer.alloc(0)) {
    this.buffer = Buffer.from(from);
    this.size = from.length;
  }

  view(): Buffer {
    return this.buffer.subarray(0, this.size);
  }

  write(bytes: Buffer, position: number): void {
    if (position + bytes.length > this.size) this.resize(position + bytes.length);
    bytes.copy(this.buffer, position);
  }

  resize(size: number): void {
    if (size > this.buffer.length) {
      const grown = Buffer.alloc(Math.max(size, 2 * this.buffer.length, 1024));
      this.view().copy(grown);
      this.buffer = grown;
    } else if (size > this.size) this.buffer.fill(0, this.size, size);
    this.size = size;
  }
}
