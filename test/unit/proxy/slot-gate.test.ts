import { beforeEach, describe, expect, it } from 'vitest';
import type { Route } from '../../../src/redis/routing-table.js';
import { SLOT_HELD, SLOT_MIGRATE, SLOT_ONLINE, SlotGate } from '../../../src/redis/proxy/slot-gate.js';
import { SLOT_COUNT } from '../../../src/redis/slots.js';

const A = { endpoint: { address: '127.0.0.1:1', password: null } };
const B = { endpoint: { address: '127.0.0.1:2', password: null } };

function route(status: Route['status'], owner = A, target: typeof B | null = null): Route {
  return { status, owner: owner.endpoint, target: target?.endpoint ?? null, readers: [] };
}

describe('the slot gate', () => {
  let acknowledged: bigint[];
  let gate: SlotGate;
  let revision: bigint;

  /** Applies a table in which slot 7 has the given route. */
  function apply(seven: Route): bigint {
    revision += 1n;
    const routes = new Array<Route>(SLOT_COUNT).fill(online);
    routes[7] = seven;
    gate.apply({ revision, routes });
    return revision;
  }
  const online = route('ONLINE');

  beforeEach(() => {
    acknowledged = [];
    revision = 0n;
    gate = new SlotGate(
      () => undefined,
      (each) => acknowledged.push(each),
    );
    apply(online);
  });

  it('acknowledges at once when nothing is in flight', () => {
    apply(route('PRE_MIGRATE', A, B));
    apply(route('MIGRATE', A, B));
    expect(acknowledged).toEqual([1n, 2n, 3n]);
    expect(gate.state[7]).toBe(SLOT_MIGRATE);
  });

  it('acknowledges PRE_MIGRATE when the last request in flight has been answered', () => {
    gate.enter(7);
    gate.enter(7);
    apply(route('PRE_MIGRATE', A, B));
    gate.leave(7);
    expect(acknowledged).toEqual([1n]);
    gate.leave(7);
    expect(acknowledged).toEqual([1n, 2n]);
    expect(gate.state[7]).toBe(SLOT_HELD);
  });

  it('holds a slot whose route changes while requests are in flight, and goes by the old route until then', () => {
    gate.enter(7);
    apply(route('ONLINE', B));
    expect(gate.state[7]).toBe(SLOT_HELD);
    expect(gate.route(7).owner?.address).toBe(A.endpoint.address);
    gate.leave(7);
    expect(gate.state[7]).toBe(SLOT_ONLINE);
    expect(gate.route(7).owner?.address).toBe(B.endpoint.address);
  });

  it('does not wait for requests in flight by the very route that a newer table brings back', () => {
    gate.enter(7);
    apply(route('PRE_MIGRATE', A, B));
    apply(route('ONLINE', A));
    expect(gate.state[7]).toBe(SLOT_ONLINE);
    expect(acknowledged).toEqual([1n, 3n]);
  });

  it('acknowledges only the newest table', () => {
    gate.enter(7);
    apply(route('PRE_MIGRATE', A, B));
    apply(route('MIGRATE', A, B));
    gate.leave(7);
    expect(acknowledged).toEqual([1n, 3n]);
  });

  it('waits for every slot', () => {
    gate.enter(7);
    gate.enter(8);
    const routes = new Array<Route>(SLOT_COUNT).fill(route('ONLINE', B));
    gate.apply({ revision: 2n, routes });
    gate.leave(8);
    expect([...gate.waitingSlots]).toEqual([7]);
    gate.leave(7);
    expect(acknowledged).toEqual([1n, 2n]);
  });

  it('takes new replicas into use without waiting', () => {
    gate.enter(7);
    apply({ ...online, readers: [B.endpoint] });
    expect(gate.state[7]).toBe(SLOT_ONLINE);
    expect(acknowledged).toEqual([1n, 2n]);
  });

  it('ignores a table that is older than the newest', () => {
    apply(route('ONLINE', B));
    gate.apply({ revision: 1n, routes: new Array<Route>(SLOT_COUNT).fill(online) });
    expect(gate.route(7).owner?.address).toBe(B.endpoint.address);
  });

  it('refuses a table of another size', () => {
    expect(() => gate.apply({ revision: 9n, routes: [online] })).toThrow('1024 routes');
  });
});
