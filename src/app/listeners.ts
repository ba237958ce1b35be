import { parseAddress, type HostPort } from '../common/address.js';
import { QuorateError } from '../common/errors.js';
import type { ProxyConfig, ServeConfig } from '../config/options.js';
import { requireAuthenticationBeyondLoopback } from '../http/server.js';

export interface MemberListeners {
  readonly api: HostPort;
  /** Where the embedded proxy listens; null without one. */
  readonly proxy: HostPort | null;
}

/**
 * Where a member listens.
 *
 * @throws QuorateError when it would be open to others than this machine without authentication
 */
export function memberListeners(config: ServeConfig): MemberListeners {
  const api = mustParse(config.listen);
  requireAuthenticationBeyondLoopback(
    api,
    config.tokens !== undefined,
    'Make a token with "quorate token create" and set --tokens',
  );
  if (config.proxyListen === undefined) return { api, proxy: null };
  const proxy = mustParse(config.proxyListen);
  requireAuthenticationBeyondLoopback(proxy, config.passwordFile !== undefined, 'Set --password-file');
  return { api, proxy };
}

export interface ProxyListeners {
  readonly clients: HostPort;
  readonly admin: HostPort;
}

/**
 * Where a proxy of its own listens.
 *
 * @throws QuorateError when it would be open to others than this machine without authentication
 */
export function proxyListeners(config: ProxyConfig): ProxyListeners {
  const clients = parseAddress(config.listen);
  const admin = parseAddress(config.adminListen, { allowPortZero: true });
  if (!clients || !admin) throw new QuorateError('CONFIG', 'A proxy listens on a port of its own, not on 0.');
  requireAuthenticationBeyondLoopback(clients, config.passwordFile !== undefined, 'Set --password-file');
  return { clients, admin };
}

function mustParse(address: string): HostPort {
  const parsed = parseAddress(address, { allowPortZero: true });
  if (!parsed) throw new QuorateError('CONFIG', `Not an address: ${address}`);
  return parsed;
}
