import { buildEvent, type HeaderFields } from '../../../src/binlog/protocol/event/event-builder.js';
import { HEADER_BYTES } from '../../../src/binlog/protocol/event/event-header.js';
import { EventScanner } from '../../../src/binlog/protocol/event/event-scanner.js';
import { EventType } from '../../../src/binlog/protocol/event/event-type.js';
import { MariadbGtidFlag } from '../../../src/binlog/protocol/event/gtid-event.js';
import type { Flavour } from '../../../src/binlog/protocol/gtid/gtid-set.js';
import { fixtureEvents } from './fixture.js';

export interface BuilderOptions {
  readonly flavour: Flavour;
  readonly serverId?: number;
  readonly serverVersion?: string;
  readonly withChecksums?: boolean;
}

/** Writes events as a source of that flavour does. Its clock stands still until somebody sets it. */
export class EventBuilder {
  timestamp = 1_795_219_185;
  /** Where the next event begins in the source's file. */
  position = 4;
  readonly flavour: Flavour;
  readonly withChecksums: boolean;
  private readonly serverId: number;
  private readonly version: string;

  constructor(options: BuilderOptions) {
    this.flavour = options.flavour;
    this.serverId = options.serverId ?? 1001;
    this.version = options.serverVersion ?? (this.flavour === 'MYSQL' ? '8.0.36' : '10.11.19-MariaDB-log');
    this.withChecksums = options.withChecksums ?? true;
  }

  format(created = 0, flags = 0): Buffer {
    const lengths = this.flavour === 'MYSQL' ? MYSQL_LENGTHS : MARIADB_LENGTHS;
    const body = Buffer.alloc(2 + 50 + 4 + 1 + lengths.length + 1);
    body.writeUInt16LE(4);
    body.write(this.version, 2, 'latin1');
    body.writeUInt32LE(created, 52);
    body[56] = HEADER_BYTES;
    lengths.copy(body, 57);
    body[body.length - 1] = this.withChecksums ? 1 : 0;
    this.position = 4;
    const event = this.build(EventType.FORMAT_DESCRIPTION, body, 0, true);
    event[17]! |= flags;
    return event;
  }

  event(type: number, body: Buffer, flags = 0): Buffer {
    return this.build(type, body, flags, this.withChecksums);
  }

  gtid(uuid: string, gno: bigint): Buffer {
    const body = Buffer.alloc(42);
    body[0] = 1;
    body.write(uuid.replaceAll('-', ''), 1, 'hex');
    body.writeBigInt64LE(gno, 17);
    body[25] = 2;
    return this.event(EventType.GTID, body);
  }

  mariadbGtid(domain: number, server: number, sequence: bigint, flags = 0): Buffer {
    const body = Buffer.alloc(19);
    body.writeBigUInt64LE(sequence, 0);
    body.writeUInt32LE(domain, 8);
    body[12] = flags;
    return this.build(EventType.MARIADB_GTID, body, 0, this.withChecksums, server);
  }

  query(statement: string, db = 'test', variables = 10): Buffer {
    const head = Buffer.alloc(13);
    head[8] = db.length;
    head.writeUInt16LE(variables, 11);
    const parts = [head, Buffer.alloc(variables), Buffer.from(`${db}\0${statement}`)];
    return this.event(EventType.QUERY, Buffer.concat(parts));
  }

  xid(): Buffer {
    return this.event(EventType.XID, Buffer.alloc(8, 7));
  }

  rows(bytes: number, fill = 0xab): Buffer {
    return this.event(EventType.WRITE_ROWS, Buffer.alloc(bytes, fill));
  }

  /** A transaction with one event of rows. */
  transaction(
    source: { uuid: string } | { domain: number; server: number },
    number: bigint,
    rowBytes = 40,
  ): Buffer {
    const rows = (): Buffer[] => [
      this.event(EventType.TABLE_MAP, Buffer.alloc(30)),
      this.rows(rowBytes),
      this.xid(),
    ];
    if ('uuid' in source)
      return Buffer.concat([this.gtid(source.uuid, number), this.query('BEGIN', 'test'), ...rows()]);
    const gtid = this.mariadbGtid(source.domain, source.server, number, MariadbGtidFlag.TRANSACTIONAL);
    return Buffer.concat([gtid, ...rows()]);
  }

  private build(
    type: number,
    body: Buffer,
    flags: number,
    withChecksum: boolean,
    serverId = this.serverId,
  ): Buffer {
    this.position += HEADER_BYTES + body.length + (withChecksum ? 4 : 0);
    const header: HeaderFields = { timestamp: this.timestamp, serverId, logPos: this.position, flags };
    return buildEvent(type, header, body, withChecksum);
  }
}

/** The events that the bytes hold, each with a copy of what the scanner showed of it. */
export function scanAll(bytes: Buffer, hasChecksums = true, pieces: readonly number[] = []): ScannedEvent[] {
  const events: ScannedEvent[] = [];
  let raw: Buffer[] = [];
  const scanner = new EventScanner(
    {
      onEvent: () => {
        raw = [];
      },
      onBytes: (piece, start, end) => raw.push(Buffer.from(piece.subarray(start, end))),
      onEventEnd: (event) => events.push(copyOf(event, Buffer.concat(raw))),
    },
    hasChecksums,
  );
  let at = 0;
  for (const length of pieces) {
    scanner.push(bytes, at, Math.min(bytes.length, at + length));
    at = Math.min(bytes.length, at + length);
  }
  scanner.push(bytes, at);
  return events;
}

/** Of the connections that were recorded, one had asked for events without checksums. */
export function scanFixture(name: string): ScannedEvent[] {
  return scanAll(Buffer.concat(fixtureEvents(name)), name !== 'mysql-9.7-tagged');
}

export type ScannedEvent = ReturnType<typeof copyOf>;

function copyOf(event: EventScanner, raw: Buffer) {
  const { type, timestamp, serverId, size, logPos, flags, bodyLength, offset } = event;
  const body = Buffer.from(event.bytes.subarray(event.bodyStart, event.bodyEnd));
  const fields = { type, timestamp, serverId, size, logPos, flags, bodyLength, offset };
  return { ...fields, bytes: body, bodyStart: 0, bodyEnd: body.length, raw };
}

/** Post-header lengths of real servers: their tools refuse other ones. */
const MYSQL_LENGTHS = Buffer.from(
  '000d0008000000000400040000006300041a08000000000000020000000a0a0a2a2a001234000a280000',
  'hex',
);
const MARIADB_LENGTHS = Buffer.concat([
  Buffer.from('380d000800120004040404120000e400041a08000000080808020000000a0a0a0000000000000a0a0a', 'hex'),
  Buffer.alloc(118),
  Buffer.from('00041304000d0808080a0a0a', 'hex'),
]);
