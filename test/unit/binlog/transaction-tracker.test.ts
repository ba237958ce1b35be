import { describe, expect, test } from 'vitest';
import { BinlogEventError } from '../../../src/binlog/protocol/event/event-error.js';
import { EventType } from '../../../src/binlog/protocol/event/event-type.js';
import { MariadbGtidFlag } from '../../../src/binlog/protocol/event/gtid-event.js';
import { TransactionTracker, type Part } from '../../../src/binlog/protocol/event/transaction-tracker.js';
import type { Flavour } from '../../../src/binlog/protocol/gtid/gtid-set.js';
import { EventBuilder, scanAll, scanFixture, type ScannedEvent } from '../../harness/binlog/events.js';

const UUID = '33dbfaac-e53e-11f1-acc3-02fc00000001';
const SIGNS: Record<Part, string> = { 0: '.', 1: '<', 2: '-', 3: '>' };

const mysql = new EventBuilder({ flavour: 'MYSQL' });
const mariadb = new EventBuilder({ flavour: 'MARIADB' });

const gtid = mysql.gtid(UUID, 1n);
const begin = mysql.query('BEGIN');
const commit = mysql.query('COMMIT');
const insert = mysql.query('INSERT INTO t VALUES (1)');
const xid = mysql.xid();
const rows = mysql.rows(10);
const table = mysql.event(EventType.TABLE_MAP, Buffer.alloc(20));
const bare = (type: number): Buffer => mysql.event(type, Buffer.alloc(8));
const group = (flags: number): Buffer => mariadb.mariadbGtid(0, 1, 7n, flags);
const { STANDALONE, TRANSACTIONAL, DDL, PREPARED_XA, COMPLETED_XA } = MariadbGtidFlag;

/** One sign per event: outside, begins, inside, ends. */
function track(flavour: Flavour, events: readonly Buffer[]): string {
  return trackScanned(flavour, scanAll(Buffer.concat(events)));
}

function trackScanned(flavour: Flavour, events: readonly ScannedEvent[]): string {
  const tracker = new TransactionTracker(flavour);
  return events.map((event) => SIGNS[tracker.next(event)]).join('');
}

describe('transactions of MySQL', () => {
  test.each([
    ['rows', [gtid, begin, table, rows, xid], '<--->'],
    ['rows of MyISAM', [gtid, begin, table, rows, commit], '<--->'],
    ['a rollback', [gtid, begin, insert, mysql.query('ROLLBACK')], '<-->'],
    ['a savepoint', [gtid, begin, mysql.query('SAVEPOINT a'), mysql.query('ROLLBACK TO `a`'), xid], '<--->'],
    ['an empty one', [gtid, begin, commit], '<->'],
    ['an empty one without BEGIN', [gtid, commit], '<>'],
    ['one statement', [gtid, mysql.query('CREATE TABLE t (a INT)')], '<>'],
    ['a statement that begins like another', [gtid, mysql.query('BEGINNING')], '<>'],
    ['a statement with variables', [gtid, bare(EventType.INTVAR), bare(EventType.RAND), insert], '<-->'],
    ['statements in a transaction', [gtid, begin, bare(EventType.USER_VAR), insert, insert, xid], '<---->'],
    [
      'LOAD DATA',
      [
        gtid,
        begin,
        bare(EventType.BEGIN_LOAD_QUERY),
        bare(EventType.APPEND_BLOCK),
        bare(EventType.EXECUTE_LOAD_QUERY),
        xid,
      ],
      '<---->',
    ],
    [
      'XA up to PREPARE',
      [
        gtid,
        mysql.query("XA START X'61',X'',1"),
        table,
        rows,
        mysql.query("XA END X'61',X'',1"),
        bare(EventType.XA_PREPARE),
      ],
      '<---->',
    ],
    ['XA COMMIT', [gtid, mysql.query("XA COMMIT X'61',X'',1")], '<>'],
    ['XA ROLLBACK', [gtid, mysql.query("XA ROLLBACK X'61',X'',1")], '<>'],
    ['a compressed one', [gtid, bare(EventType.TRANSACTION_PAYLOAD)], '<>'],
    ['a change of view', [gtid, begin, bare(EventType.VIEW_CHANGE), commit], '<-->'],
    ['partial updates', [gtid, begin, table, bare(EventType.PARTIAL_UPDATE_ROWS), xid], '<--->'],
    [
      'what stands between',
      [bare(EventType.STOP), gtid, begin, bare(EventType.HEARTBEAT), xid, bare(EventType.ROTATE)],
      '.<-.>.',
    ],
    [
      'unknown types that may be ignored',
      [mysql.event(99, Buffer.alloc(1), 0x80), gtid, mysql.event(99, Buffer.alloc(1), 0x80), begin, xid],
      '.<-->',
    ],
  ])('%s', (_, events, expected) => {
    expect(track('MYSQL', [...events, ...events])).toBe(expected + expected);
  });

  test.each([
    ['rows without a GTID', [table], 'A TABLE_MAP event stands outside of a transaction: no GTID'],
    ['a statement without a GTID', [insert], 'A QUERY event stands outside of a transaction'],
    ['rows without BEGIN', [gtid, rows], `A WRITE_ROWS event stands in ${UUID}:1: no BEGIN`],
    ['an XID without BEGIN', [gtid, xid], 'no BEGIN'],
    ['a second BEGIN', [gtid, begin, begin], 'has begun already'],
    ['a GTID in a transaction', [gtid, begin, gtid], 'has not ended'],
    ['two GTIDs', [gtid, gtid], 'has not ended'],
    ['the end of the file', [gtid, begin, bare(EventType.STOP)], `A STOP event stands in ${UUID}:1`],
    ['an anonymous transaction', [bare(EventType.ANONYMOUS_GTID)], 'GTID mode must be ON'],
    ['an unknown type', [bare(99)], 'A type 99 event'],
    ['a transaction of MariaDB', [group(0)], 'the journal is of a MYSQL source'],
  ])('are refused: %s', (_, events, message) => {
    expect(() => track('MYSQL', events)).toThrow(BinlogEventError);
    expect(() => track('MYSQL', events)).toThrow(message);
  });
});

