import { errorMessage } from '../../common/errors.js';
import { BinlogEventError } from '../protocol/event/event-error.js';
import { flavourOf } from '../protocol/gtid/gtid-set.js';
import type { Disk } from './disk.js';
import { isMissing } from './files.js';
import { JournalDamageError } from './journal-error.js';
import { scanSegment } from './segment-scan.js';
import type { Segment } from './segment.js';

/**
 * Whether the files of an open journal can be read, as far as those who read them have found. What is committed does not
 * change, so what could not be read once is not readable before the file is as it was.
 */
export class Readability {
  private found: { readonly segment: Segment; readonly message: string } | null = null;

  constructor(
    private readonly disk: Disk,
    /** The segment with that file; undefined when there is none any more. */
    private readonly segmentAt: (path: string) => Segment | undefined,
    /** Makes readers read its file anew instead of what is in memory of it. */
    private readonly forget: (segment: Segment) => void,
  ) {}

  /** What cannot be read, and where; null as far as is known. */
  get problem(): string | null {
    return this.found?.message ?? null;
  }

  /**
   * Runs what reads segments, and takes note when a segment is what fails.
   *
   * @param segment the one that is read, when the error does not name it
   */
  async reading<T>(segment: () => Segment | null, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const isNamed = error instanceof JournalDamageError;
      const where = isNamed ? this.segmentAt(error.file) : segment();
      if (where && (isNamed || isOfFile(error))) this.note(where, error);
      throw error;
    }
  }

  /** Reads the segment again in which something was wrong, and forgets that when nothing is any more. */
  async lookAgain(): Promise<void> {
    const { found } = this;
    if (found === null) return;
    const isThere = this.segmentAt(found.segment.path) === found.segment;
    if (isThere && !(await this.isSound(found.segment))) return;
    this.forget(found.segment);
    if (this.found === found) this.found = null;
  }

  private note(segment: Segment, error: unknown): void {
    const where = error instanceof JournalDamageError ? '' : `${segment.path}: `;
    const message = `The journal cannot be read: ${where}${errorMessage(error)}`;
    this.found ??= { segment, message };
  }

  private async isSound({ path, size, header }: Segment): Promise<boolean> {
    try {
      return (await scanSegment(this.disk, path, flavourOf(header.previous), size)).end === size;
    } catch {
      return false;
    }
  }
}

/** Not of the client that is sent it, and not of a segment that was purged meanwhile. */
function isOfFile(error: unknown): boolean {
  if (error instanceof BinlogEventError) return true;
  return error instanceof Error && 'syscall' in error && !isMissing(error);
}
