import { readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';

/** Linux tells of every TCP connection here (proc_net(5)); other systems do not. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
const ESTABLISHED = '01';
/** The timers that may run: what is not acknowledged is sent again, and a peer that has no room is asked whether it has. */
const RETRANSMIT = '01';
const PROBE = '04';
const WORD_BYTES = 4;

/** One end of a TCP connection. */
export interface End {
  readonly address: string;
  readonly port: number;
}

/**
 * How often something was sent on a connection that its peer should have answered at once, and has not, by
 * {@link connectionKey}; any answer begins the count anew. Without those with which all is well; empty where the system does
 * not tell.
 */
export async function retransmissions(): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const table of TABLES) {
    const text = await readFile(table, 'latin1').catch(() => '');
    for (const line of text.split('\n')) {
      const [, local, remote, state, , timer = '', retransmits = '', , probes = ''] = line
        .trim()
        .split(/\s+/);
      if (state !== ESTABLISHED) continue;
      const count = unanswered(timer.slice(0, 2), retransmits, probes);
      if (count > 0) counts.set(`${local} ${remote}`, count);
    }
  }
  return counts;
}

function unanswered(timer: string, retransmits: string, probes: string): number {
  if (timer === RETRANSMIT) return Number.parseInt(retransmits, 16);
  return timer === PROBE ? Number(probes) : 0;
}

/** As the tables name the connection. Both addresses in the form in which a socket tells them. */
export function connectionKey(local: End, remote: End): string {
  return `${inTable(local)} ${inTable(remote)}`;
}

function inTable({ address, port }: End): string {
  const bytes = isIPv4(address) ? bytesOfIPv4(address) : bytesOfIPv6(address);
  // In words of four bytes, each with the last byte first.
  for (let at = 0; at < bytes.length; at += WORD_BYTES) bytes.subarray(at, at + WORD_BYTES).reverse();
  return `${bytes.toString('hex')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
}

function bytesOfIPv4(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}

/** With a zone or without, and with an IPv4 address at its end or without. */
function bytesOfIPv6(address: string): Buffer {
  const [plain = ''] = address.split('%');
  const [before = '', behind] = plain.split('::');
  const [head, tail] = [bytesOfGroups(before), bytesOfGroups(behind ?? '')];
  return Buffer.concat([head, Buffer.alloc(16 - head.length - tail.length), tail]);
}

function bytesOfGroups(groups: string): Buffer {
  if (groups === '') return Buffer.alloc(0);
  return Buffer.concat(
    groups
      .split(':')
      .map((group) => (isIPv4(group) ? bytesOfIPv4(group) : Buffer.from(group.padStart(4, '0'), 'hex'))),
  );
}
