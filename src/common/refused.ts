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

/**
 * A parameter of the refused request as its domain names it: `address`. A list leads to a part of one:
 * `['servers', 0, 'address']`. The empty list stands for several parameters together.
 */
export type Field = string | readonly (string | number)[];

export interface Refusal {
  readonly code: RefusalCode;
  /** The parameter that the reason lies in; null when the reason lies in the state. */
  readonly field: Field | null;
  /** For people: what is wrong, with what, and what to do. */
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

/** @throws RefusedError with one reason, in this field or, with null, in the state */
export function refuse(
  code: RefusalCode,
  field: Field | null,
  message: string,
  details?: ErrorDetails,
): never {
  throw new RefusedError([{ code, field, message }], details);
}
