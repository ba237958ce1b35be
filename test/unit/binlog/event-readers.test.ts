import { crc32 as crc32OfZlib } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../../src/binlog/protocol/event/checksum.js';
import { BinlogEventError } from '../../../src/binlog/protocol/event/event-error.js';
import { EventType } from '../../../src/binlog/protocol/event/event-type.js';
import {
  isSameFormat,
  readFormatDescription,
  withoutCreated,
  withoutInUse,
} from '../../../src/binlog/protocol/event/format-description.js';
import { GtidReader } from '../../../src/binlog/protocol/event/gtid-event.js';
import {
  buildArtificialGtidList,
  buildGtidList,
  readGtidList,
} from '../../../src/binlog/protocol/event/gtid-list.js';
import {
  buildHeartbeat,
  buildHeartbeatV2,
  readHeartbeat,
} from '../../../src/binlog/protocol/event/heartbeat.js';
import { databaseOf, statementOf } from '../../../src/binlog/protocol/event/query.js';
import { buildArtificialRotate, readRotate } from '../../../src/binlog/protocol/event/rotate.js';
import { readPayloadHeader } from '../../../src/binlog/protocol/event/transaction-payload.js';
import { BIG, gtidText } from '../../../src/binlog/protocol/gtid/gtid-run.js';
import { EventBuilder, scanAll, scanFixture, type ScannedEvent } from '../../harness/binlog/events.js';
import { fixtureEvents } from '../../harness/binlog/fixture.js';

const UUID = '33dbfaac-e53e-11f1-acc3-02fc00000001';
const FIXTURES = ['mysql-5.6', 'mysql-9.7', 'mysql-9.7-tagged', 'mysql-9.7-payload', 'mariadb-10.11'];

function scanned(fixture: string, type: number): ScannedEvent[] {
  return scanFixture(fixture).filter((event) => event.type === type);
}

function one(event: Buffer, hasChecksums = true): ScannedEvent {
  return scanAll(event, hasChecksums)[0]!;
}

describe('the checksum', () => {
  test('is that of zlib, whatever the length and however it is continued', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), fc.nat(), (array, cut) => {
        const bytes = Buffer.from(array);
        const middle = cut % (bytes.length + 1);
        expect(crc32(bytes, 0, bytes.length)).toBe(crc32OfZlib(bytes));
        expect(crc32(bytes, middle, bytes.length, crc32(bytes, 0, middle))).toBe(crc32OfZlib(bytes));
      }),
    );
  });
});

describe('what real servers sent', () => {
  test.each(FIXTURES)('%s: every checksum is right', (name) => {
    expect(scanFixture(name).map(({ raw }) => raw)).toEqual(fixtureEvents(name));
  });

  test.each([
    ['mysql-5.6', '5.6.24-log', 35],
    ['mysql-9.7', '9.7.4-2', 42],
    ['mariadb-10.11', '10.11.19-MariaDB-0+deb12u1-log', 171],
  ])('%s: the format is described', (name, version, types) => {
    const [format] = scanned(name, EventType.FORMAT_DESCRIPTION);
    const { serverVersion, hasChecksums, postHeaderLengths } = readFormatDescription(format!.raw);
    expect({ serverVersion, hasChecksums }).toEqual({ serverVersion: version, hasChecksums: true });
    expect(postHeaderLengths).toHaveLength(types);
    expect(postHeaderLengths[EventType.QUERY - 1]).toBe(13);
  });

  test('artificial ROTATE, heartbeats, GTID lists and previous GTIDs are those that we write', () => {
    for (const name of FIXTURES) {
      for (const event of scanFixture(name)) {
        const { type, serverId, timestamp, logPos, raw } = event;
        const sealed = raw.length === 19 + event.bodyLength + 4;
        if (type === EventType.ROTATE && (event.flags & 0x20) !== 0)
          expect(buildArtificialRotate(readRotate(event), serverId, sealed)).toEqual(raw);
        if (type === EventType.HEARTBEAT)
          expect(buildHeartbeat(readHeartbeat(event), serverId, sealed)).toEqual(raw);
        if (type === EventType.HEARTBEAT_V2)
          expect(buildHeartbeatV2(readHeartbeat(event), serverId, sealed)).toEqual(raw);
        if (type === EventType.GTID_LIST && timestamp === 0)
          expect(buildArtificialGtidList(readGtidList(event), serverId, logPos, sealed)).toEqual(raw);
        if (type === EventType.PREVIOUS_GTIDS || (type === EventType.GTID_LIST && timestamp !== 0)) {
          const start = logPos - raw.length;
          const built = buildGtidList(readGtidList(event), { timestamp, serverId }, start, true);
          // MySQL 5.6 does not mark it as ignorable.
          if (event.flags !== 0 || type === EventType.GTID_LIST) expect(built).toEqual(raw);
          else expect(built.subarray(19, -4)).toEqual(raw.subarray(19, -4));
        }
      }
    }
    expect(scanned('mysql-9.7', EventType.HEARTBEAT_V2).length).toBeGreaterThan(0);
    expect(scanned('mariadb-10.11', EventType.GTID_LIST).length).toBeGreaterThan(2);
  });

  test('GTIDs are read from every form', () => {
    const reader = new GtidReader();
    const read = (event: ScannedEvent): string => {
      reader.read(event);
      return gtidText(reader.source, reader.exact);
    };
    expect(scanned('mysql-5.6', EventType.GTID).map(read).at(-1)).toMatch(/^[0-9a-f-]{36}:\d+$/);
    expect(scanned('mysql-9.7-tagged', EventType.GTID).map(read)[0]).toBe(`${UUID}:4`);
    expect(scanned('mariadb-10.11', EventType.MARIADB_GTID).map(read)[0]).toMatch(/^0-1001-\d+$/);
    expect(reader.flags).not.toBe(0);
  });

  test('statements and their databases are read', () => {
    const queries = scanned('mysql-9.7', EventType.QUERY);
    expect(queries.map((event) => statementOf(event))).toContain('BEGIN');
    expect(queries.map((event) => databaseOf(event)).some((name) => name !== '')).toBe(true);
  });

  test('the header of a compressed transaction tells its sizes', () => {
    const [payload] = scanned('mysql-9.7-payload', EventType.TRANSACTION_PAYLOAD);
    const header = readPayloadHeader(payload!);
    expect(header.compression).toBe(0);
    expect(header.uncompressedBytes).toBeGreaterThan(header.compressedBytes);
    expect(header.headerBytes + header.compressedBytes).toBe(payload!.bodyLength);
    expect(payload!.bytes.readUInt32BE(header.headerBytes)).toBe(0x28b52ffd);
  });
});

