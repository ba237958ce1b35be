import { describe, expect, test } from 'vitest';
import { EventType } from '../../../src/binlog/protocol/event/event-type.js';
import { emptyGtidSet } from '../../../src/binlog/protocol/gtid/gtid-set.js';
import { Ingest, type TransactionSink } from '../../../src/binlog/syncer/ingest.js';
import { SyncerStatus } from '../../../src/binlog/syncer/syncer-status.js';
import { SourceRefusedError, SourceUnavailableError } from '../../../src/binlog/syncer/source-error.js';
import { EventBuilder } from '../../support/binlog/events.js';
import { UUIDS } from '../../support/binlog/history.js';

function created(withChecksums = true, halfWritten: string | null = null) {
  const appended: Buffer[] = [];
  const sink: TransactionSink = {
    boundaryOffset: 0,
    setFormat: () => undefined,
    append: (bytes, start, end) => appended.push(Buffer.from(bytes.subarray(start, end))) > 0,
    endTransaction: () => undefined,
  };
  const ingest = new Ingest(sink, 'MYSQL', emptyGtidSet('MYSQL'), halfWritten);
  const builder = new EventBuilder({ flavour: 'MYSQL', withChecksums });
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

  test('a transaction that comes twice is not stored twice', () => {
    const { ingest, builder, take, appended } = created();
    take(builder.transaction({ uuid: UUIDS[0]! }, 7n));
    const before = appended.length;
    expect(() => take(builder.transaction({ uuid: UUIDS[0]! }, 7n))).toThrow(SourceUnavailableError);
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

  test('a file without checksums is passed over, and a transaction in it is refused', () => {
    const { builder, take, appended } = created(false);
    expect(() => take(builder.transaction({ uuid: UUIDS[0]! }, 1n))).toThrow(/has no checksums/);
    expect(appended).toEqual([]);
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
      const { ingest, builder, take, appended } = created(true, gtid);
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
      const { ingest, builder, take, appended } = created(true, gtid);
      expect(() => take(builder.transaction({ uuid: UUIDS[0]! }, 3n))).toThrow('whole after all');
      expect([ingest.transactions, appended]).toEqual([0, []]);
    });
  });
});
