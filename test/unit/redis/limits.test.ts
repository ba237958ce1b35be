import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Throttle } from '../../../src/redis/migration/limits.js';
import { DEFAULT_LIMITS, type MigrationLimits } from '../../../src/redis/topology/records.js';

const never = new AbortController().signal;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** How long a number of batches takes on the clock that the timers are told, in milliseconds. */
async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  let end: number | undefined;
  const done = work().then(() => (end = performance.now()));
  while (end === undefined) await vi.advanceTimersByTimeAsync(1);
  await done;
  return end - start;
}

function throttle(limits: Partial<MigrationLimits>): Throttle {
  return new Throttle(() => ({ ...DEFAULT_LIMITS, ...limits }));
}

describe('a throttle', () => {
  test('without limits holds nothing up', async () => {
    const free = throttle({});
    expect(await timed(() => free.admit(1e9, 1e12, 1e6, never))).toBeLessThan(2);
  });

  test.each([
    ['keys', { keysPerSecond: 1_000 }, 100, 0],
    ['bytes', { bytesPerSecond: 1_000 }, 0, 100],
  ])('spreads %s over time', async (_, limits, keys, bytes) => {
    const limited = throttle(limits);
    const took = await timed(async () => {
      for (let batch = 0; batch < 50; batch++) await limited.admit(keys, bytes, 0, never);
    });
    expect(took).toBeGreaterThanOrEqual(4_890);
    expect(took).toBeLessThan(5_200);
  });

  test('saves up no more than a tenth of a second', async () => {
    const limited = throttle({ keysPerSecond: 1_000 });
    await vi.advanceTimersByTimeAsync(60_000);
    const took = await timed(() => limited.admit(1_100, 0, 0, never));
    expect(took).toBeGreaterThanOrEqual(990);
  });

  test('waits longer the slower the source is, a second at most', async () => {
    const careful = throttle({ sourceLatencyMs: 5 });
    expect(await timed(() => careful.admit(1, 1, 5, never))).toBeLessThan(2);
    expect(await timed(() => careful.admit(1, 1, 15, never))).toBeGreaterThanOrEqual(100);
    expect(await timed(() => careful.admit(1, 1, 60_000, never))).toBeLessThan(1_010);
  });

  test('is left at once when the move ends', async () => {
    const controller = new AbortController();
    const waiting = throttle({ keysPerSecond: 1 }).admit(1_000, 0, 0, controller.signal);
    controller.abort(new Error('cancelled'));
    await expect(waiting).rejects.toThrow('cancelled');
    expect(vi.getTimerCount()).toBe(0);
  });
});
