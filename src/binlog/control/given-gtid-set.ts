import { refuse } from '../../common/refused.js';
import { GtidSetError } from '../protocol/gtid/gtid-set-error.js';
import { parseGtidSet, type Flavour, type GtidSet } from '../protocol/gtid/gtid-set.js';

/**
 * A set that an operator has given.
 *
 * @param path of it in the caller's input, which a refusal names
 * @throws RefusedError when it is none
 */
export function givenGtidSet(flavour: Flavour, text: string, path: string): GtidSet {
  try {
    return parseGtidSet(flavour, text);
  } catch (error) {
    if (!(error instanceof GtidSetError)) throw error;
    return refuse('INVALID_INPUT', path, error.message, { cause: error });
  }
}
