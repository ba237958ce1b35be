import { JournalWriteError } from './journal-error.js';

/** No room, and no room for this user. */
const FULL = new Set(['ENOSPC', 'EDQUOT']);
/** Whoever writes tries again more often than that: a failure that is older was the last one. */
const LASTING_MS = 30_000;

/** Whether the disk of a journal is full, as writing to it has shown. */
export class FullDisk {
  private failure: { readonly message: string; readonly at: number } | null = null;

  /** What the last attempt failed with; null when there is room, or nothing has been written for a while. */
  get problem(): string | null {
    const { failure } = this;
    return failure !== null && performance.now() - failure.at < LASTING_MS ? failure.message : null;
  }

  /** Writing has failed, for whatever reason. */
  note(error: unknown): void {
    if (isFullDisk(error)) this.failure = { message: (error as Error).message, at: performance.now() };
  }

  /** Something was written. */
  clear(): void {
    this.failure = null;
  }
}

export function isFullDisk(error: unknown): boolean {
  const { code } = (error instanceof JournalWriteError ? error.cause : error) as { code?: string };
  return code !== undefined && FULL.has(code);
}
