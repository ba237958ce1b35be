import { isBlockedPort } from '../../common/blocked-ports.js';
import { formatAddress, parseAddress, type HostPort } from '../../common/address.js';

const SCHEME = 'tcp://';

/** Where a member's journal is reached: `tcp://HOST:PORT`. Undefined when it is something else. */
export function parsePeerUrl(url: string): HostPort | undefined {
  return url.startsWith(SCHEME) ? parseAddress(url.slice(SCHEME.length).replace(/\/$/, '')) : undefined;
}

export function formatPeerUrl(address: HostPort): string {
  return `${SCHEME}${formatAddress(address)}`;
}

/** One spelling for each: a slash at the end, and capitals in a host's name, make no other address. */
export function normalPeerUrl(url: string): string {
  const address = parsePeerUrl(url);
  return address ? formatPeerUrl({ ...address, host: address.host.toLowerCase() }) : url;
}

/** Where a member's API is reached: `http(s)://HOST:PORT`, without user, path or query, at a port that programs connect to. */
export function isAdminUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (isBlockedPort(Number(url.port))) return false;
  if (!['http:', 'https:'].includes(url.protocol)) return false;
  return (
    url.username === '' && url.password === '' && url.pathname === '/' && url.search === '' && url.hash === ''
  );
}
