import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { coalesced } from '../../../src/api/subscriptions/coalesced.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A source of numbers by name, and what a subscriber to it has heard. */
function follow(values: Map<string, bigint>) {
  let announce: (key: string) => void = () => undefined;
  let isOpen = true;
  const heard: string[] = [];
  const close = coalesced<string, { value: bigint }>({
    keys: () => values.keys(),
    present: (key) => (values.has(key) ? { value: values.get(key)! } : undefined),
    subscribe: (changed) => {
      announce = changed;
      return () => (isOpen = false);
    },
  }).subscribe((key) => heard.push(key));
  const set = (key: string, value: bigint): void => {
    values.set(key, value);
    announce(key);
  };
  return { heard, close, set, announce: (key: string) => announce(key), isOpen: () => isOpen };
}

describe('coalesced changes', () => {
  test('are told together, each object once', () => {
    const { heard, set } = follow(new Map([['a', 1n]]));
    for (let value = 2n; value < 50n; value++) set('a', value);
    set('b', 1n);
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(heard).toEqual(['a', 'b']);
  });

  test('are told at most ten times a second', () => {
    const { heard, set } = follow(new Map([['a', 0n]]));
    for (let ms = 1; ms <= 1_000; ms++) {
      set('a', BigInt(ms));
      vi.advanceTimersByTime(1);
    }
    expect(heard.length).toBeGreaterThan(5);
    expect(heard.length).toBeLessThanOrEqual(10);
  });

  test('are not told when the object looks as before, from the beginning on', () => {
    const { heard, set, announce } = follow(new Map([['a', 1n]]));
    announce('a');
    vi.advanceTimersByTime(1_000);
    set('a', 2n);
    set('a', 1n);
    vi.advanceTimersByTime(1_000);
    expect(heard).toEqual([]);
  });

  test('are told once of an object that is gone, and again when it is back', () => {
    const values = new Map([['a', 1n]]);
    const { heard, set, announce } = follow(values);
    values.delete('a');
    announce('a');
    announce('a');
    vi.advanceTimersByTime(1_000);
    set('a', 1n);
    vi.advanceTimersByTime(1_000);
    expect(heard).toEqual(['a', 'a']);
  });

  test('are not told any more after the end', () => {
    const { heard, set, close, isOpen } = follow(new Map([['a', 1n]]));
    set('a', 2n);
    close();
    vi.advanceTimersByTime(1_000);
    expect([heard, isOpen()]).toEqual([[], false]);
  });
});
