import { QuorateError } from '../../../common/errors.js';

/** A set of GTIDs could not be read, as text or as bytes. */
export class GtidSetError extends QuorateError {
  constructor(message: string) {
    super('GTID_SET', message);
  }
}
