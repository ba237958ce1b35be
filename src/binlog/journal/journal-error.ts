import { errorMessage, QuorateError } from '../../common/errors.js';

/** Something was asked of a journal that it cannot do as it is. */
export class JournalError extends QuorateError {
  constructor(message: string, code = 'JOURNAL', cause?: unknown) {
    super(code, message, { cause });
  }
}

/** Files of a journal are not as they were written. Never repaired: a member refetches from one that is sound. */
export class JournalDamageError extends JournalError {
  /** @param offset within the file; null when it is about the whole file */
  constructor(
    readonly file: string,
    readonly offset: number | null,
    readonly problem: string,
  ) {
    const where = offset === null ? file : `${file} at byte ${offset}`;
    super(`The journal is damaged: ${where}: ${problem}`, 'JOURNAL_DAMAGED');
  }
}

/** Writing failed. Nothing is claimed that was not synced; a new writer goes on behind the last whole transaction. */
export class JournalWriteError extends JournalError {
  constructor(
    readonly file: string,
    cause: unknown,
  ) {
    super(`Could not write ${file}: ${errorMessage(cause)}`, 'JOURNAL_WRITE', cause);
  }
}

/** What a slave or a reader needs is no longer there. */
export class JournalPurgedError extends JournalError {
  /** @param missing the GTIDs that it lacks and that are gone; empty when it is about an offset */
  constructor(
    message: string,
    readonly missing: string,
  ) {
    super(message, 'JOURNAL_PURGED');
  }
}

/** A slave has what the journal does not: its GTIDs were made elsewhere, or lost here. */
export class JournalDivergedError extends JournalError {
  /** @param excess the GTIDs that only the slave has */
  constructor(
    message: string,
    readonly excess: string,
  ) {
    super(message, 'JOURNAL_DIVERGED');
  }
}
