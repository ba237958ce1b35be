import {
  EtcdAuthenticationFailedError,
  EtcdInvalidAuthTokenError,
  EtcdLeaseInvalidError,
  EtcdPermissionDeniedError,
  GRPCInvalidArgumentError,
  GRPCOutOfRangeError,
  GRPCResourceExhastedError,
  GRPCUnauthenticatedError,
} from 'etcd3';
import { errorMessage } from '../../common/errors.js';

/**
 * What etcd3's errors mean. They carry no code: their class and their message are all there is.
 */

/** etcd has judged the request and refused it: nothing was written, and asking elsewhere changes nothing. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof EtcdLeaseInvalidError ||
    error instanceof EtcdPermissionDeniedError ||
    error instanceof EtcdAuthenticationFailedError ||
    error instanceof EtcdInvalidAuthTokenError ||
    error instanceof GRPCInvalidArgumentError ||
    error instanceof GRPCOutOfRangeError ||
    error instanceof GRPCResourceExhastedError ||
    error instanceof GRPCUnauthenticatedError
  );
}

/**
 * etcd wants another token than the one that was sent: tokens end with the process that gave them, and when authentication
 * was switched on or changed. It has done nothing of what was asked.
 */
export function isTokenFailure(error: unknown): boolean {
  return /invalid auth token|user name is empty|revision of auth store is old/.test(errorMessage(error));
}

/** etcd was asked for a token although authentication is switched off. */
export function isAuthOff(error: unknown): boolean {
  return errorMessage(error).includes('authentication is not enabled');
}

/** The user may not do this, or is not who it claims to be. */
export function isAccessFailure(error: unknown): boolean {
  return (
    error instanceof EtcdPermissionDeniedError ||
    error instanceof EtcdAuthenticationFailedError ||
    error instanceof GRPCUnauthenticatedError ||
    errorMessage(error).includes('user name is empty')
  );
}

export function isLeaseGone(error: unknown): boolean {
  return error instanceof EtcdLeaseInvalidError;
}

export function isCompacted(error: unknown): boolean {
  return errorMessage(error).includes('required revision has been compacted');
}

/** A page at a pinned revision was asked of a member that has not come so far. */
export function isFutureRevision(error: unknown): boolean {
  return errorMessage(error).includes('required revision is a future revision');
}

/** The request never left this process, as gRPC had no connection to send it on. */
export function wasNeverSent(error: unknown): boolean {
  return /No connection established|Name resolution failed|Waiting for LB pick|waiting for (?:name resolution|metadata filters)|Channel closed before call/.test(
    errorMessage(error),
  );
}

/** For operators: what to look at, without gRPC's wording where that is possible. */
export function explain(error: unknown): string {
  const message = errorMessage(error);
  if (message.includes('authentication failed')) return 'authentication failed: wrong user name or password';
  if (message.includes('user name is empty')) return 'authentication is required: no user name is configured';
  if (message.includes('permission denied')) return 'permission denied for this user';
  if (message.includes('database space exceeded')) return 'its database is full (NOSPACE alarm)';
  if (/certificate|self-signed|SSL|TLS|EPROTO|wrong version number/i.test(message)) {
    return `TLS failure: ${lastError(message)}`;
  }
  if (message.includes('ECONNREFUSED')) return 'connection refused';
  if (/deadline exceeded/i.test(message)) return 'no answer in time';
  return lastError(message);
}

function lastError(message: string): string {
  return /Last error: (.*?)\. Resolution note/.exec(message)?.[1] ?? message;
}
