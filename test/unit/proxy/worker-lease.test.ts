import { describe, expect, test, vi } from 'vitest';
import { sharedNow, toShared } from '../../../src/redis/proxy/workers/messages.js';

describe('a moment that workers are told', () => {
  test('is the same on the clock that they share', () => {
    const moment = performance.now() + 1_000;
    const shared = toShared(moment);
    expect(shared).toBeGreaterThan(sharedNow());
    // Read in this order, the difference of the clocks is not made too small.
    const now = performance.now();
    expect(shared).toBeLessThanOrEqual(sharedNow() - now + moment);
  });

  test('is no later when the process is stopped while it is worked out', () => {
    const before = sharedNow() - performance.now();
    const now = performance.now.bind(performance);
    const spy = vi.spyOn(performance, 'now').mockImplementation(() => now() + 10_000);
    try {
      expect(toShared(1_000)).toBeLessThanOrEqual(1_000 + before);
    } finally {
      spy.mockRestore();
    }
  });

  test('is over when there is no right to anything, and never when only closing ends it', () => {
    expect(toShared(0)).toBeLessThan(sharedNow());
    expect(toShared(Infinity)).toBe(Infinity);
  });
});
