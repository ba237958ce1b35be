import { SLOT_COUNT } from '../slots.js';
import type { Route, RoutingTable } from '../routing-table.js';

/** The slot has no owner: its requests are answered with an error. */
export const SLOT_OFFLINE = 0;
/** Requests go to the owner. */
export const SLOT_ONLINE = 1;
/** Requests are held: the slot is PRE_MIGRATE, or requests of its previous route are still in flight. */
export const SLOT_HELD = 2;
/** Keys are brought over before a request goes to the target. */
export const SLOT_MIGRATE = 3;

const OFFLINE_ROUTE: Route = Object.freeze({ status: 'OFFLINE', owner: null, target: null, readers: [] });

/** Called with every slot whose state or route has just changed. */
export type SlotListener = (slot: number) => void;

/**
 * Knows for every slot where its requests go, how many are in flight, and when a new route may be used. It keeps the
 * first three rules of docs/proxy.md, section "In flight, held, acknowledged".
 *
 * Invariants:
 * - `inFlight[slot]` counts requests from when they are routed until the server's reply has been taken or
 *   the server provably cannot change data by them any more, whether or not their client is still there.
 * - All requests in flight for a slot were routed by `settled[slot]`. A route that differs from it in
 *   status, owner or target comes into use only when the count is zero; until then the slot is held.
 * - The newest table is acknowledged exactly when no slot waits for its count. So PRE_MIGRATE is
 *   acknowledged when nothing of the slot is in flight, and any other route when nothing is in flight by
 *   another route than it.
 */
export class SlotGate {
  readonly inFlight = new Int32Array(SLOT_COUNT);
  readonly state = new Uint8Array(SLOT_COUNT).fill(SLOT_OFFLINE);
  /** The newest revision for which no slot waits any more; 0 before the first. */
  acknowledged = 0n;

  private table: RoutingTable | null = null;
  private readonly settled: Route[] = new Array<Route>(SLOT_COUNT).fill(OFFLINE_ROUTE);
  private readonly switching = new Set<number>();

  constructor(
    private readonly onSlotChanged: SlotListener,
    private readonly onAcknowledged: (revision: bigint) => void,
  ) {}

  /** Whether any table has been applied. */
  get hasTable(): boolean {
    return this.table !== null;
  }

  /** The route in use, that of requests in flight included. */
  route(slot: number): Route {
    return this.settled[slot]!;
  }

  /** Slots whose newest route waits for requests in flight. */
  get waitingSlots(): ReadonlySet<number> {
    return this.switching;
  }

  get totalInFlight(): number {
    let sum = 0;
    for (const count of this.inFlight) sum += count;
    return sum;
  }

  /** Uses `table` from now on. A table older than the newest one is ignored. */
  apply(table: RoutingTable): void {
    if (table.routes.length !== SLOT_COUNT) {
      throw new RangeError(`A routing table has ${SLOT_COUNT} routes, not ${table.routes.length}.`);
    }
    const previous = this.table;
    if (previous !== null && table.revision < previous.revision) return;
    this.table = table;
    for (let slot = 0; slot < SLOT_COUNT; slot++) {
      const route = table.routes[slot]!;
      if (previous?.routes[slot] !== route) this.change(slot, route);
    }
    this.acknowledge();
  }

  enter(slot: number): void {
    this.inFlight[slot]!++;
  }

  leave(slot: number): void {
    if (--this.inFlight[slot]! === 0) this.drained(slot);
  }

  /** To be called when a count of {@link inFlight} has been brought to zero other than by {@link leave}. */
  drained(slot: number): void {
    if (this.switching.size === 0 || !this.switching.delete(slot)) return;
    const route = this.table!.routes[slot]!;
    this.settled[slot] = route;
    this.state[slot] = stateOf(route);
    this.onSlotChanged(slot);
    this.acknowledge();
  }

  private change(slot: number, route: Route): void {
    if (this.inFlight[slot] === 0 || leadsAlike(route, this.settled[slot]!)) {
      this.switching.delete(slot);
      this.settled[slot] = route;
      this.state[slot] = stateOf(route);
    } else {
      this.switching.add(slot);
      this.state[slot] = SLOT_HELD;
    }
    this.onSlotChanged(slot);
  }

  private acknowledge(): void {
    if (this.table === null || this.switching.size > 0 || this.acknowledged === this.table.revision) return;
    this.acknowledged = this.table.revision;
    this.onAcknowledged(this.acknowledged);
  }
}

/** Whether requests in flight by one route are no obstacle to using the other. */
function leadsAlike(a: Route, b: Route): boolean {
  return (
    a.status === b.status && a.owner?.address === b.owner?.address && a.target?.address === b.target?.address
  );
}

function stateOf(route: Route): number {
  switch (route.status) {
    case 'OFFLINE':
      return SLOT_OFFLINE;
    case 'ONLINE':
      return SLOT_ONLINE;
    case 'PRE_MIGRATE':
      return SLOT_HELD;
    case 'MIGRATE':
      return SLOT_MIGRATE;
  }
}
