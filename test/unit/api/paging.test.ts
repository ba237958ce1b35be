import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { takePage, type PageArguments } from '../../../src/api/paging.js';

type Order = 'ascending' | 'descending';

interface Numbered {
  readonly number: bigint;
}

function pageOf(numbers: readonly bigint[], order: Order, page: PageArguments) {
  const items = { items: numbers, revisionOf: (number: bigint) => number, order };
  const { nodes, ...rest } = takePage<bigint, Numbered>(items, page, (number) => ({ number }));
  expect(rest.edges).toEqual(nodes.map(({ number }) => ({ cursor: String(number), node: { number } })));
  return { ...rest, numbers: nodes.map(({ number }) => number) };
}

/** From the head with `first` and `after`, or from the end with `last` and `before`. */
function walk(list: readonly bigint[], size: number, order: Order, isBackward: boolean): bigint[] {
  let seen: bigint[] = [];
  for (let cursor: string | null = null, isMore = true; isMore;) {
    const at: PageArguments = isBackward ? { last: size, before: cursor } : { first: size, after: cursor };
    const { numbers, pageInfo } = pageOf(list, order, at);
    expect(isBackward ? pageInfo.hasNextPage : pageInfo.hasPreviousPage).toBe(seen.length > 0);
    seen = isBackward ? [...numbers, ...seen] : [...seen, ...numbers];
    isMore = isBackward ? pageInfo.hasPreviousPage : pageInfo.hasNextPage;
    cursor = isBackward ? pageInfo.startCursor : pageInfo.endCursor;
  }
  return seen;
}

describe('pages', () => {
  test('together are the whole list, nothing twice, from either end', () => {
    const lists = fc.uniqueArray(fc.bigInt({ min: 0n, max: 10_000n }), { maxLength: 50 });
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 20 }), fc.boolean(), (numbers, size, isBackward) => {
        const ascending = numbers.sort((a, b) => Number(a - b));
        expect(walk(ascending, size, 'ascending', isBackward)).toEqual(ascending);
        const descending = [...ascending].reverse();
        expect(walk(descending, size, 'descending', isBackward)).toEqual(descending);
      }),
    );
  });

  test('go on where they were although the list has grown at its head', () => {
    const { pageInfo } = pageOf([5n, 4n, 3n], 'descending', { first: 2 });
    const next = pageOf([7n, 6n, 5n, 4n, 3n], 'descending', { first: 2, after: pageInfo.endCursor });
    expect(next).toMatchObject({
      numbers: [3n],
      pageInfo: { hasNextPage: false, hasPreviousPage: true, startCursor: '3', endCursor: '3' },
      totalCount: 5,
    });
  });

  test('lie between two cursors, also of entries that are gone', () => {
    const list = [1n, 3n, 5n, 7n, 9n];
    expect(pageOf(list, 'ascending', { after: '2', before: '8' }).numbers).toEqual([3n, 5n, 7n]);
    expect(pageOf(list, 'ascending', { after: '2', before: '8', last: 2 }).numbers).toEqual([5n, 7n]);
    expect(pageOf(list.toReversed(), 'descending', { after: '8', before: '2', first: 1 }).numbers).toEqual([
      7n,
    ]);
    expect(pageOf(list, 'ascending', { after: '8', before: '2' }).numbers).toEqual([]);
  });

  test('of an empty list are one, without a cursor', () => {
    expect(pageOf([], 'ascending', {})).toEqual({
      ...{ numbers: [], edges: [], totalCount: 0 },
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });

  test('have fifty entries unless told', () => {
    const list = Array.from({ length: 60 }, (_, i) => BigInt(i));
    expect(pageOf(list, 'ascending', {}).numbers).toEqual(list.slice(0, 50));
  });

  test.each([0, -1, 501])('do not have %i items', (size) => {
    expect(() => pageOf([], 'ascending', { first: size })).toThrow(/first is from 1 to 500/);
    expect(() => pageOf([], 'ascending', { last: size })).toThrow(/last is from 1 to 500/);
  });

  test('are counted from one end only', () => {
    expect(() => pageOf([1n], 'ascending', { first: 1, last: 1 })).toThrow(/first or last, not both/);
  });

  test.each(['', 'x', '-1', '1.5', '1'.repeat(30)])('do not begin or end at %j', (cursor) => {
    expect(() => pageOf([], 'ascending', { after: cursor })).toThrow(/after is a cursor/);
    expect(() => pageOf([], 'ascending', { before: cursor })).toThrow(/before is a cursor/);
  });
});
