import { BIG, type MariadbSource, type Source } from '../gtid/gtid-run.js';
import { BinlogEventError } from './event-error.js';
import { u32, u64, type EventView } from './event-header.js';
import { EventType } from './event-type.js';
import { SourceTable } from './source-table.js';
import { TaggedGtidReader } from './tagged-gtid.js';

/** Flags of MariaDB's GTID events. */
export const MariadbGtidFlag = {
  /** One event follows, without XID or COMMIT. */
  STANDALONE: 0x01,
  GROUP_COMMIT_ID: 0x02,
  TRANSACTIONAL: 0x04,
  DDL: 0x20,
  PREPARED_XA: 0x40,
  /** What follows is XA COMMIT or XA ROLLBACK. */
  COMPLETED_XA: 0x80,
} as const;

const UUID_AT = 1;
const GNO_AT = UUID_AT + 16;
const MYSQL_BYTES = GNO_AT + 8;
const DOMAIN_AT = 8;
const MARIADB_FLAGS_AT = 12;
const MARIADB_BYTES = 13;

/** Beyond it a double does not hold every number. */
const EXACT = 2 ** 53;

/**
 * Reads GTID events of all forms into its own fields, without an object per transaction:
 * `flags u8 | uuid[16] | number i64 | ...` of MySQL, its tagged form, and `number u64 | domain u32 | flags u8 | ...` of
 * MariaDB, where the server is that of the header.
 */
export class GtidReader {
  /** The same object as long as it is the same source. */
  source!: Source;
  /** BIG when it is 2^53 or more. */
  number = 0;
  /** The number, when `number` is BIG. */
  big = 0n;
  /** Those of MariaDB; 0 for MySQL. */
  flags = 0;
  private readonly sources = new SourceTable();
  private readonly tagged = new TaggedGtidReader();
  private mariadb: MariadbSource = { domain: -1, server: -1 };
  private readonly mariadbSources = new Map<string, MariadbSource>();

  /** @throws BinlogEventError when the event is damaged */
  read(event: EventView): void {
    if (event.type === EventType.GTID) this.readMysql(event);
    else if (event.type === EventType.MARIADB_GTID) this.readMariadb(event);
    else this.readTagged(event);
  }

  /** The number, however large. */
  get exact(): bigint {
    return this.number === BIG ? this.big : BigInt(this.number);
  }

  private readMysql({ bytes, bodyStart, bodyEnd }: EventView): void {
    if (bodyEnd - bodyStart < MYSQL_BYTES) throw cut('GTID');
    this.flags = 0;
    this.source = this.sources.find(bytes, bodyStart + UUID_AT, '');
    this.readNumber(bytes, bodyStart + GNO_AT);
    if (this.number === 0 || this.big < 0n) throw new BinlogEventError('A GTID event has no valid number.');
  }

  private readTagged(event: EventView): void {
    this.flags = 0;
    this.tagged.read(event);
    this.source = this.sources.find(this.tagged.uuid, 0, this.tagged.tag);
    this.number = this.tagged.number < EXACT ? Number(this.tagged.number) : BIG;
    this.big = this.tagged.number;
  }

  private readMariadb({ bytes, bodyStart, bodyEnd, serverId }: EventView): void {
    if (bodyEnd - bodyStart < MARIADB_BYTES) throw cut('GTID');
    const domain = u32(bytes, bodyStart + DOMAIN_AT);
    if (this.mariadb.domain !== domain || this.mariadb.server !== serverId)
      this.mariadb = this.mariadbSource(domain, serverId);
    this.source = this.mariadb;
    this.flags = bytes[bodyStart + MARIADB_FLAGS_AT]!;
    this.readNumber(bytes, bodyStart);
  }

  private readNumber(bytes: Buffer, at: number): void {
    this.number = u64(bytes, at);
    this.big = 0n;
    if (this.number < EXACT) return;
    this.number = BIG;
    this.big = bytes.readBigUInt64LE(at);
  }

  private mariadbSource(domain: number, server: number): MariadbSource {
    const key = `${domain}-${server}`;
    const known = this.mariadbSources.get(key);
    if (known) return known;
    const source = { domain, server };
    this.mariadbSources.set(key, source);
    return source;
  }
}

function cut(type: string): BinlogEventError {
  return new BinlogEventError(`A ${type} event is too short.`);
}
