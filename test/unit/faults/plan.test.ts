import { expect, test } from 'vitest';
import { BLOCK, FAULT_KINDS, planSchedule } from '../../harness/faults/schedules/plan.js';

test('a seed gives the same schedule each time, and another one another', () => {
  const schedules = Array.from({ length: 200 }, (_, seed) => planSchedule(seed));
  expect(schedules).toEqual(Array.from({ length: 200 }, (_, seed) => planSchedule(seed)));
  expect(new Set(schedules.map(({ moves, faults }) => JSON.stringify([moves, faults]))).size).toBe(200);
});

test('every block of seeds has every kind of fault once, one to three at a time', () => {
  for (let block = 0; block < 30; block++) {
    const schedules = Array.from({ length: BLOCK }, (_, i) => planSchedule(block * BLOCK + i));
    expect(schedules.flatMap(({ faults }) => faults.map(({ kind }) => kind)).sort()).toEqual(
      [...FAULT_KINDS].sort(),
    );
    for (const { faults } of schedules) expect([1, 2, 3]).toContain(faults.length);
  }
});
