import { QuorateError } from '../../common/errors.js';

/**
 * The source cannot be followed, and will not be before somebody has changed something: a setting there, an account,
 * or what we were told.
 */
export class SourceRefusedError extends QuorateError {
  constructor(message: string, cause?: unknown) {
    super('SOURCE_REFUSED', message, { cause });
  }
}

/**
 * The source has begun a new history under its former name. Later it may look as if it had what the journal has, since it
 * gives the same GTIDs again: so it is not tried again before somebody says so.
 */
export class SourceResetError extends SourceRefusedError {}

/** The source is away, or the connection broke: it is tried again. */
export class SourceUnavailableError extends QuorateError {
  constructor(message: string, cause?: unknown) {
    super('SOURCE_UNAVAILABLE', message, { cause });
  }
}

/** A file of the source ended within a transaction. When the same comes again it is known to have no end. */
export class HalfWrittenError extends SourceUnavailableError {
  constructor(readonly gtid: string) {
    super(`A file of the source ends in the middle of ${gtid}: it was probably killed while it wrote that.`);
  }
}
