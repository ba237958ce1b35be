import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GroupLocks } from '../../../src/redis/migration/group-locks.js';

const never = new AbortController().signal;
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Work that goes on until it is told to end. */
function job() {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  let started = false;
  const work = (): Promise<void> => {
    started = true;
    return ended;
  };
  return { work, end: () => end(), isRunning: () => started };
}

describe('group locks', () => {
  test('let no two moves share a group, nor more run than the limit, and let every one run', async () => {
    const pair = fc.tuple(fc.nat(5), fc.nat(5));
    await fc.assert(
      fc.asyncProperty(
        fc.array(pair, { maxLength: 20 }),
        fc.integer({ min: 1, max: 4 }),
        fc.scheduler(),
        async (pairs, limit, s) => {
          const locks = new GroupLocks(() => limit);
          const held: number[] = [];
          let running = 0;
          const all = Promise.all(
            pairs.map(([a, b]) => {
              const groups = [...new Set([a, b])];
              return locks.run(groups, never, async () => {
                running++;
                expect(running).toBeLessThanOrEqual(limit);
                for (const group of groups) expect(held).not.toContain(group);
                held.push(...groups);
                await s.schedule(Promise.resolve());
                for (const group of groups) held.splice(held.indexOf(group), 1);
                running--;
              });
            }),
          );
          await s.waitFor(all);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('let go of both groups when the work fails', async () => {
    const locks = new GroupLocks(() => 1);
    await expect(locks.run([1, 2], never, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await locks.run([2, 1], never, () => Promise.resolve('done'))).toBe('done');
  });

  test('let who gives up waiting go at once, and never run its work', async () => {
    const locks = new GroupLocks(() => 5);
    const [first, second, third] = [job(), job(), job()];
    const running = locks.run([1, 2], never, first.work);
    const controller = new AbortController();
    const waiting = locks.run([2, 3], controller.signal, second.work);
    const apart = locks.run([3, 4], never, third.work);
    await settle();
    expect([second.isRunning(), third.isRunning()]).toEqual([false, true]);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    first.end();
    third.end();
    await Promise.all([running, apart]);
    expect(second.isRunning()).toBe(false);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });
});
