import { GtidSetError } from './gtid-set-error.js';
import { GNO_END, MysqlGtidSet, type GtidSource } from './mysql-gtid-set.js';

const UUID_BYTES = 16;
const INTERVAL_BYTES = 16;
/** The last byte of the first word tells the format: 1 when entries have tags, otherwise the count is below 2^56. */
const TAGGED = 1;
const TAG_MAX = 32;

/**
 * The binary form, as in PREVIOUS_GTIDS events and COM_BINLOG_DUMP_GTID:
 * `count u64 | { uuid[16] | intervals u64 | { start u64, end u64 }* }*`, ends exclusive.
 *
 * With tags, which MySQL writes since 8.3 when there are some: `01 | count u48 | 01 | { uuid[16] | tag | ... }*`,
 * where the tag's length is a variable-length integer, below 64 one byte with twice the value.
 */
export function encodeMysqlGtidSet(set: MysqlGtidSet): Buffer {
  const entries = set.entries();
  const tagged = entries.some(([{ tag }]) => tag !== '');
  const size = entries.reduce(
    (sum, [{ tag }, { length }]) =>
      sum + UUID_BYTES + (tagged ? 1 + tag.length : 0) + 8 + length * INTERVAL_BYTES,
    8,
  );
  const bytes = Buffer.alloc(size);
  if (tagged) {
    bytes[0] = TAGGED;
    bytes.writeUIntLE(entries.length, 1, 6);
    bytes[7] = TAGGED;
  } else {
    bytes.writeBigUInt64LE(BigInt(entries.length));
  }
  let at = 8;
  for (const [{ uuid, tag }, numbers] of entries) {
    at += bytes.write(uuid.replaceAll('-', ''), at, 'hex');
    if (tagged) {
      bytes[at++] = tag.length << 1;
      at += bytes.write(tag, at, 'latin1');
    }
    at = bytes.writeBigUInt64LE(BigInt(numbers.length), at);
    for (let i = 0; i < numbers.length; i++) {
      at = bytes.writeBigUInt64LE(numbers.startAt(i), at);
      at = bytes.writeBigUInt64LE(numbers.endAt(i), at);
    }
  }
  return bytes;
}

/**
 * As strict as the servers: intervals rise and do not touch, and nothing is left over.
 *
 * @throws GtidSetError when the bytes are no such set
 */
export function decodeMysqlGtidSet(bytes: Buffer): MysqlGtidSet {
  const reader = new Reader(bytes);
  const set = new MysqlGtidSet();
  const word = reader.u64();
  const tagged = word >> 56n === BigInt(TAGGED);
  const count = tagged ? (word >> 8n) & 0xffff_ffff_ffffn : word;
  for (let n = 0n; n < count; n++) {
    const source: GtidSource = { uuid: reader.uuid(), tag: tagged ? reader.tag() : '' };
    const intervals = reader.u64();
    let last = 0n;
    for (let i = 0n; i < intervals; i++) {
      const [start, end] = [reader.u64(), reader.u64()];
      if (start <= last || end <= start || end > GNO_END) throw malformed();
      set.add(source, start, end);
      last = end;
    }
  }
  if (reader.left > 0) throw malformed();
  return set;
}

class Reader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get left(): number {
    return this.bytes.length - this.at;
  }

  u64(): bigint {
    return this.bytes.readBigUInt64LE(this.skip(8));
  }

  uuid(): string {
    const hex = this.text(UUID_BYTES, 'hex');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }

  tag(): string {
    const length = this.bytes[this.skip(1)]!;
    if ((length & 1) === 1 || length >> 1 > TAG_MAX) throw malformed();
    const tag = this.text(length >> 1, 'latin1');
    if (!/^([a-z_][a-z0-9_]*)?$/.test(tag)) throw malformed();
    return tag;
  }

  private text(length: number, encoding: 'hex' | 'latin1'): string {
    const start = this.skip(length);
    return this.bytes.toString(encoding, start, start + length);
  }

  private skip(length: number): number {
    if (this.left < length) throw malformed();
    const start = this.at;
    this.at += length;
    return start;
  }
}

function malformed(): GtidSetError {
  return new GtidSetError('Malformed GTID set encoding.');
}
