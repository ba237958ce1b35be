import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventType } from '../../../src/binlog/protocol/event/event-type.js';
import { MariadbGtidFlag } from '../../../src/binlog/protocol/event/gtid-event.js';
import type { Flavour } from '../../../src/binlog/protocol/gtid/gtid-set.js';
import { readInPieces } from '../../harness/checkers/binlog/cut-reads.js';
import { EventBuilder } from '../../harness/binlog/events.js';
import { fixtureEvents } from '../../harness/binlog/fixture.js';

const UUID = '33dbfaac-e53e-11f1-acc3-02fc00000001';
/** As long as the field for their length allows. */
const MAX_VARIABLES = 0xffff;
const LONGEST_DB = 'd'.repeat(255);

const mysql = new EventBuilder({ flavour: 'MYSQL' });
const mariadb = new EventBuilder({ flavour: 'MARIADB' });
const gtid = mysql.gtid(UUID, 7n);
const bare = (type: number, length: number): Buffer => mysql.event(type, Buffer.alloc(length, 1));
const longHead = (statement: string): Buffer => mysql.query(statement, LONGEST_DB, 2500);
const group = (flags: number): Buffer => mariadb.mariadbGtid(0, 1, 7n, flags);

/** Transactions in which what tells of them stands far behind in an event, or the event is long. */
const LONG: readonly (readonly [string, Flavour, readonly Buffer[]])[] = [
  ['a statement', 'MYSQL', [gtid, longHead('DROP TABLE t')]],
  ['BEGIN and COMMIT', 'MYSQL', [gtid, longHead('BEGIN'), bare(EventType.TABLE_MAP, 40), longHead('COMMIT')]],
  ['ROLLBACK TO', 'MYSQL', [gtid, longHead('BEGIN'), longHead('ROLLBACK TO `a`'), mysql.xid()]],
  ['XA COMMIT', 'MYSQL', [gtid, longHead("XA COMMIT X'61',X'',1")]],
  ['XA ROLLBACK', 'MYSQL', [gtid, longHead("XA ROLLBACK X'61',X'',1")]],
  [
    'XA START',
    'MYSQL',
    [gtid, longHead("XA START X'61',X'',1"), longHead('XA END'), bare(EventType.XA_PREPARE, 9)],
  ],
  ['a payload', 'MYSQL', [gtid, bare(EventType.TRANSACTION_PAYLOAD, 3000)]],
  [
    'a variable',
    'MYSQL',
    [gtid, mysql.query('BEGIN'), bare(EventType.USER_VAR, 3000), longHead('SELECT 1'), mysql.xid()],
  ],
  ['an incident', 'MYSQL', [bare(EventType.INCIDENT, 3000), gtid, bare(EventType.INCIDENT, 3000)]],
  ['the head of a file', 'MYSQL', [mysql.format(), bare(EventType.PREVIOUS_GTIDS, 3000)]],
  ['the end of a file', 'MYSQL', [bare(EventType.ROTATE, 400), bare(EventType.STOP, 0)]],
  ['a group', 'MARIADB', [group(MariadbGtidFlag.TRANSACTIONAL), longHead('SAVEPOINT a'), longHead('COMMIT')]],
  ['one statement', 'MARIADB', [group(MariadbGtidFlag.STANDALONE), longHead('DROP TABLE t')]],
  ['the head of a file', 'MARIADB', [mariadb.format(), bare(EventType.GTID_LIST, 3000)]],
];

describe('events that are cut between two reads', () => {
  test.each(LONG)('%s of %s is understood wherever the cut is', (_, flavour, events) => {
    const bytes = Buffer.concat(events);
    const whole = readInPieces(flavour, bytes, []);
    for (let cut = 1; cut < bytes.length; cut++) expect(readInPieces(flavour, bytes, [cut])).toEqual(whole);
    expect(
      readInPieces(
        flavour,
        bytes,
        Array.from({ length: bytes.length }, (__, i) => i),
      ),
    ).toEqual(whole);
  });

  test.each([
    ['mariadb-10.11', 'MARIADB', true],
    ['mysql-5.6', 'MYSQL', true],
    ['mysql-9.7', 'MYSQL', true],
    ['mysql-9.7-payload', 'MYSQL', true],
    ['mysql-9.7-tagged', 'MYSQL', false],
  ] as const)('what %s sent is understood wherever the cut is', (name, flavour, hasChecksums) => {
    const bytes = Buffer.concat(fixtureEvents(name));
    const whole = readInPieces(flavour, bytes, [], hasChecksums);
    for (let cut = 1; cut < bytes.length; cut++)
      expect(readInPieces(flavour, bytes, [cut], hasChecksums)).toEqual(whole);
  });

  test('the longest heads that the format allows are understood in pieces of any size', () => {
    const bytes = Buffer.concat([
      gtid,
      mysql.query('BEGIN', LONGEST_DB, MAX_VARIABLES),
      mysql.query(`DELETE FROM t WHERE a = '${'x'.repeat(5000)}'`, LONGEST_DB, MAX_VARIABLES),
      mysql.query('ROLLBACK', LONGEST_DB, MAX_VARIABLES),
    ]);
    const whole = readInPieces('MYSQL', bytes, []);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 40 }), (cuts) => {
        expect(
          readInPieces(
            'MYSQL',
            bytes,
            [...cuts].sort((a, b) => a - b),
          ),
        ).toEqual(whole);
      }),
    );
  });
});
