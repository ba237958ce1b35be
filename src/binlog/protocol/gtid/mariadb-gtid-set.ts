import { GtidSetError } from './gtid-set-error.js';

const U32_MAX = 2 ** 32 - 1;
const U64_MAX = 2n ** 64n - 1n;
const COUNT_BYTES = 4;
const ENTRY_BYTES = 16;
/** Behind the count of an empty list, so that a source can put a dummy event in its place for old slaves. */
const EMPTY_PADDING_BYTES = 2;
/** The upper four bits of the count are flags. */
const COUNT_MASK = 0x0fff_ffff;

const GTID = /^(\d{1,10})-(\d{1,10})-(\d{1,20})$/;

/** One of MariaDB's GTIDs: `DOMAIN-SERVER-SEQUENCE`. */
export interface MariadbGtid {
  readonly domain: number;
  readonly server: number;
  readonly sequence: bigint;
}

/**
 * A state of MariaDB's binlog, as `@@gtid_binlog_state` and GTID_LIST hold it: of each domain the last number of every
 * server that wrote in it, the server that wrote last at the end. With one server per domain it is a position, as
 * `@@gtid_binlog_pos` and `@slave_connect_state` are.
 *
 * Within a domain numbers rise in the order of the log, so that the last number of a server stands for all before it.
 */
export class MariadbGtidSet {
  private readonly byDomain = new Map<number, Map<number, bigint>>();

  /**
   * Reads GTIDs with commas between them; blanks and line ends may stand around each.
   *
   * @throws GtidSetError when it is no such text, or names a server twice in a domain
   */
  static parse(text: string): MariadbGtidSet {
    const set = new MariadbGtidSet();
    if (text.trim() === '') return set;
    for (const part of text.split(',')) {
      const { domain, server, sequence } = parseGtid(text, part.trim());
      if (set.last(domain, server) !== undefined)
        throw malformed(text, `server ${server} stands twice in domain ${domain}`);
      set.update(domain, server, sequence);
    }
    return set;
  }

  get isEmpty(): boolean {
    return this.byDomain.size === 0;
  }

  /** The last number of that server in that domain. */
  last(domain: number, server: number): bigint | undefined {
    return this.byDomain.get(domain)?.get(server);
  }

  /** Takes note of a transaction: its server is the domain's most recent one from now on. */
  update(domain: number, server: number, sequence: bigint): void {
    let servers = this.byDomain.get(domain);
    if (!servers) this.byDomain.set(domain, (servers = new Map()));
    const last = servers.get(server);
    servers.delete(server);
    servers.set(server, last !== undefined && last > sequence ? last : sequence);
  }

  has({ domain, server, sequence }: MariadbGtid): boolean {
    return (this.last(domain, server) ?? -1n) >= sequence;
  }

  /** Whether it has reached all that the other has. */
  contains(other: MariadbGtidSet): boolean {
    return other.entries().every((gtid) => this.has(gtid));
  }

  /** The same numbers, and the same server is the last in each domain. */
  equals(other: MariadbGtidSet): boolean {
    return (
      this.contains(other) && other.contains(this) && String(this.position()) === String(other.position())
    );
  }

  /** Ours, and behind it the other: where that has a domain, its last server is the last one. */
  union(other: MariadbGtidSet): MariadbGtidSet {
    const result = this.clone();
    for (const { domain, server, sequence } of other.entries()) result.update(domain, server, sequence);
    return result;
  }

  /** Our GTIDs that the other has not reached. */
  subtract(other: MariadbGtidSet): MariadbGtidSet {
    const result = new MariadbGtidSet();
    for (const gtid of this.entries())
      if (!other.has(gtid)) result.update(gtid.domain, gtid.server, gtid.sequence);
    return result;
  }

  /** The last GTID of each domain. */
  position(): MariadbGtidSet {
    const result = new MariadbGtidSet();
    for (const [domain, servers] of this.byDomain) {
      const [server, sequence] = [...servers].at(-1)!;
      result.update(domain, server, sequence);
    }
    return result;
  }

  /**
   * Whether a slave at the position has executed everything up to this state. The servers decide the same way: a GTID
   * of the position that this state does not have was written after it.
   */
  isReachedBy(position: MariadbGtidSet): boolean {
    for (const [domain, servers] of this.byDomain) {
      const at = position.byDomain.get(domain);
      if (!at) return false;
      const [server, sequence] = [...at].at(-1)!;
      const own = servers.get(server);
      if (own === undefined || sequence > own) continue;
      const isLast = [...servers.keys()].at(-1) === server;
      if (sequence < own || !isLast) return false;
    }
    return true;
  }

  clone(): MariadbGtidSet {
    const copy = new MariadbGtidSet();
    for (const [domain, servers] of this.byDomain) copy.byDomain.set(domain, new Map(servers));
    return copy;
  }

  /** By domain, the most recent server of each last. */
  entries(): MariadbGtid[] {
    const domains = [...this.byDomain].sort(([a], [b]) => a - b);
    return domains.flatMap(([domain, servers]) =>
      [...servers].map(([server, sequence]) => ({ domain, server, sequence })),
    );
  }

  toString(): string {
    return this.entries()
      .map(({ domain, server, sequence }) => `${domain}-${server}-${sequence}`)
      .join(',');
  }
}

/** The body of a GTID_LIST event: `count u32 | { domain u32 | server u32 | sequence u64 }*`. */
export function encodeMariadbGtidSet(set: MariadbGtidSet): Buffer {
  const entries = set.entries();
  const bytes = Buffer.alloc(bodyBytes(entries.length));
  let at = bytes.writeUInt32LE(entries.length);
  for (const { domain, server, sequence } of entries) {
    at = bytes.writeUInt32LE(domain, at);
    at = bytes.writeUInt32LE(server, at);
    at = bytes.writeBigUInt64LE(sequence, at);
  }
  return bytes;
}

/** @throws GtidSetError when the bytes are no such body */
export function decodeMariadbGtidSet(bytes: Buffer): MariadbGtidSet {
  const count = bytes.length < COUNT_BYTES ? -1 : bytes.readUInt32LE() & COUNT_MASK;
  if (count < 0 || bytes.length !== bodyBytes(count)) throw new GtidSetError('Malformed GTID list encoding.');
  const set = new MariadbGtidSet();
  for (let i = 0, at = COUNT_BYTES; i < count; i++, at += ENTRY_BYTES)
    set.update(bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4), bytes.readBigUInt64LE(at + 8));
  return set;
}

function bodyBytes(count: number): number {
  return COUNT_BYTES + (count === 0 ? EMPTY_PADDING_BYTES : count * ENTRY_BYTES);
}

function parseGtid(text: string, part: string): MariadbGtid {
  const [, domain, server, sequence] = GTID.exec(part) ?? [];
  if (sequence === undefined) throw malformed(text, `'${excerpt(part)}' is not DOMAIN-SERVER-SEQUENCE`);
  const gtid = { domain: Number(domain), server: Number(server), sequence: BigInt(sequence) };
  if (gtid.domain > U32_MAX || gtid.server > U32_MAX || gtid.sequence > U64_MAX)
    throw malformed(text, `a number of '${part}' is too large`);
  return gtid;
}

function malformed(text: string, why: string): GtidSetError {
  return new GtidSetError(`'${excerpt(text)}' is no set of GTIDs: ${why}.`);
}

function excerpt(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
