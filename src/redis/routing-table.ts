import type { SlotStatus } from './slots.js';

/** How to reach one Redis server. Two endpoints are the same server when their addresses are equal. */
export interface Endpoint {
  /** `host:port`, IPv6 hosts in brackets. */
  readonly address: string;
  readonly password: string | null;
  /** The same for a server at every address that is recorded of it, one after the other; null when that is not known. */
  readonly identity?: string | null;
}

/**
 * Where the requests of one slot go.
 *
 * | status      | meaning for the proxy                                                             |
 * | ----------- | --------------------------------------------------------------------------------- |
 * | OFFLINE     | answered with an error                                                            |
 * | ONLINE      | to `owner`; reads may go to one of `readers`                                      |
 * | PRE_MIGRATE | held: neither sent nor answered until the status changes or the hold time is over |
 * | MIGRATE     | keys first brought over from `owner` to `target`, then to `target`                |
 */
export interface Route {
  readonly status: SlotStatus;
  /** The master of the group that owns the slot; null exactly when OFFLINE. */
  readonly owner: Endpoint | null;
  /** The master of the group that the slot moves to; null unless MIGRATE, or PRE_MIGRATE on its way to a group. */
  readonly target: Endpoint | null;
  /** Replicas that may answer reads; empty unless the operator allowed it and the slot is ONLINE. */
  readonly readers: readonly Endpoint[];
}

/** The whole topology as one proxy needs it, at one coordinator revision. Immutable. */
export interface RoutingTable {
  readonly revision: bigint;
  /** SLOT_COUNT entries, indexed by slot. Routes that are equal may be one object. */
  readonly routes: readonly Route[];
  /** Servers that were given up. Listed for as long as they are. */
  readonly abandoned?: readonly AbandonedServer[];
}

/**
 * A server whose data of some slots will not be read again, since another group has got them. Their requests that were
 * in flight there are waited for no longer, although the server may still execute them.
 */
export interface AbandonedServer {
  readonly address: string;
  readonly slots: readonly number[];
}
