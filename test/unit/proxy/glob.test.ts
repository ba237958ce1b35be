import { expect, test } from 'vitest';
import { globOf } from '../../../src/redis/proxy/commands/local/glob.js';

test.each([
  ['xre*', 'xread', true],
  ['xre*', 'axread', false],
  ['*', 'anything', true],
  ['h?llo', 'hallo', true],
  ['h?llo', 'hllo', false],
  ['h[ae]llo', 'hello', true],
  ['h[^e]llo', 'hello', false],
  ['h[a-c]llo', 'hbllo', true],
  ['h[z-a]llo', 'hbllo', false],
  ['MaxMem*', 'maxmemory', true],
  ['a\\*b', 'a*b', true],
  ['a\\*b', 'axb', false],
  ['a.b', 'axb', false],
  ['a[', 'a', false],
  ['(a+)+$', '(a+)+$', true],
])('%s and %s', (pattern, name, matches) => {
  expect(globOf(pattern).test(name)).toBe(matches);
});

test('a pattern of many stars is judged at once', () => {
  expect(globOf('*'.repeat(200) + 'x').test('a'.repeat(2_000))).toBe(false);
});
