import {
  CompactedError,
  ForbiddenError,
  InternalError,
  InvalidRequestError,
  NoLeaderError,
  OutcomeUnknownError,
  UnauthenticatedError,
  UnavailableError,
  UnreachableError,
  type QuorateSdkError,
} from './errors.js';

/** An entry of `errors` in an answer of GraphQL. */
export interface GraphqlError {
  readonly message: string;
  readonly extensions?: { readonly code?: string; readonly errorId?: string };
}

/**
 * The error for what the service has answered instead of data. What graphql itself finds wrong with a
 * subscription comes without a code.
 */
export function failureOf(errors: readonly GraphqlError[]): QuorateSdkError {
  const [{ message = 'The service answered neither data nor an error.', extensions = {} } = {}] = errors;
  const { code = 'BAD_REQUEST', errorId = null } = extensions;
  switch (code) {
    case 'UNAUTHENTICATED':
      return new UnauthenticatedError(message, errors);
    case 'FORBIDDEN':
      return new ForbiddenError(message, errors);
    case 'NO_LEADER':
      return new NoLeaderError(message, errors);
    case 'UNAVAILABLE':
    case 'NOT_A_MEMBER':
      return new UnavailableError(code, message, errors);
    case 'TIMEOUT':
      return new OutcomeUnknownError(message, errors);
    case 'COMPACTED':
      return new CompactedError(message, errors);
    case 'INTERNAL':
    case 'INTERNAL_SERVER_ERROR':
      return new InternalError(message, errorId, errors);
    default:
      return new InvalidRequestError(code, message, errors);
  }
}

/** Whether the same will be answered however often it is asked. */
export function isForGood(error: unknown): boolean {
  return !(
    error instanceof UnreachableError ||
    error instanceof UnavailableError ||
    error instanceof NoLeaderError ||
    error instanceof OutcomeUnknownError
  );
}
