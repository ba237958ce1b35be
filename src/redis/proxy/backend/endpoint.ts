import { parseAddress, type HostPort } from '../../../common/address.js';
import { BackendError } from './backend-error.js';

/**
 * The parts of a server's `host:port`.
 *
 * @throws BackendError when it is not such an address
 */
export function hostPortOf(address: string): HostPort {
  const parsed = parseAddress(address);
  if (parsed === undefined) {
    throw new BackendError(`'${address}' is no address of a server; expected host:port`);
  }
  return parsed;
}
