import { isIP } from 'node:net';

export interface HostPort {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

/**
 * Splits `host:port` or `[v6]:port`; undefined when it is neither. A port has one spelling only, so that
 * nothing can be registered twice under addresses that merely look different.
 * Port 0 is accepted only where a listener asks the system for any free port.
 */
export function parseAddress(text: string, options: { allowPortZero?: boolean } = {}): HostPort | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+(?:%[\w.-]+)?)\]|([\w.-]+)):(0|[1-9]\d{0,4})$/.exec(text);
  if (!match) return undefined;
  const host = match[1] ?? match[2] ?? '';
  const port = Number(match[3]);
  if (port > 65_535 || (port === 0 && !options.allowPortZero)) return undefined;
  if (match[1] !== undefined && isIP(host.replace(/%.*$/, '')) !== 6) return undefined;
  return { host, port };
}

export function formatAddress({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether only processes of this machine can reach a listener on that host. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (host.startsWith('127.') && isIP(host) === 4);
}
