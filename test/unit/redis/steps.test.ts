import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchSteps, nextStep, type Step } from '../../../src/redis/migration/steps.js';
import type { SlotStatus } from '../../../src/redis/slots.js';
import type { Slot } from '../../../src/redis/topology/topology.js';

const MOVE = { slot: 7, from: 1, to: 2 };

function slot(status: SlotStatus, group: number | null, targetGroup: number | null = null, number = 7): Slot {
  return { number, status, group, targetGroup, operation: 'op', changedAt: '', revision: 1n };
}

/** Every state in which an operation can find a slot of its own, and the groups that hold its keys then. */
const STATES: [string, Slot, number[]][] = [
  ['ONLINE at the source', slot('ONLINE', 1), [1]],
  ['held on its way', slot('PRE_MIGRATE', 1, 2), [1]],
  ['moving', slot('MIGRATE', 1, 2), [1, 2]],
  ['held on its way back', slot('PRE_MIGRATE', 2, 1), [1, 2]],
  ['moving back', slot('MIGRATE', 2, 1), [1, 2]],
  ['ONLINE at the target', slot('ONLINE', 2), [2]],
];

describe('the next step of a slot', () => {
  test.each<[string, Slot, Step, Step]>([
    ['ONLINE at the source', slot('ONLINE', 1), step('HOLD', 1, 2, false), step('RELEASE', 1, 1, false)],
    ['held', slot('PRE_MIGRATE', 1, 2), step('OPEN', 1, 2, false), step('WITHDRAW', 1, 2, false)],
    ['moving', slot('MIGRATE', 1, 2), step('MOVE', 1, 2, true), step('REVERSE', 2, 1, true)],
    ['held to go back', slot('PRE_MIGRATE', 2, 1), step('REVERSE', 1, 2, true), step('REVERSE', 2, 1, true)],
    ['moving back', slot('MIGRATE', 2, 1), step('REVERSE', 1, 2, true), step('MOVE', 2, 1, true)],
    ['ONLINE at the target', slot('ONLINE', 2), step('RELEASE', 1, 1, false), step('RELEASE', 1, 1, false)],
    ['ONLINE elsewhere', slot('ONLINE', 3), step('RELEASE', 1, 1, false), step('RELEASE', 1, 1, false)],
    ['OFFLINE', slot('OFFLINE', null), step('RELEASE', 1, 1, false), step('RELEASE', 1, 1, false)],
  ])('that is %s is the right one, forward and back', (_, stored, forward, back) => {
    expect(nextStep(stored, MOVE, true)).toEqual(forward);
    expect(nextStep(stored, MOVE, false)).toEqual(back);
  });
});

function step(kind: Step['kind'], from: number, to: number, split: boolean): Step {
  return { kind, from, to, split };
}

describe('step after step', () => {
  /** Takes a step as the leader does; `held` are the groups that hold keys of the slot. */
  function take({ kind, from, to, split }: Step, stored: Slot, held: Set<number>): Slot {
    expect(split, `${kind} must know whether keys are in both groups`).toBe(held.size > 1);
    switch (kind) {
      case 'HOLD':
        return slot('PRE_MIGRATE', from, to);
      case 'OPEN':
        expect(stored.status).toBe('PRE_MIGRATE');
        held.add(to);
        return slot('MIGRATE', from, to);
      case 'REVERSE':
        return slot('MIGRATE', from, to);
      case 'MOVE':
        held.delete(from);
        return slot('ONLINE', to);
      case 'WITHDRAW':
        return slot('ONLINE', from);
      case 'RELEASE':
        return stored;
    }
  }

  test.each(STATES)(
    'a slot found %s arrives, and is ONLINE only where all of its keys are',
    (_, start, keys) => {
      fc.assert(
        fc.property(fc.array(fc.boolean(), { maxLength: 12 }), fc.boolean(), (detours, goal) => {
          let stored = start;
          const held = new Set(keys);
          const directions = [...detours, ...Array<boolean>(6).fill(goal)];
          for (const forward of directions) {
            const next = nextStep(stored, MOVE, forward);
            stored = take(next, stored, held);
            if (stored.status === 'ONLINE') expect([...held]).toEqual([stored.group]);
            if (next.kind !== 'RELEASE') continue;
            if (forward) expect(stored.group).toBe(MOVE.to);
            return;
          }
          expect.unreachable('It never arrives.');
        }),
      );
    },
  );
});

describe('batches of steps', () => {
  const moves = new Map(
    Array.from({ length: 100 }, (_, number) => [number, { slot: number, from: 1, to: 2 }]),
  );

  test('hold every slot once, none too large, those that keep requests waiting first', () => {
    const states: ((number: number) => Slot)[] = [
      (number) => slot('ONLINE', 1, null, number),
      (number) => slot('PRE_MIGRATE', 1, 2, number),
      (number) => slot('MIGRATE', 1, 2, number),
      (number) => slot('ONLINE', 2, null, number),
    ];
    fc.assert(
      fc.property(fc.array(fc.nat(3), { maxLength: 100 }), fc.integer({ min: 1, max: 64 }), (kinds, size) => {
        const slots = kinds.map((kind, number) => states[kind]!(number));
        const batches = batchSteps(slots, moves, true, size);
        const numbers = batches.flatMap((batch) => batch.slots.map((each) => each.number));
        expect(numbers.sort((a, b) => a - b)).toEqual(slots.map((each) => each.number));
        for (const batch of batches)
          if (batch.kind !== 'RELEASE') expect(batch.slots.length).toBeLessThanOrEqual(size);
        const order = ['OPEN', 'MOVE', 'HOLD', 'RELEASE'];
        const kindsInOrder = batches.map((batch) => order.indexOf(batch.kind));
        expect(kindsInOrder).toEqual([...kindsInOrder].sort());
      }),
    );
  });

  test('turn all slots of two groups round together, before anything else', () => {
    const slots = Array.from({ length: 90 }, (_, number) =>
      number % 3 === 0 ? slot('PRE_MIGRATE', 2, 1, number) : slot('MIGRATE', 1, 2, number),
    );
    const [first, ...others] = batchSteps([...slots, slot('MIGRATE', 2, 1, 95)], moves, false, 16);
    expect(first).toMatchObject({ kind: 'REVERSE', from: 2, to: 1, slots });
    expect(others.map(({ kind }) => kind)).toEqual(['MOVE']);
  });

  test('leave out what is not planned', () => {
    expect(batchSteps([slot('ONLINE', 1, null, 500)], moves, true, 64)).toEqual([]);
  });
});
