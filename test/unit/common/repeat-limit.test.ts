import { expect, test } from 'vitest';
import { RepeatLimit } from '../../../src/common/repeat-limit.js';

test('lets one of each kind through in an interval, and tells how many it kept back', () => {
  let now = 1_000;
  const limit = new RepeatLimit<'a' | 'b'>(100, () => now);
  expect([limit.admit('a'), limit.admit('a'), limit.admit('b'), limit.admit('a')]).toEqual([
    0,
    null,
    0,
    null,
  ]);
  now = 1_099;
  expect(limit.admit('a')).toBe(null);
  now = 1_100;
  expect([limit.admit('a'), limit.admit('a'), limit.admit('b')]).toEqual([3, null, 0]);
});
