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

/** The source is away, or the connection broke: it is tried again. */
export class SourceUnavailableError extends QuorateError {
  constructor(message: string, cause?: unknown) {
    super('SOURCE_UNAVAILABLE', message, { cause });
  }
}