describe('a format description', () => {
  test('is sent with `created` zeroed and its checksum made anew', () => {
    const format = new EventBuilder({ flavour: 'MYSQL' }).format(1_795_000_000, 0x01);
    expect(readFormatDescription(format).created).toBe(1_795_000_000);
    const changed = withoutCreated(format);
    expect(readFormatDescription(changed).created).toBe(0);
    expect(changed[17]! & 1).toBe(0);
    expect(withoutInUse(format)[17]! & 1).toBe(0);
    expect(changed.length).toBe(format.length);
  });

  test('is the same as another whatever the occasion, and not when the server version differs', () => {
    const builder = new EventBuilder({ flavour: 'MYSQL' });
    const first = builder.format(1_795_000_000, 0x01);
    builder.timestamp += 1000;
    expect(isSameFormat(first, builder.format())).toBe(true);
    const other = new EventBuilder({ flavour: 'MYSQL', serverVersion: '8.4.0' });
    expect(isSameFormat(first, other.format())).toBe(false);
    const plain = new EventBuilder({ flavour: 'MYSQL', withChecksums: false });
    expect(isSameFormat(first, plain.format())).toBe(false);
  });

  test.each([
    ['version', 19, 3],
    ['header length', 75, 20],
    ['algorithm', -5, 9],
    ['checksum', -1, 0x5a],
    ['server version', 25, 0x7f],
  ])('is refused when its %s is wrong', (_, at, value) => {
    const format = new EventBuilder({ flavour: 'MYSQL' }).format();
    const index = at < 0 ? format.length + at : at;
    format[index] = format[index]! ^ value;
    expect(() => readFormatDescription(format)).toThrow(BinlogEventError);
  });
});

describe('a GTID event', () => {
  test('keeps its source object and gives numbers beyond 2^53 exactly', () => {
    const builder = new EventBuilder({ flavour: 'MYSQL' });
    const reader = new GtidReader();
    reader.read(one(builder.gtid(UUID, 5n)));
    const { source } = reader;
    reader.read(one(builder.gtid(UUID, 2n ** 63n - 2n)));
    expect(reader.source).toBe(source);
    expect([reader.number, reader.big]).toEqual([BIG, 2n ** 63n - 2n]);
    reader.read(one(builder.gtid('31f00f00-e53e-11f1-a188-02fc00000001', 6n)));
    expect(reader.source).not.toBe(source);
    reader.read(one(builder.gtid(UUID, 7n)));
    expect(reader.source).toBe(source);
    expect(reader.exact).toBe(7n);
  });

  test('with a tag is read as MySQL 9.7 wrote it', () => {
    const body =
      '027600000202666d03e903b10295037c22c503b1020d0304f10300000002' +
      '0404060a6d79746167' +
      '08140a180c7f0a25fb44be6006';
    const builder = new EventBuilder({ flavour: 'MYSQL' });
    const reader = new GtidReader();
    reader.read(one(builder.event(EventType.GTID_TAGGED, Buffer.from(body, 'hex'))));
    expect(gtidText(reader.source, reader.exact)).toBe(`${UUID}:mytag:1`);
  });

  test('is refused when it is cut or damaged, never in another way', () => {
    const builder = new EventBuilder({ flavour: 'MYSQL' });
    const reader = new GtidReader();
    expect(() => reader.read(one(builder.gtid(UUID, 0n)))).toThrow(BinlogEventError);
    for (const type of [EventType.GTID, EventType.GTID_TAGGED, EventType.MARIADB_GTID])
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
          try {
            reader.read(one(builder.event(type, Buffer.from(bytes))));
          } catch (error) {
            expect(error).toBeInstanceOf(BinlogEventError);
          }
        }),
      );
  });
});

describe('what we write', () => {
  test.each([0, 4, 250, 251, 65_535, 65_536, 2 ** 24, 2 ** 32 + 5, 2 ** 53 - 1])(
    'heartbeats tell position %d',
    (position) => {
      for (const withChecksum of [true, false]) {
        const second = buildHeartbeatV2({ file: 'binlog.000007', position }, 9, withChecksum);
        expect(readHeartbeat(one(second, withChecksum))).toEqual({ file: 'binlog.000007', position });
        const first = buildHeartbeat({ file: 'binlog.000007', position }, 9, withChecksum);
        expect(readHeartbeat(one(first, withChecksum)).position).toBe(position % 2 ** 32);
        const rotate = buildArtificialRotate({ file: 'binlog.000007', position }, 9, withChecksum);
        expect(readRotate(one(rotate, withChecksum))).toEqual({ file: 'binlog.000007', position });
        expect(rotate.length).toBe(withChecksum ? 44 : 40);
      }
    },
  );
});
