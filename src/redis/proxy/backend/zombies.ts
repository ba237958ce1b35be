import { errorMessage } from '../../../common/errors.js';
import type { AbandonedServer, Endpoint } from '../../routing-table.js';
import { BackendError } from './backend-error.js';
import { Backoff } from '../../../common/async.js';
import { converse, killClients } from './one-shot.js';
import type { Ask } from './one-shot.js';

const CONVERSATION_TIMEOUT_MS = 5000;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 2_000;

interface LostServer {
  /** As it was known last: its password may have been changed. */
  endpoint: Endpoint;
  /** Requests by slot, by the name of the connection that was lost with them. */
  readonly connections: Map<string, Map<number, number>>;
  readonly backoff: Backoff;
  lastError: string;
}

export interface ZombieOptions {
  readonly nextName: () => string;
  readonly mayOpen: () => boolean;
  /** A request that was in flight for the slot cannot be executed any more. */
  readonly leave: (slot: number) => void;
}

/**
 * Accounts for requests that were in flight, and may change data, when their connection was lost: the server
 * may execute them as long as it has the connection, however long ago we gave it up.
 *
 * Resolving them means to ask the server, over a new connection, whether it still has a connection of that
 * name, and to have it killed if so. Connections are named before their first request, names are never
 * used twice, and a server that was restarted has none of them. A server that cannot be asked is asked again and
 * again, with pauses: until it answers, its slots are not acknowledged. So it is with one that refuses connections:
 * a firewall, a balancer or CONFIG SET port refuse new ones while old ones live.
 */
export class ZombieKeeper {
  private readonly servers = new Map<string, LostServer>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private abandoned: ReadonlyMap<string, ReadonlySet<number>> = new Map();
  /** By identity: where the servers are that are used now. */
  private current: ReadonlyMap<string, Endpoint> = new Map();
  private readonly stopping = new AbortController();

  constructor(private readonly options: ZombieOptions) {}

  /** Takes over the requests, counted by slot, that were in flight on a connection that is gone. */
  add(lostAt: Endpoint, connectionName: string, counts: ReadonlyMap<number, number>): void {
    const endpoint = this.currentOf(lostAt);
    const kept = new Map(counts);
    this.release(kept, this.abandoned.get(endpoint.address));
    if (kept.size === 0) return;
    let server = this.servers.get(endpoint.address);
    if (server === undefined) {
      server = {
        endpoint,
        connections: new Map(),
        backoff: new Backoff(FIRST_RETRY_MS, LONGEST_RETRY_MS),
        lastError: 'being asked',
      };
      this.servers.set(endpoint.address, server);
      this.schedule(server, 0);
    }
    server.endpoint = endpoint;
    server.connections.set(connectionName, kept);
  }

  /**
   * Names the servers and slots whose requests need not be waited for: nothing they still do can matter, because
   * their data will not be read again.
   *
   * @returns the addresses of which slots are named that have not been before
   */
  setAbandoned(abandoned: readonly AbandonedServer[]): readonly string[] {
    const before = this.abandoned;
    this.abandoned = new Map(abandoned.map(({ address, slots }) => [address, new Set(slots)]));
    const added: string[] = [];
    for (const { address, slots } of abandoned) {
      const known = before.get(address);
      if (slots.some((slot) => known?.has(slot) !== true)) added.push(address);
    }
    for (const address of added) this.letGoOf(address);
    return added;
  }

  /**
   * The servers that are used now. One that has got another address is asked there: at the old one nobody may answer any
   * more.
   */
  follow(endpoints: Iterable<Endpoint>): void {
    const current = new Map<string, Endpoint>();
    for (const endpoint of endpoints) if (endpoint.identity != null) current.set(endpoint.identity, endpoint);
    this.current = current;
    for (const lost of [...this.servers.values()]) {
      const endpoint = this.currentOf(lost.endpoint);
      if (endpoint.address !== lost.endpoint.address) this.moveTo(endpoint, lost);
    }
  }

  private currentOf(endpoint: Endpoint): Endpoint {
    return this.current.get(endpoint.identity ?? '') ?? endpoint;
  }

  private moveTo(endpoint: Endpoint, lost: LostServer): void {
    this.forget(lost);
    for (const [name, counts] of lost.connections) this.add(endpoint, name, counts);
  }

  private letGoOf(address: string): void {
    const server = this.servers.get(address);
    if (server === undefined) return;
    for (const [name, counts] of server.connections) {
      this.release(counts, this.abandoned.get(address));
      if (counts.size === 0) server.connections.delete(name);
    }
    if (server.connections.size === 0) this.forget(server);
  }

  /** Takes those slots out of the counts, and counts their requests as over. */
  private release(counts: Map<number, number>, slots: ReadonlySet<number> | undefined): void {
    if (slots === undefined) return;
    const over = new Map([...counts].filter(([slot]) => slots.has(slot)));
    for (const slot of over.keys()) counts.delete(slot);
    this.resolve(over);
  }

  stop(): void {
    this.stopping.abort();
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }

  /** The servers that may still execute requests of the slot, and why that is not known. */
  reasonsFor(slot: number): { readonly address: string; readonly why: string }[] {
    const reasons: { address: string; why: string }[] = [];
    for (const [address, { connections, lastError }] of this.servers) {
      for (const counts of connections.values()) {
        if (!counts.has(slot)) continue;
        reasons.push({ address, why: lastError });
        break;
      }
    }
    return reasons;
  }

  private schedule(server: LostServer, delayMs: number): void {
    const { address } = server.endpoint;
    if (this.stopping.signal.aborted) return;
    const timer = setTimeout(() => {
      this.timers.delete(address);
      void this.attempt(server);
    }, delayMs);
    this.timers.set(address, timer);
  }

  private async attempt(server: LostServer): Promise<void> {
    const { endpoint, connections } = server;
    const asked = [...connections.keys()];
    try {
      if (!this.options.mayOpen())
        throw new BackendError('the proxy has no live session with the coordinator');
      await converse(
        endpoint,
        this.options.nextName(),
        CONVERSATION_TIMEOUT_MS,
        this.stopping.signal,
        (ask) => killByName(ask, new Set(asked)),
      );
    } catch (error) {
      server.lastError = errorMessage(error);
      if (this.servers.get(endpoint.address) === server) this.schedule(server, server.backoff.next());
      return;
    }
    if (this.servers.get(endpoint.address) !== server) return;
    server.backoff.reset();
    const resolved = asked.map((name) => connections.get(name) ?? new Map<number, number>());
    for (const name of asked) connections.delete(name);
    if (connections.size === 0) this.forget(server);
    else this.schedule(server, 0);
    for (const counts of resolved) this.resolve(counts);
  }

  private forget(server: LostServer): void {
    const { address } = server.endpoint;
    this.servers.delete(address);
    clearTimeout(this.timers.get(address));
    this.timers.delete(address);
  }

  private resolve(counts: ReadonlyMap<number, number>): void {
    for (const [slot, count] of counts) {
      for (let i = 0; i < count; i++) this.options.leave(slot);
    }
  }
}

/** Kills the connections of these names; when it returns, the server has none of them. */
async function killByName(ask: Ask, names: ReadonlySet<string>): Promise<void> {
  await killClients(ask, ({ name }) => names.has(name));
}
