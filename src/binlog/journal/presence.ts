import type { Disk } from './disk.js';
import { isMissing } from './files.js';
import { JournalError } from './journal-error.js';

/**
 * Whether the files of an open journal still have their names. What is written to a file that was deleted is lost with the
 * process, though no write fails: it must not count as stored.
 */
export class Presence {
  private loss: JournalError | null = null;

  constructor(
    private readonly disk: Disk,
    private readonly directory: string,
  ) {}

  /** Null as far as is known. */
  get problem(): JournalError | null {
    return this.loss;
  }

  /** @param newest path of the newest segment; null when there is none */
  async look(newest: string | null): Promise<void> {
    const gone = (await this.isGone(this.directory))
      ? this.directory
      : newest !== null && (await this.isGone(newest))
        ? newest
        : null;
    if (gone === null) this.loss = null;
    else
      this.loss ??= new JournalError(
        `${gone} was deleted, moved or unmounted under this running member. Nothing is stored here any more. Put it back, or ` +
          'restart this member: it then fetches the journal anew from the other members.',
        'JOURNAL_GONE',
      );
  }

  private async isGone(path: string): Promise<boolean> {
    return this.disk.stat(path).then(() => false, isMissing);
  }
}
