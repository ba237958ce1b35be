import { BinlogEventError } from './event-error.js';
import type { EventView } from './event-header.js';

const UUID_FIELD = 1;
const NUMBER_FIELD = 2;
const TAG_FIELD = 3;
const UUID_BYTES = 16;
const TAG_MAX = 32;
const GNO_END = 2n ** 63n - 1n;

/**
 * Reads GTID_TAGGED_LOG events, MySQL's form since 8.3 of transactions with a tag, as far as the tag:
 * `version | size | last field that must be known`, then `field, value` in rising order of fields, all of them integers
 * of variable length: as many one bits at the lower end of the first byte as there are bytes more, then a zero, then the
 * value. Signed values have their sign in the lowest bit.
 */
export class TaggedGtidReader {
  readonly uuid = Buffer.alloc(UUID_BYTES);
  tag = '';
  number = 0n;
  private bytes: Buffer = this.uuid;
  private at = 0;
  private end = 0;

  /** @throws BinlogEventError when it is damaged */
  read(event: EventView): void {
    this.bytes = event.bytes;
    this.at = event.bodyStart;
    this.end = event.bodyEnd;
    for (let i = 0; i < 3; i++) this.varint();
    this.expectField(0);
    this.varint();
    this.expectField(UUID_FIELD);
    for (let i = 0; i < UUID_BYTES; i++) this.uuid[i] = Number(this.varint() & 0xffn);
    this.expectField(NUMBER_FIELD);
    const signed = this.varint();
    this.number = signed >> 1n;
    if ((signed & 1n) === 1n || this.number < 1n || this.number >= GNO_END) throw damaged();
    this.expectField(TAG_FIELD);
    this.readTag();
  }

  private readTag(): void {
    const length = Number(this.varint());
    if (length > TAG_MAX || this.at + length > this.end) throw damaged();
    this.tag = this.bytes.toString('latin1', this.at, this.at + length);
    if (!/^([a-z_][a-z0-9_]*)?$/.test(this.tag)) throw damaged();
  }

  private expectField(id: number): void {
    if (this.varint() !== BigInt(id)) throw damaged();
  }

  private varint(): bigint {
    if (this.at >= this.end) throw damaged();
    const first = this.bytes[this.at]!;
    const more = trailingOnes(first);
    if (this.at + 1 + more > this.end) throw damaged();
    let value = 0n;
    for (let i = more; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[this.at + i]!);
    this.at += 1 + more;
    return value >> BigInt(more === 8 ? 8 : more + 1);
  }
}

function trailingOnes(byte: number): number {
  let ones = 0;
  while ((byte >> ones) & 1) ones++;
  return ones;
}

function damaged(): BinlogEventError {
  return new BinlogEventError('A GTID_TAGGED_LOG event is damaged.');
}
