import { BackendError } from './backend-error.js';

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/**
 * The parts of `host:port`; an IPv6 host is written in brackets, which are taken off.
 *
 * @throws BackendError when it is not such an address
 */
export function parseAddress(address: string): HostAndPort {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, Math.max(colon, 0)).replace(/^\[(.*)\]$/, '$1');
  const port = Number(address.slice(colon + 1));
  if (host === '' || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new BackendError(`'${address}' is no address of a server; expected host:port`);
  }
  return { host, port };
}
