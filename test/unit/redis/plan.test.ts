import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StateView } from '../../../src/cluster/view.js';
import { SecretBox } from '../../../src/common/secret-box.js';
import { planMove, planRebalance, type PlannedMove } from '../../../src/redis/migration/plan.js';
import {
  SLOTS_PER_RECORD,
  topologyCollections,
  type SlotRecord,
} from '../../../src/redis/topology/records.js';
import { chunkId, Topology } from '../../../src/redis/topology/topology.js';

const SLOTS = 1_024;

/** A topology with these groups, all with a master, and slots as given; the rest are OFFLINE. */
function topology(
  groups: readonly number[],
  slotOf: (number: number) => Partial<SlotRecord> | undefined,
): Topology {
  const records = new Map<unknown, Map<string, unknown>>();
  const stored = (id: string, value: unknown) => ({ id, value, revision: 1n, createRevision: 1n });
  const server = { address: 'h:1', type: 'MASTER', dataCenter: null, replicaReads: false, password: null };
  const group = (number: number) => ({
    number,
    servers: [server],
    promoting: null,
    outOfSync: false,
    autoFailover: false,
  });
  records.set(topologyCollections.groups, new Map(groups.map((n) => [`${n}`, stored(`${n}`, group(n))])));
  const offline: SlotRecord = {
    status: 'OFFLINE',
    group: null,
    targetGroup: null,
    operation: null,
    changedAt: '',
  };
  const slots = Array.from({ length: SLOTS }, (_, number) => ({ ...offline, ...slotOf(number) }));
  const chunks = Array.from({ length: SLOTS / SLOTS_PER_RECORD }, (_, i) => i * SLOTS_PER_RECORD);
  records.set(
    topologyCollections.slots,
    new Map(
      chunks.map((first) => [
        chunkId(first),
        stored(chunkId(first), { slots: slots.slice(first, first + 64) }),
      ]),
    ),
  );
  const view = {
    get: (collection: unknown, id: string | number) => records.get(collection)?.get(String(id)),
    list: (collection: unknown) => [...(records.get(collection)?.values() ?? [])],
  };
  return new Topology(view as unknown as StateView, new SecretBox(Buffer.alloc(32)));
}

const online = (group: number): Partial<SlotRecord> => ({ status: 'ONLINE', group });

/** Slots of each group, counted where they are or are going. */
function loads(groups: readonly number[], shape: Topology, moves: readonly PlannedMove[]): number[] {
  const targets = new Map(moves.map((move) => [move.slot, move.to]));
  const where = shape.slots().map((slot) => targets.get(slot.number) ?? slot.targetGroup ?? slot.group);
  return groups.map((group) => where.filter((each) => each === group).length);
}

