import type { ClientWarning } from '../../../src/redis/proxy/client-warnings.js';
import { DEFAULT_LIMITS } from '../../../src/redis/proxy/options.js';
import type { ProxyLimits } from '../../../src/redis/proxy/options.js';
import { ProxyServer } from '../../../src/redis/proxy/proxy-server.js';
import type { Endpoint, Route, RoutingTable } from '../../../src/redis/routing-table.js';
import { SLOT_COUNT } from '../../../src/redis/slots.js';
import type { SlotStatus } from '../../../src/redis/slots.js';
import { slotOfKey } from '../../../src/redis/key-slot.js';
import { RespClient } from './redis-client.js';

export interface ProxySetup {
  readonly password?: string;
  readonly limits?: Partial<ProxyLimits>;
  readonly onWarning?: (warning: ClientWarning) => void;
  readonly mayOpenConnections?: () => boolean;
}

let incarnations = 0;

/** A proxy under test, with what tests do to it: routes that are changed, acknowledgements that are awaited. */
export class TestProxy {
  private revision = 0n;
  private routes: Route[] = new Array<Route>(SLOT_COUNT).fill(offline());

  private constructor(readonly server: ProxyServer) {}

  static async start(setup: ProxySetup = {}): Promise<TestProxy> {
    incarnations += 1;
    const server = new ProxyServer({
      listen: { host: '127.0.0.1', port: 0 },
      password: setup.password ?? null,
      name: 'test',
      incarnation: `${process.pid}-${incarnations}`,
      sessionIds: { first: 1, step: 1 },
      limits: { ...DEFAULT_LIMITS, stopTimeoutMs: 500, ...setup.limits },
      onWarning: setup.onWarning ?? (() => undefined),
      mayOpenConnections: setup.mayOpenConnections ?? (() => true),
    });
    await server.start();
    return new TestProxy(server);
  }

  get port(): number {
    return this.server.address!.port;
  }

  client(): Promise<RespClient> {
    return RespClient.connect(this.port);
  }

  /** Applies a table in which `change` gives the route of each slot, or nothing where it stays. */
  apply(change: (slot: number) => Route | undefined): bigint {
    this.revision += 1n;
    this.routes = this.routes.map((route, slot) => change(slot) ?? route);
    this.server.apply(this.table());
    return this.revision;
  }

  /** Applies routes for the slots of some keys. */
  applyFor(keys: readonly string[], route: Route): bigint {
    const slots = new Set(keys.map(slotOfKey));
    return this.apply((slot) => (slots.has(slot) ? route : undefined));
  }

  /** Spreads all slots over the servers in turns. */
  spread(servers: readonly { readonly endpoint: Endpoint }[]): bigint {
    const routes = servers.map((server) => online(server));
    return this.apply((slot) => routes[slot % routes.length]);
  }

  table(): RoutingTable {
    return { revision: this.revision, routes: this.routes };
  }

  isApplied(revision: bigint): boolean {
    return this.server.appliedRevision >= revision;
  }

  /** Resolves when the revision, or a later one, has been acknowledged. */
  applied(revision: bigint): Promise<void> {
    return new Promise((resolve) => {
      if (this.isApplied(revision)) return resolve();
      const remove = this.server.onApplied((applied) => {
        if (applied < revision) return;
        remove();
        resolve();
      });
    });
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }
}

interface Server {
  readonly endpoint: Endpoint;
}

export function offline(): Route {
  return { status: 'OFFLINE', owner: null, target: null, readers: [] };
}

export function online(owner: Server, readers: readonly Server[] = []): Route {
  return { status: 'ONLINE', owner: owner.endpoint, target: null, readers: readers.map((r) => r.endpoint) };
}

export function moving(status: SlotStatus, owner: Server, target: Server): Route {
  return { status, owner: owner.endpoint, target: target.endpoint, readers: [] };
}

/** The first keys `prefix0`, `prefix1`, ... whose slots satisfy the condition. */
export function keysWhere(count: number, condition: (slot: number) => boolean, prefix = 'key:'): string[] {
  const keys: string[] = [];
  for (let i = 0; keys.length < count; i++) {
    if (condition(slotOfKey(prefix + i))) keys.push(prefix + i);
  }
  return keys;
}

/** Polls a condition that no event tells of. */
export async function until(condition: () => boolean | Promise<boolean>, what = 'condition'): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Not within 30 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
