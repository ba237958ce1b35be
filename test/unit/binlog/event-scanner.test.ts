import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BinlogEventError } from '../../../src/binlog/protocol/event/event-error.js';
import { EventScanner } from '../../../src/binlog/protocol/event/event-scanner.js';
import { EventType } from '../../../src/binlog/protocol/event/event-type.js';
import { EventBuilder, scanAll, type ScannedEvent } from '../../harness/binlog/events.js';
import { fixtureEvents } from '../../harness/binlog/fixture.js';

const UUID = '33dbfaac-e53e-11f1-acc3-02fc00000001';

function sample(withChecksums = true): Buffer[] {
  const builder = new EventBuilder({ flavour: 'MYSQL', withChecksums });
  return [
    builder.format(),
    builder.gtid(UUID, 1n),
    builder.query('BEGIN'),
    builder.rows(0),
    builder.rows(2048),
    builder.rows(2049),
    builder.event(EventType.PREVIOUS_GTIDS, Buffer.alloc(5000, 3)),
    builder.rows(20_000),
    builder.query(`INSERT ${'x'.repeat(6000)}`),
    builder.xid(),
  ];
}

function summaryOf({
  type,
  timestamp,
  serverId,
  size,
  logPos,
  flags,
  bodyLength,
  offset,
  raw,
}: ScannedEvent): string {
  return [type, timestamp, serverId, size, logPos, flags, bodyLength, offset, crc32(raw)].join(' ');
}

const ignore = { onEvent: () => {}, onBytes: () => {}, onEventEnd: () => {} };

describe('a scanner', () => {
  test.each([true, false])('finds the same events however the stream is cut (checksums: %s)', (checksums) => {
    const events = sample(checksums);
    const stream = Buffer.concat(events);
    const whole = scanAll(stream, checksums);
    const summary = whole.map(summaryOf);
    expect(whole.map(({ raw }) => crc32(raw))).toEqual(events.map((event) => crc32(event)));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 60 }), (pieces) => {
        const cut = scanAll(stream, checksums, pieces);
        expect(cut.map(summaryOf)).toEqual(summary);
        cut.forEach(({ bytes }, i) => {
          // Of a large event at least the beginning is known.
          expect(bytes.length).toBeGreaterThanOrEqual(Math.min(whole[i]!.bodyLength, 2048));
          expect(whole[i]!.bytes.subarray(0, bytes.length).equals(bytes)).toBe(true);
        });
      }),
    );
  });

  test('finds the same events when every byte comes alone', () => {
    for (const name of ['mysql-9.7', 'mariadb-10.11']) {
      const events = fixtureEvents(name);
      const stream = Buffer.concat(events);
      const pieces = new Array<number>(stream.length).fill(1);
      expect(scanAll(stream, true, pieces).map(({ raw }) => raw)).toEqual(events);
    }
  });

  test('notices every flipped bit, whole or in pieces', () => {
    const events = sample();
    const stream = Buffer.concat(events);
    fc.assert(
      fc.property(
        fc.nat(stream.length - 1),
        fc.nat(7),
        fc.integer({ min: 1, max: 9000 }),
        (at, bit, size) => {
          const damaged = Buffer.from(stream);
          damaged[at] = damaged[at]! ^ (1 << bit);
          // The FDE's own IN_USE flag is not counted.
          if (at === 17 && bit === 0) return;
          const pieces = new Array<number>(Math.ceil(stream.length / size)).fill(size);
          const good: Buffer[] = [];
          try {
            good.push(...scanAll(damaged, true, pieces).map(({ raw }) => raw));
          } catch (error) {
            expect(error).toBeInstanceOf(BinlogEventError);
            return;
          }
          // A larger size makes it wait for the rest; no damaged event has ended.
          expect(good.length).toBeLessThan(events.length);
          good.forEach((event, i) => expect(event.equals(events[i]!)).toBe(true));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('names the event, its offset and what is wrong', () => {
    const [format, gtid, begin] = sample() as [Buffer, Buffer, Buffer];
    begin[30]! ^= 1;
    const stream = Buffer.concat([format, gtid, begin]);
    const offset = 1000 + format.length + gtid.length;
    const scanner = new EventScanner(ignore, true, 1000);
    expect(() => scanner.push(stream)).toThrow(
      `The QUERY event at byte ${offset} has a checksum that does not belong to its bytes.`,
    );
    const short = Buffer.alloc(19);
    short[9] = 18;
    expect(() => new EventScanner(ignore, false).push(short)).toThrow(/has a size of 18 bytes/);
    const huge = Buffer.alloc(19);
    huge[4] = EventType.ROTATE;
    huge.writeUInt32LE(2 ** 31, 9);
    expect(() => new EventScanner(ignore, true).push(huge)).toThrow(/are plausible/);
  });

  test('passes an event of 200 MB on in pieces, and keeps none of it', () => {
    const builder = new EventBuilder({ flavour: 'MYSQL' });
    const event = builder.rows(200 * 1024 * 1024);
    let [bytes, ends] = [0, 0];
    const scanner = new EventScanner(
      {
        onEvent: ({ bytes: known }) => expect(known.length).toBeLessThan(4096),
        onBytes: (_, start, end) => void (bytes += end - start),
        onEventEnd: () => void ends++,
      },
      true,
    );
    for (let at = 0; at < event.length; at += 65_536)
      scanner.push(event, at, Math.min(event.length, at + 65_536));
    expect([bytes, ends]).toEqual([event.length, 1]);
  });

  test('never fails in another way, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, checksums) => {
        try {
          scanAll(Buffer.from(bytes), checksums);
        } catch (error) {
          expect(error).toBeInstanceOf(BinlogEventError);
        }
      }),
    );
  });
});
