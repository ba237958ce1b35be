import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SharedStatus } from '../../../src/api/subscriptions/shared-status.js';
import { SlotChanges } from '../../../src/api/subscriptions/slot-changes.js';
import type { Slot } from '../../../src/redis/topology/topology.js';

/** Lets everything that can go on go on: a stream takes a turn of the event loop for each of its steps. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Objects with a number that changes; counts how often they are watched and presented. */
function counters(...names: string[]) {
  const events = new EventEmitter();
  const values = new Map(names.map((name) => [name, 0]));
  let presented = 0;
  const status = new SharedStatus<string, { name: string; value: number }>({
    keys: () => values.keys(),
    present: (name) => {
      presented++;
      const value = values.get(name);
      return value === undefined ? undefined : { name, value };
    },
    subscribe: (changed) => {
      events.on('changed', changed);
      return () => events.off('changed', changed);
    },
  });
  const change = (name: string, value: number): void => {
    values.set(name, value);
    events.emit('changed', name);
  };
  return { status, change, presented: () => presented, watched: () => events.listenerCount('changed') };
}

describe('objects that many subscribers follow', () => {
  test('are watched once and presented once for each state, as the very same event for all', async () => {
    const { status, change, presented, watched } = counters('a');
    const streams = [1, 2, 3].map(() => status.stream(() => true));
    const first = await Promise.all(streams.map(async (stream) => (await stream.next()).value));
    expect(first).toEqual([{ name: 'a', value: 0 }, first[0], first[0]]);
    expect(new Set(first).size).toBe(1);
    change('a', 1);
    const second = await Promise.all(streams.map(async (stream) => (await stream.next()).value));
    expect(new Set(second)).toEqual(new Set([{ name: 'a', value: 1 }]));
    expect(new Set(second).size).toBe(1);
    expect(presented()).toBe(2);
    expect(watched()).toBe(1);
    for (const stream of streams) await stream.return?.();
    await settle();
    expect(watched()).toBe(0);
  });

  test('come to each subscriber as far as it wants them', async () => {
    const { status, change } = counters('a', 'b');
    const stream = status.stream((name) => name === 'b');
    expect((await stream.next()).value).toEqual({ name: 'b', value: 0 });
    change('a', 7);
    change('b', 8);
    expect((await stream.next()).value).toEqual({ name: 'b', value: 8 });
    await stream.return?.();
  });

  test('are presented anew to those who come after everybody had left', async () => {
    const { status, change } = counters('a');
    const early = status.stream(() => true);
    await early.next();
    await early.return?.();
    await settle();
    change('a', 5);
    const late = status.stream(() => true);
    expect((await late.next()).value).toEqual({ name: 'a', value: 5 });
    await late.return?.();
  });
});

function slot(number: number, group: number): Slot {
  return {
    number,
    group,
    status: 'ONLINE',
    targetGroup: null,
    operation: null,
    changedAt: '2026-01-01T00:00:00.000Z',
    revision: 1n,
  };
}

describe('changes of slots', () => {
  test('bring every subscriber of any range to the present state, whenever it looks', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('change'), slot: fc.nat(7), group: fc.nat(3) }),
      fc.record({ kind: fc.constant('take'), subscriber: fc.nat(3) }),
      fc.record({ kind: fc.constant('join'), from: fc.nat(7), to: fc.nat(7) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const slots = Array.from({ length: 8 }, (_, number) => slot(number, 0));
        let notify: () => void = () => undefined;
        const changes = new SlotChanges<Slot>({
          slots: () => slots,
          present: (some) => [...some],
          subscribe: (changed) => {
            notify = changed;
            return () => undefined;
          },
        });
        const subscribers: { take: () => Promise<void>; end: () => unknown }[] = [];
        for (const step of steps) {
          if (step.kind === 'change' && 'group' in step) {
            slots[step.slot] = slot(step.slot, step.group);
            notify();
          } else if (step.kind === 'join' && 'from' in step) {
            const stream = changes.stream(step.from, step.to);
            const seen = new Map<number, Slot>();
            let pending: Promise<IteratorResult<Slot[]>> | undefined;
            subscribers.push({
              take: async () => {
                for (;;) {
                  pending ??= stream.next();
                  const event = await Promise.race([pending, settle()]);
                  if (event === undefined) break;
                  pending = undefined;
                  for (const each of event.value as Slot[]) {
                    expect(each.number >= step.from && each.number <= step.to).toBe(true);
                    seen.set(each.number, each);
                  }
                }
                for (const each of slots.slice(step.from, step.to + 1))
                  expect(seen.get(each.number)?.group).toBe(each.group);
              },
              end: () => stream.return?.(),
            });
          } else if ('subscriber' in step) {
            await subscribers[step.subscriber]?.take();
          }
        }
        for (const subscriber of subscribers) {
          await subscriber.take();
          await subscriber.end();
        }
      }),
      { numRuns: 200 },
    );
  });

  test('are presented once for all who are equally far', async () => {
    const slots = [slot(0, 1), slot(1, 1)];
    let notify: () => void = () => undefined;
    let presented = 0;
    const changes = new SlotChanges<Slot>({
      slots: () => slots,
      present: (some) => {
        presented++;
        return [...some];
      },
      subscribe: (changed) => {
        notify = changed;
        return () => undefined;
      },
    });
    const streams = Array.from({ length: 50 }, () => changes.stream(0, 1));
    await Promise.all(streams.map((stream) => stream.next()));
    slots[1] = slot(1, 2);
    notify();
    const events = await Promise.all(streams.map(async (stream) => (await stream.next()).value));
    expect(new Set(events).size).toBe(1);
    expect(events[0]).toEqual([slot(1, 2)]);
    expect(presented).toBe(2);
    for (const stream of streams) await stream.return?.();
  });
});
