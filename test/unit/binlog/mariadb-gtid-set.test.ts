import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GtidSetError } from '../../../src/binlog/protocol/gtid/gtid-set-error.js';
import { unionOf } from '../../../src/binlog/protocol/gtid/gtid-set.js';
import {
  decodeMariadbGtidSet,
  encodeMariadbGtidSet,
  MariadbGtidSet,
} from '../../../src/binlog/protocol/gtid/mariadb-gtid-set.js';
import { MysqlGtidSet } from '../../../src/binlog/protocol/gtid/mysql-gtid-set.js';

interface Written {
  readonly domain: number;
  readonly server: number;
}

/** What was written, in order: numbers rise within a domain, as the servers number. */
const history = fc.array(
  fc.record({ domain: fc.integer({ min: 0, max: 2 }), server: fc.integer({ min: 1, max: 3 }) }),
  { maxLength: 30 },
);

/** The state is kept as a list of all transactions: slow, and hard to get wrong. */
function log(written: readonly Written[]): (Written & { sequence: number })[] {
  const next = new Map<number, number>();
  return written.map(({ domain, server }) => {
    const sequence = (next.get(domain) ?? 0) + 1;
    next.set(domain, sequence);
    return { domain, server, sequence };
  });
}

function stateOf(transactions: readonly (Written & { sequence: number })[]): MariadbGtidSet {
  const set = new MariadbGtidSet();
  for (const { domain, server, sequence } of transactions) set.update(domain, server, BigInt(sequence));
  return set;
}

describe('a state of MariaDB GTIDs', () => {
  test('holds the last number of each server, and the last server of each domain', () => {
    fc.assert(
      fc.property(history, (written) => {
        const transactions = log(written);
        const state = stateOf(transactions);
        for (const domain of [0, 1, 2]) {
          const own = transactions.filter((each) => each.domain === domain);
          for (const server of [1, 2, 3]) {
            const last = own.findLast((each) => each.server === server)?.sequence;
            expect(state.last(domain, server)).toBe(last === undefined ? undefined : BigInt(last));
          }
          const newest = own.at(-1);
          const position = state
            .position()
            .entries()
            .filter((each) => each.domain === domain);
          expect(position.map(({ sequence }) => Number(sequence))).toEqual(newest ? [newest.sequence] : []);
          expect(position.map(({ server }) => server)).toEqual(newest ? [newest.server] : []);
        }
        expect(state.isEmpty).toBe(written.length === 0);
      }),
    );
  });

  test('contains what it has reached, and a difference is what was reached since', () => {
    fc.assert(
      fc.property(history, fc.nat(), (written, cut) => {
        const transactions = log(written);
        const before = stateOf(transactions.slice(0, cut % (written.length + 1)));
        const after = stateOf(transactions);
        const since = transactions.slice(cut % (written.length + 1));
        expect(after.contains(before)).toBe(true);
        expect(before.contains(after)).toBe(since.length === 0);
        expect(before.equals(after)).toBe(since.length === 0);
        for (const each of transactions)
          expect(before.has({ ...each, sequence: BigInt(each.sequence) })).toBe(
            transactions.some(
              (other) =>
                !since.includes(other) &&
                other.domain === each.domain &&
                other.server === each.server &&
                other.sequence >= each.sequence,
            ),
          );
        expect(String(after.subtract(before))).toBe(String(stateOf(since)));
        expect(String(before.union(stateOf(since)))).toBe(String(after));
        expect(before.union(before).equals(before)).toBe(true);
        expect(after.subtract(after).isEmpty).toBe(true);
      }),
    );
  });

  test('is reached by a slave that has executed everything before it, and by no other', () => {
    fc.assert(
      fc.property(history, fc.nat(), fc.nat(), (written, at, cut) => {
        const transactions = log(written);
        const [slave, state] = [at % (written.length + 1), cut % (written.length + 1)];
        const position = stateOf(transactions.slice(0, slave)).position();
        const isBehind = transactions.slice(slave, state).length > 0;
        expect(stateOf(transactions.slice(0, state)).isReachedBy(position)).toBe(!isBehind);
      }),
    );
  });

  test('is the same after printing and parsing, encoding and decoding, and copying', () => {
    fc.assert(
      fc.property(history, (written) => {
        const state = stateOf(log(written));
        for (const same of [
          MariadbGtidSet.parse(String(state)),
          decodeMariadbGtidSet(encodeMariadbGtidSet(state)),
          state.clone(),
        ]) {
          expect(same.equals(state)).toBe(true);
          expect(String(same)).toBe(String(state));
        }
      }),
    );
  });

  test('differs when another server wrote last', () => {
    const [a, b] = [MariadbGtidSet.parse('0-1-5,0-2-7'), MariadbGtidSet.parse('0-2-7,0-1-5')];
    expect(a.contains(b) && b.contains(a)).toBe(true);
    expect(a.equals(b)).toBe(false);
  });

  test('is read as servers and people write it', () => {
    expect(String(MariadbGtidSet.parse(' 1-2-3 ,\n0-1001-6'))).toBe('0-1001-6,1-2-3');
    expect(MariadbGtidSet.parse(' \n').isEmpty).toBe(true);
    const largest = '4294967295-4294967295-18446744073709551615';
    expect(String(MariadbGtidSet.parse(largest))).toBe(largest);
  });

  test.each([
    'nonsense',
    '0-1',
    '0-1-2-3',
    '0-1-x',
    '-1-1-1',
    '0-1-1,',
    '4294967296-1-1',
    '0-4294967296-1',
    '0-1-18446744073709551616',
    '0-1-5,0-1-6',
    '31f00f00-e53e-11f1-a188-02fc00000001:1-8',
  ])('says what is wrong with %s', (text) => {
    expect(() => MariadbGtidSet.parse(text)).toThrow(GtidSetError);
    expect(() => MariadbGtidSet.parse(text)).toThrow(/is no set of GTIDs: .+\.$/);
  });

  test('does not mix with the other flavour', () => {
    expect(() => unionOf(new MariadbGtidSet(), new MysqlGtidSet())).toThrow(GtidSetError);
    expect(() => unionOf(new MysqlGtidSet(), new MariadbGtidSet())).toThrow(GtidSetError);
  });
});

describe('the body of a GTID_LIST', () => {
  test('is that of MariaDB 10.11', () => {
    const bytes = Buffer.from('0100000000000000e90300000600000000000000', 'hex');
    expect(String(decodeMariadbGtidSet(bytes))).toBe('0-1001-6');
    expect(encodeMariadbGtidSet(MariadbGtidSet.parse('0-1001-6'))).toEqual(bytes);
  });

  test('is read without the flags in its count', () => {
    const bytes = encodeMariadbGtidSet(MariadbGtidSet.parse('0-1001-6'));
    bytes[3] = 0x10;
    expect(String(decodeMariadbGtidSet(bytes))).toBe('0-1001-6');
  });

  test('is refused when it is cut or has more behind it', () => {
    const bytes = encodeMariadbGtidSet(MariadbGtidSet.parse('0-1-6,1-1-7'));
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeMariadbGtidSet(bytes.subarray(0, length))).toThrow(GtidSetError);
    expect(() => decodeMariadbGtidSet(Buffer.concat([bytes, Buffer.alloc(1)]))).toThrow(GtidSetError);
  });
});
