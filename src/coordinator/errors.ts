import { QuorateError, type ErrorDetails } from '../common/errors.js';

/** The coordinator did not answer, and it is certain that nothing was written. */
export class CoordinatorUnavailableError extends QuorateError {
  constructor(message: string, details?: ErrorDetails) {
    super('UNAVAILABLE', message, details);
  }
}

/** The coordinator answered, and refused: the user, its rights, or a full store. Nothing was written. */
export class CoordinatorRefusalError extends CoordinatorUnavailableError {}

/** A write was sent and its outcome could not be found out in time: read the state before trying again. */
export class OutcomeUnknownError extends QuorateError {
  constructor(message: string, details?: ErrorDetails) {
    super('OUTCOME_UNKNOWN', message, details);
  }
}

/** The history that a watch asked for is gone: read the prefix anew and watch from that revision. */
export class CompactedError extends QuorateError {
  readonly compactRevision: bigint;

  constructor(compactRevision: bigint, details?: ErrorDetails) {
    super('COMPACTED', `History up to revision ${compactRevision} has been compacted; read anew.`, details);
    this.compactRevision = compactRevision;
  }
}

/** The session may have ended at the coordinator: whoever acted under it must stop at once. */
export class SessionLostError extends QuorateError {
  constructor(message: string, details?: ErrorDetails) {
    super('SESSION_LOST', message, details);
  }
}

/** The request itself cannot be carried out by any coordinator: a defect of the caller. Nothing was written. */
export class InvalidRequestError extends QuorateError {
  constructor(message: string, details?: ErrorDetails) {
    super('INVALID_REQUEST', message, details);
  }
}

/** Whether the failure goes away when the coordinator comes back, or no longer refuses. */
export function isPassing(error: unknown): boolean {
  return error instanceof OutcomeUnknownError || error instanceof CoordinatorUnavailableError;
}
