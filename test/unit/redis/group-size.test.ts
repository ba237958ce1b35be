import { describe, expect, test } from 'vitest';
import { GroupSize, unitsOf } from '../../../src/redis/migration/group-size.js';

/** How many short keys a group takes now. */
function keysOf(size: GroupSize): number {
  let keys = 0;
  while (size.takes(keys, 1)) keys++;
  return keys;
}

function repeat(size: GroupSize, times: number, durationMs: number): number {
  for (let i = 0; i < times; i++) size.note(keysOf(size), durationMs);
  return keysOf(size);
}

describe('a group of keys that move together', () => {
  test('shrinks while it keeps the source busy for long, and never to nothing', () => {
    const size = new GroupSize();
    const first = keysOf(size);
    expect(repeat(size, 10, 5)).toBeLessThan(first);
    expect(repeat(size, 100, 5)).toBe(48);
  });

  test('does not shrink for one that took long, as any may on a busy machine', () => {
    const size = new GroupSize();
    const first = keysOf(size);
    expect(repeat(size, 1, 500)).toBe(first);
  });

  test('grows while it is done quickly, up to a bound', () => {
    const size = new GroupSize();
    const first = keysOf(size);
    expect(repeat(size, 1, 0.3)).toBeGreaterThan(first);
    expect(repeat(size, 100, 0.3)).toBe(320);
  });

  test('stays as it is when it takes about as long as it should', () => {
    const size = new GroupSize();
    expect(repeat(size, 50, 2.5)).toBe(keysOf(new GroupSize()));
  });

  test('does not grow for small groups, which prove nothing', () => {
    const size = new GroupSize();
    for (let i = 0; i < 50; i++) size.note(2, 0.1);
    expect(keysOf(size)).toBe(keysOf(new GroupSize()));
  });

  test('takes a key however large when it is alone, and few large ones together', () => {
    const size = new GroupSize();
    expect(unitsOf(10)).toBe(1);
    expect(size.takes(0, unitsOf(2 ** 30))).toBe(true);
    expect(size.takes(1, unitsOf(2 ** 20))).toBe(false);
  });
});
