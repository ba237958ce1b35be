import { DATABASE_COUNT, SLOT_COUNT } from '../slots.js';
import { BackendError } from './backend/backend-error.js';
import type { BackendConnection } from './backend/connection.js';
import type { BackendPool } from './backend/pool.js';
import type { ReplicaWatch } from './backend/replica-watch.js';
import { SLOT_ONLINE } from './slot-gate.js';
import type { SlotGate } from './slot-gate.js';

/**
 * Per slot the connection that a request may be sent over without asking anything else, or null when it has
 * to be found out. A connection found here may have been lost or be full: `accepting` tells.
 */
export interface DirectRoutes {
  readonly reads: (BackendConnection | null)[];
  readonly writes: (BackendConnection | null)[];
}

/** From a slot and a database to the connection to use, by the routes that the gate holds in use. */
export class Router {
  private readonly direct: (DirectRoutes | null)[] = new Array<DirectRoutes | null>(DATABASE_COUNT).fill(
    null,
  );
  private turnOfReaders = 0;

  constructor(
    private readonly gate: SlotGate,
    private readonly pool: BackendPool,
    private readonly replicas: Pick<ReplicaWatch, 'isGood'>,
  ) {}

  /** The same object for ever for one database. */
  directRoutes(database: number): DirectRoutes {
    return (this.direct[database] ??= { reads: nulls(), writes: nulls() });
  }

  /** To be called when the slot's state or route has changed. */
  slotChanged(slot: number): void {
    for (const routes of this.direct) {
      if (routes === null) continue;
      routes.reads[slot] = null;
      routes.writes[slot] = null;
    }
  }

  /**
   * The connection for a request of a slot that is ONLINE, which may be one that accepts nothing just now.
   *
   * @param reading whether a replica may answer
   * @throws BackendError when the server cannot be reached
   */
  online(slot: number, database: number, reading: boolean): BackendConnection {
    const { owner, readers } = this.gate.route(slot);
    if (owner === null || this.gate.state[slot] !== SLOT_ONLINE) {
      throw new BackendError(`slot ${slot} is not online`, 'SLOT_OFFLINE');
    }
    if (reading && readers.length > 0) {
      const reader = this.reader(slot, database);
      if (reader !== null) return reader;
    }
    const connection = this.pool.connection(owner, database, 'requests');
    const routes = this.directRoutes(database);
    routes.writes[slot] = connection;
    if (readers.length === 0) routes.reads[slot] = connection;
    return connection;
  }

  /** Whether a connection that was found for a read of this slot leads to a replica. */
  leadsToReplica(slot: number, { endpoint }: BackendConnection): boolean {
    const { owner, readers } = this.gate.route(slot);
    return readers.length > 0 && endpoint.address !== owner?.address;
  }

  /**
   * The connection to the master for a read that a replica of it could not answer; null when it cannot be asked. The route
   * in use is the one by which the read was sent, also while a newer one waits for what is in flight.
   */
  master(slot: number, database: number): BackendConnection | null {
    const { owner, status } = this.gate.route(slot);
    if (owner === null || status !== 'ONLINE') return null;
    try {
      return this.pool.connection(owner, database, 'requests');
    } catch (error) {
      if (error instanceof BackendError) return null;
      throw error;
    }
  }

  /** A replica that is good to read from and connected, in turns; one that is not connected yet is being connected meanwhile. */
  private reader(slot: number, database: number): BackendConnection | null {
    const { readers } = this.gate.route(slot);
    for (let i = 0; i < readers.length; i++) {
      this.turnOfReaders = (this.turnOfReaders + 1) & 0xffff;
      const endpoint = readers[this.turnOfReaders % readers.length]!;
      if (!this.replicas.isGood(endpoint.address)) continue;
      try {
        const connection = this.pool.connection(endpoint, database, 'requests');
        if (connection.ready && connection.accepting) return connection;
      } catch (error) {
        // The owner answers instead; the pool remembers why the replica cannot.
        if (!(error instanceof BackendError)) throw error;
      }
    }
    return null;
  }
}

function nulls(): (BackendConnection | null)[] {
  return new Array<BackendConnection | null>(SLOT_COUNT).fill(null);
}
