import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { abortReason, Backoff, delay, raceAbort } from '../../../src/common/async.js';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('a delay', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('ends by itself and leaves no listener behind', async () => {
    const { signal } = new AbortController();
    const waiting = delay(1_000, signal);
    expect(listeners(signal)).toBe(1);
    await vi.advanceTimersByTimeAsync(1_000);
    await waiting;
    expect(listeners(signal)).toBe(0);
  });

  test('ends with the reason of the abort and leaves no timer behind', async () => {
    const controller = new AbortController();
    const waiting = delay(1_000, controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('does not begin under a signal that has aborted', async () => {
    await expect(delay(1_000, AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a race against aborts', () => {
  test('passes the outcome on and leaves no listener behind', async () => {
    const [one, two] = [new AbortController().signal, new AbortController().signal];
    const racing = raceAbort(Promise.resolve(7), one, two);
    expect([listeners(one), listeners(two)]).toEqual([1, 1]);
    expect(await racing).toBe(7);
    await expect(raceAbort(Promise.reject(new Error('no')), one, two)).rejects.toThrow('no');
    await Promise.resolve();
    expect([listeners(one), listeners(two)]).toEqual([0, 0]);
  });

  test('ends with the first abort although the promise never settles, and leaves no listener behind', async () => {
    const brief = new AbortController();
    const longLived = new AbortController().signal;
    const racing = raceAbort(new Promise(() => undefined), longLived, brief.signal);
    brief.abort(new Error('brief'));
    await expect(racing).rejects.toThrow('brief');
    expect([listeners(longLived), listeners(brief.signal)]).toEqual([0, 0]);
  });

  test('is lost from the beginning under an aborted signal, and the late failure disturbs nobody', async () => {
    const longLived = new AbortController().signal;
    const failure = Promise.reject(new Error('late'));
    await expect(raceAbort(failure, longLived, AbortSignal.abort(new Error('before')))).rejects.toThrow(
      'before',
    );
    expect(listeners(longLived)).toBe(0);
  });

  test('lets a promise that fails after the abort disturb nobody', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    try {
      const controller = new AbortController();
      let fail: (error: Error) => void = () => undefined;
      const racing = raceAbort(new Promise((_, reject) => (fail = reject)), controller.signal);
      controller.abort();
      await expect(racing).rejects.toThrow();
      fail(new Error('late'));
      await new Promise((resolve) => setImmediate(resolve));
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off('unhandledRejection', unhandled);
    }
  });
});

test('the reason of an abort is always an Error', () => {
  expect(abortReason(AbortSignal.abort('text'))).toMatchObject({ message: 'Aborted', cause: 'text' });
  const reason = new Error('mine');
  expect(abortReason(AbortSignal.abort(reason))).toBe(reason);
});

describe('a backoff', () => {
  test('doubles from the least to the most wait, each shortened by a quarter at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 64 }), (min, factor) => {
        const backoff = new Backoff(min, min * factor);
        for (let attempt = 0; attempt < 100; attempt++) {
          const base = Math.min(min * factor, min * 2 ** attempt);
          const wait = backoff.next();
          expect(wait).toBeGreaterThanOrEqual(base * 0.75);
          expect(wait).toBeLessThanOrEqual(base);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('begins anew after a reset', () => {
    const backoff = new Backoff(100, 10_000);
    for (let attempt = 0; attempt < 5; attempt++) backoff.next();
    backoff.reset();
    expect(backoff.next()).toBeLessThanOrEqual(100);
  });
});
