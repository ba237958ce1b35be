import { BufferPool } from '../../common/buffer-pool.js';
import type { Segment } from './segment.js';

const MAX_SPARE = 2;

/** A stretch of the journal in memory, within one segment. Its bytes do not change, they only become more. */
export class Page {
  length = 0;
  /** So much of it is in the file. */
  written = 0;
  /** Readers that look at it: it must not be used again before they are done. */
  readers = 0;

  constructor(
    readonly buffer: Buffer,
    readonly segment: Segment,
    /** The journal's offset of its first byte. */
    readonly offset: number,
  ) {}

  get end(): number {
    return this.offset + this.length;
  }

  get isFull(): boolean {
    return this.length === this.buffer.length;
  }
}

/** The newest pages, from which all readers that are near the end read. Pages that are not in the file yet stay. */
export class TailCache {
  private pages: Page[] = [];
  private readonly buffers: BufferPool;
  private readonly maxPages: number;

  constructor(
    maxBytes: number,
    readonly pageBytes: number,
  ) {
    this.buffers = new BufferPool(pageBytes, MAX_SPARE);
    this.maxPages = Math.max(2, Math.floor(maxBytes / pageBytes));
  }

  /** The page behind the newest one. */
  add(segment: Segment, offset: number): Page {
    const page = new Page(this.buffers.take(), segment, offset);
    this.pages.push(page);
    return page;
  }

  /** Null when the offset is older than all pages. */
  find(offset: number): Page | null {
    for (let i = this.pages.length - 1; i >= 0; i--) {
      const page = this.pages[i]!;
      if (page.offset <= offset) return offset < page.end ? page : null;
    }
    return null;
  }

  /** Lets the oldest pages go that are in their file, as far as there are too many. */
  trim(): void {
    while (this.pages.length > this.maxPages) {
      const [page] = this.pages;
      if (!page || page.written < page.length) return;
      this.pages.shift();
      if (page.readers === 0) this.buffers.give(page.buffer);
    }
  }

  /** Forgets what is behind the offset. */
  cut(offset: number): void {
    this.pages = this.pages.filter((page) => page.offset < offset);
    const last = this.pages.at(-1);
    if (last && last.end > offset) last.length = offset - last.offset;
    if (last) last.written = Math.min(last.written, last.length);
  }
}
