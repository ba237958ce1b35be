import { QuorateError } from '../../../common/errors.js';
import type { ErrorKind } from '../../error-kinds.js';
import { errorOfKind } from '../error-replies.js';

/** Why a server cannot be asked, or why its answer will not come. */
export class BackendError extends QuorateError {
  /** The same as a reply to a client. */
  readonly reply: Buffer;

  /**
   * @param kind as what requests that fail with it are counted
   * @param server at which they are counted, too
   */
  constructor(message: string, kind: ErrorKind = 'OTHER', server: string | null = null) {
    super('REDIS_BACKEND', message);
    this.reply = errorOfKind(kind, `ERR quorate: ${message}`, server);
  }
}
