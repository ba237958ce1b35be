import { dirname } from 'node:path';
import type { Disk, DiskFile } from './disk.js';
import { removeIfThere, UNFINISHED, writeFully } from './files.js';
import type { JournalCounters } from './journal-counters.js';
import { JournalWriteError } from './journal-error.js';
import { buildSegmentHeader } from './segment-header.js';
import type { Segment } from './segment.js';
import { indexPath, saveIndex } from './sparse-index.js';
import type { Page } from './tail-cache.js';

/**
 * Writes to the newest segment's file. Files get their name when their head is durable, and only after the file before is:
 * so a segment that is there has a sound head, and the ones before it are whole.
 */
export class SegmentAppender {
  private file: DiskFile | null = null;

  /** @param segment the newest one, null when there is none */
  constructor(
    private readonly disk: Disk,
    public segment: Segment | null,
    private readonly counters: JournalCounters,
  ) {}

  /** The file that is written to, for messages. */
  get path(): string {
    return this.segment?.path ?? 'the journal';
  }

  async write(page: Page, end: number): Promise<void> {
    await this.guard(page.segment.path, async () => {
      const file = await this.opened(page.segment);
      await writeFully(
        file,
        page.buffer,
        page.written,
        end,
        page.offset - page.segment.startOffset + page.written,
      );
    });
    page.written = end;
  }

  async sync(): Promise<void> {
    await this.guard(this.path, async () => {
      if (this.file === null) return;
      const startedAt = performance.now();
      await this.file.datasync();
      this.counters.syncs++;
      this.counters.syncSeconds += (performance.now() - startedAt) / 1_000;
    });
  }

  /** Ends the old file, which is synced, and makes the one of the page's segment, with its head. */
  async begin(page: Page): Promise<void> {
    const { segment } = page;
    if (this.segment) await this.seal(this.segment);
    await this.guard(segment.path, async () => {
      const file = await this.disk.open(segment.path + UNFINISHED, 'w+');
      this.file = file;
      this.segment = segment;
      segment.createdAt = (await file.stat()).birthtime;
      const header = buildSegmentHeader(segment.header.format, segment.header.previous);
      await writeFully(file, header, 0, header.length, 0);
      await file.sync();
      await this.disk.rename(segment.path + UNFINISHED, segment.path);
      await this.disk.syncDirectory(dirname(segment.path));
    });
    page.written = Math.min(page.length, segment.header.bytes);
  }

  /** Takes everything behind the offset off the disk. */
  async cut(offset: number, previous: Segment | null): Promise<void> {
    const { segment } = this;
    if (!segment) return;
    await this.guard(segment.path, async () => {
      if (segment.startOffset >= offset) {
        await this.close();
        await removeIfThere(this.disk, segment.path);
        await removeIfThere(this.disk, segment.path + UNFINISHED);
        await this.disk.syncDirectory(dirname(segment.path));
        this.segment = previous;
      } else {
        const file = await this.opened(segment);
        await file.truncate(offset - segment.startOffset);
        await file.sync();
      }
    });
  }

  async close(): Promise<void> {
    const { file } = this;
    this.file = null;
    await file?.close();
  }

  private async seal(segment: Segment): Promise<void> {
    if (segment.isSealed) return this.close();
    const entries = segment.growing.entries();
    await this.guard(indexPath(segment.path), () =>
      saveIndex(this.disk, segment.path, segment.size, entries),
    );
    segment.seal(entries);
    await this.close();
  }

  private async opened(segment: Segment): Promise<DiskFile> {
    this.file ??= await this.disk.open(segment.path, 'r+');
    return this.file;
  }

  private async guard(path: string, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      throw new JournalWriteError(path, error);
    }
  }
}

/** Removes a file and its index; it may be gone already. */
export async function removeSegment(disk: Disk, path: string): Promise<void> {
  for (const file of [indexPath(path), path]) await removeIfThere(disk, file);
}
