import { describe, expect, test, vi } from 'vitest';
import { EventScanner } from '../../../src/binlog/protocol/event/event-scanner.js';
import { EventType } from '../../../src/binlog/protocol/event/event-type.js';
import { emptyGtidSet } from '../../../src/binlog/protocol/gtid/gtid-set.js';
import { Ingest, type TransactionSink } from '../../../src/binlog/syncer/ingest.js';
import { SyncerStatus } from '../../../src/binlog/syncer/syncer-status.js';
import { RepeatedTransactionError, SourceRefusedError } from '../../../src/binlog/syncer/source-error.js';
import { EventBuilder } from '../../harness/binlog/events.js';
import { UUIDS } from '../../harness/binlog/history.js';

function created(halfWritten: string | null = null, skips: ReadonlySet<string> = new Set()) {
  const appended: Buffer[] = [];
  const sink: TransactionSink = {
    boundaryOffset: 0,
    setFormat: () => undefined,
    append: (bytes, start, end) => appended.push(Buffer.from(bytes.subarray(start, end))) > 0,
    endTransaction: () => undefined,
  };
  const ingest = new Ingest(sink, 'MYSQL', emptyGtidSet('MYSQL'), { server: UUIDS[0]!, halfWritten, skips });
  const builder = new EventBuilder({ flavour: 'MYSQL' });
  const take = (bytes: Buffer): void => ingest.take(bytes, 0, bytes.length);
  take(builder.format());
  return { ingest, builder, take, appended };
}

describe('what comes from a source', () => {
  test('an incident is refused, with a GTID before it or without', () => {
    for (const hasGtid of [false, true]) {
      const { builder, take, appended } = created();
      if (hasGtid) take(builder.gtid(UUIDS[0]!, 1n));
      const before = appended.length;
      expect(() => take(builder.event(EventType.INCIDENT, Buffer.of(1, 0, 0)))).toThrow(SourceRefusedError);
      expect(appended.length).toBe(before);
    }
  });

  describe('what is to be skipped', () => {
    test.each([true, false])('leaves an empty transaction in its place, checksums: %s', (withChecksums) => {
      const skipped = `${UUIDS[0]}:7`;
      const { ingest, take, appended } = created(null, new Set([skipped]));
      const builder = new EventBuilder({ flavour: 'MYSQL', withChecksums });
      take(builder.format());
      take(builder.gtid(UUIDS[0]!, 7n));
      take(builder.event(EventType.INCIDENT, Buffer.of(1, 0, 0)));
      expect(ingest.transactions).toBe(1);
      const types: number[] = [];
      const scanner = new EventScanner(
        { onEvent: ({ type }) => types.push(type), onBytes: () => undefined, onEventEnd: () => undefined },
        true,
      );
      scanner.push(Buffer.concat(appended));
      expect(types).toEqual([EventType.GTID, EventType.QUERY, EventType.QUERY]);
    });
  });

  test('a transaction that comes twice is not stored twice', () => {
    const { ingest, builder, take, appended } = created();
    take(builder.transaction({ uuid: UUIDS[0]! }, 7n));
    const before = appended.length;
    expect(() => take(builder.transaction({ uuid: UUIDS[0]! }, 7n))).toThrow(RepeatedTransactionError);
    expect(ingest.transactions).toBe(1);
    expect(appended.length).toBe(before);
  });

  test('heartbeats of an idle source count as nothing that came, and as being up to date', () => {
    const { ingest, builder, take } = created();
    take(builder.transaction({ uuid: UUIDS[0]! }, 7n));
    const before = [ingest.events, ingest.bytes];
    const status = new SyncerStatus();
    status.change('RUNNING');
    status.ingest = ingest;
    status.measure();
    take(builder.event(EventType.HEARTBEAT, Buffer.from('source.000001')));
    status.measure();
    expect([ingest.events, ingest.bytes]).toEqual(before);
    expect(status.secondsBehindSource).toBe(0);
  });

  test('a transaction without checksums is stored with the ones that it would have had, wherever it is cut', () => {
    const plain = new EventBuilder({ flavour: 'MYSQL', withChecksums: false });
    const stream = Buffer.concat([plain.format(), plain.transaction({ uuid: UUIDS[0]! }, 1n)]);
    const stored = (cut: number): Buffer => {
      const appended: Buffer[] = [];
      const formats: Buffer[] = [];
      const sink: TransactionSink = {
        boundaryOffset: 0,
        setFormat: (format) => formats.push(format),
        append: (bytes, start, end) => appended.push(Buffer.from(bytes.subarray(start, end))) > 0,
        endTransaction: () => undefined,
      };
      const ingest = new Ingest(sink, 'MYSQL', emptyGtidSet('MYSQL'), { server: UUIDS[0]! });
      ingest.take(stream, 0, cut);
      ingest.take(stream, cut, stream.length);
      expect(ingest.transactions).toBe(1);
      return Buffer.concat([...formats, ...appended]);
    };
    const whole = stored(stream.length);
    const events: number[] = [];
    const scanner = new EventScanner(
      {
        onEvent: ({ type, withChecksums }) => {
          expect(withChecksums).toBe(true);
          events.push(type);
        },
        onBytes: () => undefined,
        onEventEnd: () => undefined,
      },
      false,
    );
    scanner.push(whole);
    expect(scanner.isBetweenEvents).toBe(true);
    expect(events.slice(0, 3)).toEqual([EventType.FORMAT_DESCRIPTION, EventType.GTID, EventType.QUERY]);
    for (let cut = 0; cut < stream.length; cut++) expect(stored(cut).equals(whole)).toBe(true);
  });

  test('one that came in time leaves nobody behind, however long nothing comes then', () => {
    vi.useFakeTimers({ now: 1_700_000_000_000, toFake: ['Date'] });
    try {
      const { ingest, builder, take } = created();
      const status = new SyncerStatus();
      status.change('RUNNING');
      status.ingest = ingest;
      status.measure();
      const event = builder.transaction({ uuid: UUIDS[0]! }, 7n);
      take(event);
      status.measure();
      const behind = status.secondsBehindSource!;
      vi.setSystemTime(1_700_000_004_000);
      expect(status.secondsBehindSource).toBe(behind);
    } finally {
      vi.useRealTimers();
    }
  });

  describe('a transaction without an end, where the source was killed', () => {
    const gtid = `${UUIDS[0]}:3`;
    const half = (builder: EventBuilder): Buffer =>
      Buffer.concat([builder.gtid(UUIDS[0]!, 3n), builder.query('BEGIN')]);

    test('ends the connection the first time, with its name', () => {
      const { builder, take } = created();
      take(half(builder));
      expect(() => take(builder.format(1))).toThrow(expect.objectContaining({ gtid }) as Error);
    });

    test('is left out the second time, and what comes behind it is stored, the same number included', () => {
      const { ingest, builder, take, appended } = created(gtid);
      take(builder.transaction({ uuid: UUIDS[0]! }, 2n));
      take(half(builder));
      const before = appended.length;
      take(builder.format(1));
      expect(appended.length).toBe(before);
      const next = builder.transaction({ uuid: UUIDS[0]! }, 3n);
      take(next);
      expect(Buffer.concat(appended.slice(before)).equals(next)).toBe(true);
      expect(ingest.transactions).toBe(2);
    });

    test('is not stored in part when it comes whole after all', () => {
      const { ingest, builder, take, appended } = created(gtid);
      expect(() => take(builder.transaction({ uuid: UUIDS[0]! }, 3n))).toThrow('whole after all');
      expect([ingest.transactions, appended]).toEqual([0, []]);
    });
  });
});
