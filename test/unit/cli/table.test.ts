import { describe, expect, test } from 'vitest';
import { bytes, count, duration } from '../../../src/cli/admin/format.js';
import { cellText, fields, table, type Column } from '../../../src/cli/admin/table.js';

interface Row {
  readonly name: string | null;
  readonly n: number;
}

const columns: readonly Column<Row>[] = [
  { head: 'NAME', cell: ({ name }) => name },
  { head: 'N', cell: ({ n }) => n, right: true },
  { head: 'LAST', cell: () => 'x' },
];

describe('a table', () => {
  test('is aligned, numbers to the right, and no line ends with spaces', () => {
    expect(
      table(
        [
          { name: 'a', n: 5 },
          { name: 'longer', n: 1234 },
        ],
        columns,
      ),
    ).toBe('NAME       N  LAST\na          5  x\nlonger  1234  x\n');
  });

  test('without rows has its heads, so that a program finds its columns', () => {
    expect(table([], columns)).toBe('NAME  N  LAST\n');
  });

  test('has no empty cell, and counts characters rather than their parts', () => {
    expect(
      table(
        [
          { name: null, n: 1 },
          { name: '👍👍', n: 2 },
        ],
        columns,
      ),
    ).toBe('NAME  N  LAST\n-     1  x\n👍👍    2  x\n');
  });

  test('lets nothing from elsewhere at the terminal', () => {
    expect(cellText('a\u001b[31mb\nc\u009bd')).toBe('a [31mb c d');
    expect(fields([['Name', 'a\u001b]0;x\u0007']])).toBe('Name  a ]0;x \n');
  });

  test('says yes and no', () => {
    expect([cellText(true), cellText(false), cellText(null), cellText(undefined), cellText(0)]).toEqual([
      'yes',
      'no',
      '-',
      '-',
      '0',
    ]);
  });
});

test('amounts are told in the units that people use', () => {
  expect([bytes('0'), bytes(1023), bytes('1536'), bytes('1099511627776'), bytes(null)]).toEqual([
    '0 B',
    '1023 B',
    '1.5 KiB',
    '1.0 TiB',
    null,
  ]);
  expect([duration(5.4), duration(93), duration(7384), duration(null)]).toEqual([
    '5s',
    '1m33s',
    '2h3m',
    null,
  ]);
  expect([count(1, 'slot'), count(2, 'slot'), count(0, 'slot')]).toEqual(['1 slot', '2 slots', '0 slots']);
});