describe('transactions of MariaDB', () => {
  const alter = STANDALONE | DDL;
  test.each([
    [
      'rows',
      [
        group(TRANSACTIONAL),
        bare(EventType.ANNOTATE_ROWS),
        table,
        mariadb.event(EventType.WRITE_ROWS_V1, Buffer.alloc(9)),
        xid,
      ],
      '<--->',
    ],
    [
      'compressed rows',
      [
        group(TRANSACTIONAL),
        table,
        bare(EventType.WRITE_ROWS_COMPRESSED_V1),
        bare(EventType.QUERY_COMPRESSED),
        xid,
      ],
      '<--->',
    ],
    ['rows of MyISAM', [group(0), table, rows, commit], '<-->'],
    ['a rollback', [group(0), insert, mysql.query('ROLLBACK')], '<->'],
    [
      'a savepoint',
      [group(TRANSACTIONAL), mysql.query('SAVEPOINT a'), mysql.query('ROLLBACK TO `a`'), xid],
      '<-->',
    ],
    ['DDL', [group(alter), mysql.query('CREATE TABLE t (a INT)')], '<>'],
    ['compressed DDL', [group(alter), bare(EventType.QUERY_COMPRESSED)], '<>'],
    [
      'CREATE TABLE ... SELECT',
      [group(TRANSACTIONAL | DDL), mysql.query('CREATE TABLE t'), table, rows, xid],
      '<--->',
    ],
    [
      'a statement with variables',
      [group(STANDALONE), bare(EventType.INTVAR), bare(EventType.USER_VAR), insert],
      '<-->',
    ],
    ['START ALTER and its end', [group(alter), insert, group(alter), insert], '<><>'],
    [
      'XA up to PREPARE',
      [
        group(TRANSACTIONAL | PREPARED_XA),
        table,
        rows,
        mysql.query("XA END X'61',X'',1"),
        bare(EventType.XA_PREPARE),
      ],
      '<--->',
    ],
    ['XA COMMIT', [group(TRANSACTIONAL | COMPLETED_XA), mysql.query("XA COMMIT X'61',X'',1")], '<>'],
    [
      'what stands between',
      [
        bare(EventType.BINLOG_CHECKPOINT),
        group(0),
        mariadb.event(EventType.GTID_LIST, Buffer.alloc(4), 0x20),
        commit,
      ],
      '.<.>',
    ],
  ])('%s', (_, events, expected) => {
    expect(track('MARIADB', [...events, ...events])).toBe(expected + expected);
  });

  test.each([
    ['a checkpoint in a transaction', [group(0), bare(EventType.BINLOG_CHECKPOINT)], 'in 0-1-7'],
    ['a group in another', [group(0), group(0)], 'has not ended'],
    ['a transaction of MySQL', [gtid], 'the journal is of a MARIADB source'],
  ])('are refused: %s', (_, events, message) => {
    expect(() => track('MARIADB', events)).toThrow(message);
  });
});

describe('what real servers sent', () => {
  test.each([
    ['mysql-5.6', 'MYSQL'],
    ['mysql-9.7', 'MYSQL'],
    ['mysql-9.7-payload', 'MYSQL'],
    ['mysql-9.7-tagged', 'MYSQL'],
    ['mariadb-10.11', 'MARIADB'],
  ] as const)('%s is whole transactions', (name, flavour) => {
    const signs = trackScanned(flavour, scanFixture(name));
    expect(signs).toMatch(/^(\.|<-*>)+$/);
    expect(signs).toContain('<');
  });

  test('a tracker that was reset takes the transaction from its start', () => {
    const tracker = new TransactionTracker('MYSQL');
    const [first, second] = scanAll(Buffer.concat([gtid, begin]));
    tracker.next(first!);
    expect(tracker.isInTransaction).toBe(true);
    tracker.reset();
    expect(tracker.isInTransaction).toBe(false);
    tracker.next(first!);
    tracker.next(second!);
    expect(tracker.gtidText).toBe(`${UUID}:1`);
  });
});
