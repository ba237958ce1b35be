/** Everything a {@link QuorateError} may carry besides its message. */
export interface ErrorDetails {
  readonly cause?: unknown;
}

/**
 * The base of every error that Quorate itself raises.
 *
 * `code` is stable and machine-readable; `message` tells an operator what happened, to what, and what to
 * do about it. Anything that is not a QuorateError is a defect or a foreign failure: the API masks it.
 */
export class QuorateError extends Error {
  readonly code: string;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.name = new.target.name;
  }
}

/** The message of anything that was thrown, for logs and for wrapping. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
