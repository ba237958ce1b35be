import type { Slave } from '../../../sdk/browser.js';

/** The host of `host:port`: the port that a slave comes from says nothing of it, and is another one each time. */
export function hostOf(address: string): string {
  return address.replace(/:\d+$/, '');
}

/** How people tell a slave from others: its host and its server_id. */
export function nameOf({
  hostName,
  address,
  serverId,
}: Pick<Slave, 'hostName' | 'address' | 'serverId'>): string {
  return `${hostName ?? hostOf(address)} (server_id ${serverId})`;
}
