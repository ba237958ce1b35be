import { refuse } from '../../common/refused.js';
import { GtidSetError } from '../protocol/gtid/gtid-set-error.js';
import { parseGtidSet, type Flavour, type GtidSet } from '../protocol/gtid/gtid-set.js';

/**
 * A set that an operator has given.
 *
 * @param field that gives it, which a refusal names
 * @throws RefusedError when it is none
 */
export function givenGtidSet(flavour: Flavour, text: string, field: string): GtidSet {
  try {
    return parseGtidSet(flavour, text);
  } catch (error) {
    if (!(error instanceof GtidSetError)) throw error;
    return refuse('INVALID_INPUT', field, error.message, { cause: error });
  }
}
