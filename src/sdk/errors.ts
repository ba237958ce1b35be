/** Why a mutation was turned down. */
export interface Refusal {
  readonly code: string;
  /** Where in the arguments the reason lies; empty when it lies in the state. */
  readonly path: readonly string[];
  readonly message: string;
}

/** The base of every error of this client; `code` is stable, `message` is for people. */
export class QuorateSdkError extends Error {
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }

  /** The name of the class, also where a bundler has shortened it. */
  override get name(): string {
    return 'QuorateSdkError';
  }
}

/** No member could be reached, or none answered a query in time. Nothing was changed. */
export class UnreachableError extends QuorateSdkError {
  constructor(message: string, cause?: unknown) {
    super('UNREACHABLE', message, cause);
  }
  override get name(): string {
    return 'UnreachableError';
  }
}

/** A token is needed, or the one that was sent is not known or has expired. */
export class UnauthenticatedError extends QuorateSdkError {
  constructor(message: string, cause?: unknown) {
    super('UNAUTHENTICATED', message, cause);
  }
  override get name(): string {
    return 'UnauthenticatedError';
  }
}

/** The role of the token does not allow it, or the service does not answer such callers. */
export class ForbiddenError extends QuorateSdkError {
  constructor(message: string, cause?: unknown) {
    super('FORBIDDEN', message, cause);
  }
  override get name(): string {
    return 'ForbiddenError';
  }
}

/** The service does not understand the request, e.g. BAD_USER_INPUT or GRAPHQL_VALIDATION_FAILED. */
export class InvalidRequestError extends QuorateSdkError {
  override get name(): string {
    return 'InvalidRequestError';
  }
}

/** The service has turned the change down; `code` is that of the first reason. Nothing was changed. */
export class RefusedError extends QuorateSdkError {
  readonly userErrors: readonly Refusal[];

  constructor(userErrors: readonly Refusal[]) {
    super(userErrors[0]?.code ?? 'REFUSED', userErrors.map(({ message }) => message).join(' '));
    this.userErrors = userErrors;
  }
  override get name(): string {
    return 'RefusedError';
  }
}

/** No member leads at present. Nothing was changed; it can be tried again soon. */
export class NoLeaderError extends QuorateSdkError {
  constructor(message: string, cause?: unknown) {
    super('NO_LEADER', message, cause);
  }
  override get name(): string {
    return 'NoLeaderError';
  }
}

/**
 * The coordinator or the leader did not answer the member that was asked (UNAVAILABLE), or that process is no
 * member of the cluster (NOT_A_MEMBER). Look at the state before a mutation is repeated.
 */
export class UnavailableError extends QuorateSdkError {
  override get name(): string {
    return 'UnavailableError';
  }
}

/** No answer came in time: the change may or may not have been made. Look at the state before it is repeated. */
export class OutcomeUnknownError extends QuorateSdkError {
  constructor(message: string, cause?: unknown) {
    super('TIMEOUT', message, cause);
  }
  override get name(): string {
    return 'OutcomeUnknownError';
  }
}

/** Actions after the revision have been collected: read the state anew, and follow from now on. */
export class CompactedError extends QuorateSdkError {
  constructor(message: string, cause?: unknown) {
    super('COMPACTED', message, cause);
  }
  override get name(): string {
    return 'CompactedError';
  }
}

/** A defect of the service; its log says what, under `errorId`. */
export class InternalError extends QuorateSdkError {
  readonly errorId: string | null;

  constructor(message: string, errorId: string | null, cause?: unknown) {
    super('INTERNAL', message, cause);
    this.errorId = errorId;
  }
  override get name(): string {
    return 'InternalError';
  }
}

/** More values of a subscription came than were read, and they are no longer kept. */
export class OverflowError extends QuorateSdkError {
  constructor(message: string) {
    super('OVERFLOW', message);
  }
  override get name(): string {
    return 'OverflowError';
  }
}

/** The client was closed. */
export class ClosedError extends QuorateSdkError {
  constructor() {
    super('CLOSED', 'This client was closed; make another with createClient.');
  }
  override get name(): string {
    return 'ClosedError';
  }
}
