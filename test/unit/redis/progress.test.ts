import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Progress } from '../../../src/redis/migration/progress.js';

describe('the progress of a move', () => {
  test('counts what was done before, what was seen to move, and all of a batch at its end', () => {
    const progress = new Progress(
      10,
      new Map([
        [1, 5],
        [2, 3],
      ]),
    );
    expect([progress.done, progress.total]).toEqual([10, 18]);
    const batch = progress.batch([1, 2]);
    batch.moved([1, 1, 2]);
    expect(progress.done).toBe(13);
    batch.finish();
    expect(progress.done).toBe(18);
  });

  test('never says more than there is, whatever clients write meanwhile', () => {
    const slots = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 40 });
    fc.assert(
      fc.property(fc.array(fc.tuple(slots, fc.boolean()), { maxLength: 6 }), (batches) => {
        const counts = new Map([0, 1, 2, 3].map((slot) => [slot, 4]));
        const progress = new Progress(0, counts);
        let last = 0;
        for (const [moved, finishes] of batches) {
          const batch = progress.batch([0, 1, 2, 3]);
          batch.moved(moved);
          expect(progress.done).toBeGreaterThanOrEqual(last);
          if (finishes) batch.finish();
          else batch.abandon();
          expect(progress.done).toBeGreaterThanOrEqual(last);
          expect(progress.done).toBeLessThanOrEqual(16);
          last = progress.done;
        }
        if (batches.some(([, finishes]) => finishes)) expect(progress.done).toBe(16);
      }),
    );
  });

  test('has a rate that is never negative', () => {
    expect(new Progress(5, new Map()).rate()).toBe(0);
  });
});
