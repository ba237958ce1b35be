import type { Disk, DiskFile } from './disk.js';
import type { Segment } from './segment.js';

interface Shared {
  readonly file: Promise<DiskFile>;
  readers: number;
}

/** Files that are open for reading, each once however many read it. */
export class SegmentFiles {
  private readonly byNumber = new Map<number, Shared>();

  constructor(private readonly disk: Disk) {}

  async acquire(segment: Segment): Promise<DiskFile> {
    let shared = this.byNumber.get(segment.number);
    if (!shared) {
      shared = { file: this.disk.open(segment.path, 'r'), readers: 0 };
      this.byNumber.set(segment.number, shared);
    }
    shared.readers++;
    try {
      return await shared.file;
    } catch (error) {
      if (this.byNumber.get(segment.number) === shared) this.byNumber.delete(segment.number);
      throw error;
    }
  }

  async release(segment: Segment): Promise<void> {
    const shared = this.byNumber.get(segment.number);
    if (!shared || --shared.readers > 0) return;
    this.byNumber.delete(segment.number);
    await (await shared.file).close();
  }

  /** Those of segments that are no more. */
  async closeBehind(number: number): Promise<void> {
    for (const [each, { file }] of this.byNumber) {
      if (each <= number) continue;
      this.byNumber.delete(each);
      await (await file).close();
    }
  }

  async close(): Promise<void> {
    await this.closeBehind(-1);
  }
}
