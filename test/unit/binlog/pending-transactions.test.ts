import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PendingTransactions } from '../../../src/binlog/journal/pending-transactions.js';
import { addGtid, BIG, gtidText } from '../../../src/binlog/protocol/gtid/gtid-run.js';
import { MysqlGtidSet } from '../../../src/binlog/protocol/gtid/mysql-gtid-set.js';

const SOURCES = [
  { uuid: '31f00f00-e53e-11f1-a188-02fc00000001', tag: '' },
  { uuid: '33dbfaac-e53e-11f1-acc3-02fc00000001', tag: 'mytag' },
];

/** Some numbers are beyond what a double holds. */
const OFFSETS = [0n, 2n ** 60n];

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      source: fc.nat(1),
      gap: fc.nat(2),
      big: fc.nat(1),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), share: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const), share: fc.nat(100) }) },
);

describe('transactions that are not yet committed', () => {
  test('are as a list of them, whichever boundary is asked for', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const pending = new PendingTransactions(100, new MysqlGtidSet());
        let model: { end: number; source: number; number: bigint }[] = [];
        const passed: typeof model = [];
        const next = [1n, 1n];
        let end = 100;
        const setOf = (all: typeof model): string => {
          const set = new MysqlGtidSet();
          for (const { source, number } of all) addGtid(set, SOURCES[source]!, number);
          return String(set);
        };
        for (const each of steps) {
          if (each.do === 'push') {
            next[each.source]! += BigInt(each.gap) + 1n;
            const number = next[each.source]! + OFFSETS[each.big]!;
            end += 10;
            model.push({ end, source: each.source, number });
            const isBig = each.big === 1;
            pending.push(end, SOURCES[each.source]!, isBig ? BIG : Number(number), isBig ? number : 0n, 7);
            continue;
          }
          const chosen = model[Math.floor((each.share / 101) * model.length)];
          if (!chosen) continue;
          if (each.do === 'cut') {
            pending.cut(chosen.end);
            model = model.filter((other) => other.end <= chosen.end);
          } else {
            passed.push(...model.filter((other) => other.end <= chosen.end));
            model = model.filter((other) => other.end > chosen.end);
            pending.advance(chosen.end);
            expect(pending.lastGtid).toBe(gtidText(SOURCES[chosen.source]!, chosen.number));
          }
        }
        expect(String(pending.baseSet)).toBe(setOf(passed));
        for (const [i, { end: boundary }] of model.entries()) {
          expect(String(pending.setAt(boundary))).toBe(setOf([...passed, ...model.slice(0, i + 1)]));
          expect(pending.isBoundary(boundary)).toBe(true);
          expect(pending.isBoundary(boundary + 1)).toBe(false);
        }
        expect(pending.isBoundary(pending.base)).toBe(true);
        const seen: number[] = [];
        pending.forEach(pending.base, Infinity, (boundary) => seen.push(boundary));
        expect(seen).toEqual(model.map((each) => each.end));
      }),
    );
  });

  test('are many without becoming wrong', () => {
    const pending = new PendingTransactions(0, new MysqlGtidSet());
    for (let i = 1; i <= 50_000; i++) {
      pending.push(i * 3, SOURCES[0]!, i, 0n, 0);
      if (i % 7 === 0) pending.advance((i - 3) * 3);
    }
    expect(String(pending.setAt(150_000))).toBe(`${SOURCES[0]!.uuid}:1-50000`);
    expect(pending.isFull).toBe(false);
  });
});
