import { QuorateError } from '../../common/errors.js';

/** A peer sent what MySQL's protocol does not allow; the connection cannot go on. */
export class ProtocolError extends QuorateError {
  constructor(message: string) {
    super('MYSQL_PROTOCOL', message);
  }
}