describe('rebalancing', () => {
  const groupsAndSlots = fc
    .integer({ min: 1, max: 7 })
    .chain((count) =>
      fc.tuple(fc.constant(count), fc.array(fc.nat(count), { minLength: SLOTS, maxLength: SLOTS })),
    );

  test('leaves no group with two slots more than another, by the fewest moves', () => {
    fc.assert(
      fc.property(groupsAndSlots, fc.integer({ min: 1, max: 8 }), ([count, owners], skew) => {
        const groups = Array.from({ length: count }, (_, i) => i + 1);
        // Owner 0 is nobody; low numbers are made more frequent by the skew.
        const shape = topology(groups, (number) => {
          const owner = Math.min(owners[number]!, number % skew === 0 ? count : 1);
          return owner === 0 ? undefined : online(owner);
        });
        const before = loads(groups, shape, []);
        const moves = planRebalance(shape, null);
        const after = loads(groups, shape, moves);
        expect(Math.max(...after) - Math.min(...after)).toBeLessThanOrEqual(1);
        expect(new Set(moves.map((move) => move.slot)).size).toBe(moves.length);
        for (const move of moves)
          expect(shape.slot(move.slot)).toMatchObject({ status: 'ONLINE', group: move.from });
        // A group that has too many gives those above the average only, and one that has too few gives none.
        const total = before.reduce((a, b) => a + b, 0);
        const [low, larger] = [Math.floor(total / count), total % count];
        const surplus = [...before].sort((a, b) => b - a);
        const fewest = surplus.reduce(
          (sum, load, i) => sum + Math.max(0, load - (i < larger ? low + 1 : low)),
          0,
        );
        expect(moves).toHaveLength(fewest);
      }),
      { numRuns: 30 },
    );
  });

  test('leaves slots of other operations as they are and counts them where they are going', () => {
    const moving: Partial<SlotRecord> = { status: 'MIGRATE', group: 1, targetGroup: 2, operation: 'op' };
    const shape = topology([1, 2], (number) =>
      number < 100 ? moving : number < 600 ? online(1) : undefined,
    );
    const moves = planRebalance(shape, null);
    expect(moves.every((move) => move.slot >= 100)).toBe(true);
    expect(loads([1, 2], shape, moves)).toEqual([300, 300]);
  });

  test('moves slots among the named groups only', () => {
    const shape = topology([1, 2, 3], (number) => online(number < 900 ? 1 : 3));
    const moves = planRebalance(shape, [1, 2]);
    expect(moves.every((move) => move.from === 1 && move.to === 2)).toBe(true);
    expect(loads([1, 2, 3], shape, moves)).toEqual([450, 450, 124]);
  });

  test('of what is balanced moves nothing', () => {
    expect(
      planRebalance(
        topology([1, 2, 3], (number) => online((number % 3) + 1)),
        null,
      ),
    ).toEqual([]);
  });

  test('is refused without groups, and for groups that there are not', () => {
    expect(() =>
      planRebalance(
        topology([], () => undefined),
        null,
      ),
    ).toThrow(/No group/);
    expect(() =>
      planRebalance(
        topology([1], () => online(1)),
        [1, 9],
      ),
    ).toThrow(/no group 9/);
  });
});

describe('moving', () => {
  const shape = topology([1, 2], (number) => (number < 10 ? online(1) : number < 20 ? online(2) : undefined));

  test('a range moves what is not yet there', () => {
    expect(planMove(shape, { from: 8, to: 11, targetGroup: 2 })).toEqual([
      { slot: 8, from: 1, to: 2 },
      { slot: 9, from: 1, to: 2 },
    ]);
  });

  test('a number of slots takes as many of the group', () => {
    expect(planMove(shape, { sourceGroup: 1, count: 3, targetGroup: 2 }).map((move) => move.slot)).toEqual([
      0, 1, 2,
    ]);
  });

  test.each([
    ['neither range nor number', { targetGroup: 2 }, /either from and to/],
    ['both', { from: 0, to: 1, sourceGroup: 1, count: 1, targetGroup: 2 }, /either from and to/],
    ['half a range', { from: 0, targetGroup: 2 }, /either from and to/],
    ['OFFLINE slots', { from: 19, to: 20, targetGroup: 1 }, /20 are OFFLINE/],
    ['slots that are there already', { from: 10, to: 12, targetGroup: 2 }, /Nothing to move/],
    ['more slots than there are', { sourceGroup: 1, count: 11, targetGroup: 2 }, /only 10 slots/],
    ['a group that there is not', { from: 0, to: 1, targetGroup: 9 }, /no group 9/],
    ['a range the wrong way round', { from: 5, to: 4, targetGroup: 2 }, /last slot/],
    ['slots that there are not', { from: 0, to: 1_024, targetGroup: 2 }, /last slot/],
  ])('is refused for %s', (_, request, reason) => {
    expect(() => planMove(shape, request)).toThrow(reason);
  });

  test('is refused for slots of another operation', () => {
    const busy = topology([1, 2], () => ({ ...online(1), operation: 'op' }));
    expect(() => planMove(busy, { from: 0, to: 1, targetGroup: 2 })).toThrow(/part of operation op/);
    expect(() => planMove(busy, { sourceGroup: 1, count: 1, targetGroup: 2 })).toThrow(/only 0 slots/);
  });
});
