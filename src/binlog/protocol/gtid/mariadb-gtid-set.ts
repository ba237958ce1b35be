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
 * Within a domain numbers usually rise in the order of the log, so that the last number of a server stands for all before it. With
 * `gtid_strict_mode=OFF` they need not: then the highest one before the last is remembered as well (the peak), and counts as what
 * the set has. In texts and in GTID_LIST it stands before the last one, as the log has them.
 */
export class MariadbGtidSet {
  private readonly byDomain = new Map<number, Map<number, bigint>>();
  /** By domain and server, where the last number is not the highest. */
  private readonly peaks = new Map<string, bigint>();

  /**
   * Reads GTIDs with commas between them; blanks and line ends may stand around each.
   *
   * @throws GtidSetError when it is no such text, or names a server twice in a domain with numbers that rise
   */
  static parse(text: string): MariadbGtidSet {
    const set = new MariadbGtidSet();
    if (text.trim() === '') return set;
    for (const part of text.split(',')) {
      const { domain, server, sequence } = parseGtid(text, part.trim());
      if ((set.last(domain, server) ?? sequence + 1n) <= sequence)
        throw malformed(text, `server ${server} stands twice in domain ${domain}`);
      set.update(domain, server, sequence);
    }
    return set;
  }

  /** Whether the last number of a server is not its highest. */
  get hasPeaks(): boolean {
    return this.peaks.size > 0;
  }

  get isEmpty(): boolean {
    return this.byDomain.size === 0;
  }

  /** The last number of that server in that domain, in the order of the log. */
  last(domain: number, server: number): bigint | undefined {
    return this.byDomain.get(domain)?.get(server);
  }

  /** The highest number of that server in that domain. */
  highest(domain: number, server: number): bigint | undefined {
    return this.peaks.get(keyOf(domain, server)) ?? this.last(domain, server);
  }

  /** Takes note of a transaction: its server is the domain's most recent one from now on. */
  update(domain: number, server: number, sequence: bigint): void {
    let servers = this.byDomain.get(domain);
    if (!servers) this.byDomain.set(domain, (servers = new Map()));
    const highest = this.highest(domain, server);
    servers.delete(server);
    servers.set(server, sequence);
    if (highest !== undefined && highest > sequence) this.peaks.set(keyOf(domain, server), highest);
    else if (this.peaks.size > 0) this.peaks.delete(keyOf(domain, server));
  }

  has({ domain, server, sequence }: MariadbGtid): boolean {
    return (this.highest(domain, server) ?? -1n) >= sequence;
  }

  /** Whether it has reached all that the other has. */
  contains(other: MariadbGtidSet): boolean {
    return other.entries().every((gtid) => this.has(gtid));
  }

  /** The same numbers, the last ones included, and the same server is the last in each domain. */
  equals(other: MariadbGtidSet): boolean {
    if (this.peaks.size + other.peaks.size > 0) return sorted(this) === sorted(other) && this.isAt(other);
    return this.contains(other) && other.contains(this) && this.isAt(other);
  }

  private isAt(other: MariadbGtidSet): boolean {
    return String(this.position()) === String(other.position());
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

  /**
   * From where a source is to be asked: in each domain the highest number of the server that wrote last. What has come behind that
   * with a smaller number is sent again.
   */
  peakPosition(): MariadbGtidSet {
    const result = new MariadbGtidSet();
    for (const { domain, server } of this.position().entries())
      result.update(domain, server, this.highest(domain, server)!);
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
   * of the position that this state does not have was written after it. Behind a peak no number tells for certain: there may have
   * been the same before.
   */
  isReachedBy(position: MariadbGtidSet): boolean {
    for (const [domain, servers] of this.byDomain) {
      const at = position.byDomain.get(domain);
      if (!at) return false;
      const [server, sequence] = [...at].at(-1)!;
      const own = this.highest(domain, server);
      if (own === undefined || sequence > own) continue;
      const isLast = [...servers.keys()].at(-1) === server;
      if (sequence < own || !isLast || servers.get(server) !== own) return false;
    }
    return true;
  }

  clone(): MariadbGtidSet {
    const copy = new MariadbGtidSet();
    for (const [domain, servers] of this.byDomain) copy.byDomain.set(domain, new Map(servers));
    for (const [key, peak] of this.peaks) copy.peaks.set(key, peak);
    return copy;
  }

  /** By domain, the most recent server of each last, a peak before the number that came behind it. */
  entries(): MariadbGtid[] {
    const domains = [...this.byDomain].sort(([a], [b]) => a - b);
    return domains.flatMap(([domain, servers]) =>
      [...servers].flatMap(([server, sequence]) => {
        const peak = this.peaks.size === 0 ? undefined : this.peaks.get(keyOf(domain, server));
        const last = { domain, server, sequence };
        return peak === undefined ? [last] : [{ domain, server, sequence: peak }, last];
      }),
    );
  }

  toString(): string {
    return this.entries()
      .map(({ domain, server, sequence }) => `${domain}-${server}-${sequence}`)
      .join(',');
  }
}

function keyOf(domain: number, server: number): string {
  return `${domain}-${server}`;
}

function sorted(set: MariadbGtidSet): string {
  const byServer = (a: MariadbGtid, b: MariadbGtid): number => a.domain - b.domain || a.server - b.server;
  return set
    .entries()
    .sort(byServer)
    .map(({ domain, server, sequence }) => `${domain}-${server}-${sequence}`)
    .join();
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
