import { QuorateError, type ErrorDetails } from './errors.js';

/** Why a change that was well understood is not made; the API's UserErrorCode. */
export type RefusalCode =
  | 'INVALID_INPUT'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'GONE'
  | 'CONFLICT'
  | 'PRECONDITION_FAILED'
  | 'UNHEALTHY'
  | 'WOULD_LOSE_QUORUM'
  | 'ALREADY_RUNNING'
  | 'NOT_RUNNING'
  | 'IN_USE'
  | 'TIMEOUT'
  | 'UNREACHABLE'
  | 'UNSUPPORTED'
  | 'SOURCE_REFUSED'
  | 'SOURCE_UNAVAILABLE';

export interface Refusal {
  readonly code: RefusalCode;
  /** Where in the caller's input the reason lies; empty when it lies in the state. */
  readonly path: readonly string[];
  readonly message: string;
}

/**
 * A request that the domain understood and turned down. Nothing was changed. Callers show every refusal to
 * the person who asked; it is never logged as a failure of ours.
 */
export class RefusedError extends QuorateError {
  readonly refusals: readonly Refusal[];

  constructor(refusals: readonly Refusal[], details?: ErrorDetails) {
    super(refusals[0]?.code ?? 'INVALID_INPUT', refusals.map((r) => r.message).join(' '), details);
    this.refusals = refusals;
  }
}

/** A {@link RefusedError} with one reason. `path` is dotted, empty for none. */
export function refuse(code: RefusalCode, path: string, message: string, details?: ErrorDetails): never {
  throw new RefusedError([{ code, path: path === '' ? [] : path.split('.'), message }], details);
}
