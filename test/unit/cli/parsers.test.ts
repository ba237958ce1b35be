import { InvalidArgumentError } from 'commander';
import { describe, expect, test } from 'vitest';
import {
  constant,
  limit,
  numberList,
  onOff,
  seconds,
  slotRange,
  time,
  wholeNumber,
  wholeNumberText,
} from '../../../src/cli/admin/parsers.js';

describe('slots', () => {
  test.each([
    ['7', { from: 7, to: 7 }],
    ['0-511', { from: 0, to: 511 }],
    ['1023', { from: 1023, to: 1023 }],
    ['0-1023', { from: 0, to: 1023 }],
  ])('%s', (text, range) => expect(slotRange(text)).toEqual(range));

  test.each(['', '-', '-1', '5-', '5-3', '1024', '0-1024', 'a-b', '1,2', ' 1', '1.5', '00001'])(
    '%j are none',
    (text) => {
      expect(() => slotRange(text)).toThrow(InvalidArgumentError);
    },
  );
});

test('numbers are whole, and as many digits as they may have', () => {
  expect(wholeNumber('42')).toBe(42);
  expect(wholeNumberText('9223372036854775807')).toBe('9223372036854775807');
  for (const text of ['', '-1', '1e3', '0x10', '1.5', '9'.repeat(20)]) {
    expect(() => wholeNumber(text)).toThrow(InvalidArgumentError);
    expect(() => wholeNumberText(text)).toThrow(InvalidArgumentError);
  }
  expect(numberList('1, 2,3')).toEqual([1, 2, 3]);
  expect(() => numberList('1,,2')).toThrow(InvalidArgumentError);
});

test('other arguments are read as they are meant', () => {
  expect([limit('none'), limit('5')]).toEqual(['none', 5]);
  expect([onOff('on'), onOff('off')]).toEqual([true, false]);
  expect(() => onOff('yes')).toThrow(InvalidArgumentError);
  expect(constant('mark-offline')).toBe('MARK_OFFLINE');
  expect(seconds('0.5')).toBe(0.5);
  for (const text of ['0', '-1', 'x', '100000']) expect(() => seconds(text)).toThrow(InvalidArgumentError);
  expect(time('2026-01-31T12:00:00Z')).toBe('2026-01-31T12:00:00.000Z');
  expect(() => time('yesterday')).toThrow(InvalidArgumentError);
});
