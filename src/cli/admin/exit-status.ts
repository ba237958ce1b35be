import {
  ForbiddenError,
  InvalidRequestError,
  QuorateSdkError,
  RefusedError,
  UnauthenticatedError,
  UnreachableError,
} from '../../sdk/index.js';

/** What a command's exit status says. */
export const EXIT = Object.freeze({
  done: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  unreachable: 4,
  interrupted: 130,
});

/** The command was not given what it needs; nothing was asked of the service. */
export class UsageError extends Error {}

/** What was asked did not come about; the message says why. */
export class FailedError extends Error {}

/** Somebody pressed Ctrl-C; the message says what goes on without us. */
export class InterruptedError extends Error {}

/** The status for what a command ended with; undefined: a defect. */
export function statusOf(error: unknown): number | undefined {
  if (error instanceof InterruptedError) return EXIT.interrupted;
  if (error instanceof UsageError || error instanceof InvalidRequestError) return EXIT.usage;
  if (error instanceof UnreachableError) return EXIT.unreachable;
  if (
    error instanceof RefusedError ||
    error instanceof ForbiddenError ||
    error instanceof UnauthenticatedError
  ) {
    return EXIT.refused;
  }
  return error instanceof QuorateSdkError || error instanceof FailedError ? EXIT.failed : undefined;
}

/** The message, and what to try where it knows nothing of a command line. */
export function withHint(message: string, error: unknown): string {
  const sentence = /[.!?]$/.test(message) ? message : `${message}.`;
  if (error instanceof UnreachableError)
    return `${sentence} Name a member that runs with --url or QUORATE_URL.`;
  if (error instanceof UnauthenticatedError)
    return `${sentence} Give the token with --token-file or QUORATE_TOKEN.`;
  return message;
}
