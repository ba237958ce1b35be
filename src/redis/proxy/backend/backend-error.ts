import { QuorateError } from '../../../common/errors.js';
import { error } from '../resp/encode.js';

/** Why a server cannot be asked, or why its answer will not come. */
export class BackendError extends QuorateError {
  /** The same as a reply to a client. */
  readonly reply: Buffer;

  constructor(message: string) {
    super('REDIS_BACKEND', message);
    this.reply = error(`ERR quorate: ${message}`);
  }
}
