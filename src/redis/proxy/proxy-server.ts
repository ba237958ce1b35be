import type { AddressInfo, Server, Socket } from 'node:net';
import { QuorateError } from '../../common/errors.js';
import { MigrateConnections } from './backend/migrate-connections.js';
import { BackendPool } from './backend/pool.js';
import { ReplicaWatch } from './backend/replica-watch.js';
import { ZombieKeeper } from './backend/zombies.js';
import { listenForClients } from './client-listener.js';
import { ClientWarnings } from './client-warnings.js';
import { CachedClock } from './cached-clock.js';
import type { ProxyContext } from './context.js';
import type { AppliedListener, DataPlane } from './data-plane.js';
import type { ProxyLimits, ProxyOptions } from './options.js';
import { error } from './resp/encode.js';
import { Router } from './router.js';
import type { RoutingTable } from '../routing-table.js';
import { PROXY_PREFIX } from '../connection-names.js';
import { Dispatcher } from './session/dispatcher.js';
import { HeldSessions } from './session/held-sessions.js';
import { Session } from './session/session.js';
import { SlotGate } from './slot-gate.js';
import { SlowLog, type SlowRequest } from './slow-log.js';
import { Counters, type Tally } from './stats.js';
import { FlushScheduler } from './flush-scheduler.js';
import { describeWaiting } from './waiting-for.js';
import { WriteBuffers } from './write-buffers.js';

export const TOO_MANY_CLIENTS = error('ERR max number of clients reached');

/** The proxy's name on connections to servers may hold no blank; everything else would be refused there. */
const CONNECTION_NAME = /^[\x21-\x7e]+$/;

/**
 * The data plane of one Redis proxy: listens for clients, sends their requests to the servers of their slots
 * by the routing table it was last given, and tells when that table is in force.
 *
 * It knows no coordinator: whoever owns it applies tables and passes the acknowledgements on.
 */
export class ProxyServer implements DataPlane {
  private readonly context: ProxyContext;
  private readonly dispatcher: Dispatcher;
  private readonly sessions = new Set<Session>();
  private readonly listeners = new Set<AppliedListener>();
  private server: Server | null = null;
  private nextSessionId: number;
  private running = false;
  private whenEmpty: (() => void) | null = null;

  /** @throws QuorateError when name or incarnation cannot be part of a connection's name */
  constructor(private readonly options: ProxyOptions) {
    const prefix = `${PROXY_PREFIX}${options.name}:${options.incarnation}`;
    if (!CONNECTION_NAME.test(prefix)) {
      throw new QuorateError(
        'REDIS_PROXY_NAME',
        `A proxy's name and incarnation are printable ASCII without blanks, not '${prefix}'.`,
      );
    }
    this.nextSessionId = options.sessionIds.first;
    this.context = createContext(options, prefix, (revision) => this.acknowledged(revision));
    this.dispatcher = new Dispatcher(this.context);
  }

  /** The newest revision in force, as {@link onApplied} reported it; 0 before the first. */
  get appliedRevision(): bigint {
    return this.context.gate.acknowledged;
  }

  /** Where clients connect to; null unless it listens. */
  get address(): AddressInfo | null {
    const address = this.server?.address();
    return typeof address === 'object' ? (address ?? null) : null;
  }

  /** Listens, unless it is only given clients. @throws QuorateError when it cannot */
  async start(): Promise<void> {
    if (this.running) return;
    const { listen } = this.options;
    if (listen !== null) this.server = await listenForClients(listen, false, (socket) => this.accept(socket));
    this.running = true;
    this.context.pool.start();
    this.context.replicas.start();
  }

  /** Stops listening, answers what is in flight for up to the configured time, then closes everything. */
  async stop(): Promise<boolean> {
    const { server } = this;
    if (!this.running) return true;
    this.running = false;
    this.server = null;
    const closed = new Promise<void>((resolve) => {
      if (server === null) resolve();
      else server.close(() => resolve());
    });
    for (const session of this.sessions) session.endWhenAnswered();
    if (this.sessions.size > 0) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.whenEmpty = resolve;
        timer = setTimeout(resolve, this.options.limits.stopTimeoutMs);
      });
      clearTimeout(timer);
      this.whenEmpty = null;
    }
    for (const session of this.sessions) session.destroy();
    this.context.zombies.stop();
    this.context.migrateConnections.stop();
    this.context.replicas.stop();
    this.context.pool.stop();
    await closed;
    return this.context.gate.totalInFlight === 0;
  }

  /**
   * Uses a routing table from now on; an older one than the newest is ignored. Listeners of
   * {@link onApplied} may be called before it returns.
   */
  apply(table: RoutingTable): void {
    this.context.clock.update();
    const { zombies, pool } = this.context;
    for (const address of zombies.setAbandoned(table.abandoned ?? [])) pool.drop(address);
    zombies.follow(
      [...new Set(table.routes)].flatMap(({ owner, target }) => [owner ?? [], target ?? []].flat()),
    );
    this.context.gate.apply(table);
    this.context.replicas.follow(table.routes);
    for (const { owner, target } of new Set(table.routes))
      if (owner !== null && target !== null) pool.prepareMove(owner, target);
  }

  /**
   * Calls the listener with every revision that comes into force: no request is in flight by an older route,
   * and none of a slot that is PRE_MIGRATE. Only the newest table counts; older ones may be skipped.
   *
   * @returns a function that removes the listener
   */
  onApplied(listener: AppliedListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** A sentence that says what keeps the newest table from being in force; null when it is. */
  waitingFor(): string | null {
    return describeWaiting(this.context.gate, this.context.zombies);
  }

  tally(): Tally {
    const { counters, gate, pool } = this.context;
    return counters.tally(gate.totalInFlight, pool.size);
  }

  slowLog(): SlowRequest[] {
    return this.context.slowLog.read();
  }

  /** Slow requests with a number above the given one, the oldest first. */
  slowSince(id: number): SlowRequest[] {
    return this.context.slowLog.since(id);
  }

  /** Serves a client that was accepted here or elsewhere, as {@link listenForClients} makes their sockets. */
  accept(socket: Socket): void {
    const { context } = this;
    const { counters } = context;
    if (this.sessions.size >= this.options.limits.maxClients || !this.running) {
      counters.sessionsRefused++;
      socket.on('error', () => undefined);
      socket.end(TOO_MANY_CLIENTS, () => socket.destroy());
      return;
    }
    counters.sessions++;
    counters.sessionsTotal++;
    const id = this.nextSessionId;
    this.nextSessionId += this.options.sessionIds.step;
    this.sessions.add(new Session(id, socket, context, this.dispatcher, (session) => this.gone(session)));
  }

  private gone(session: Session): void {
    this.sessions.delete(session);
    this.context.counters.sessions--;
    if (this.sessions.size === 0) this.whenEmpty?.();
  }

  private acknowledged(revision: bigint): void {
    for (const listener of this.listeners) listener(revision);
  }
}

/** One that is off is never asked: no request takes for ever. */
function createSlowLog({ slowLogThresholdMs, slowLogLength }: ProxyLimits): SlowLog {
  return new SlowLog(slowLogLength === 0 ? Number.POSITIVE_INFINITY : slowLogThresholdMs, slowLogLength);
}

function createContext(
  options: ProxyOptions,
  namePrefix: string,
  onAcknowledged: AppliedListener,
): ProxyContext {
  const scheduler = new FlushScheduler();
  const held = new HeldSessions(scheduler);
  const gate: SlotGate = new SlotGate((slot) => {
    router.slotChanged(slot);
    held.wake(slot);
  }, onAcknowledged);
  const mayOpen = options.mayOpenConnections;
  const zombies: ZombieKeeper = new ZombieKeeper({
    nextName: () => pool.nextName(),
    mayOpen,
    leave: (slot) => gate.leave(slot),
  });
  const backend = {
    limits: options.limits,
    buffers: new WriteBuffers(),
    clock: new CachedClock(),
    scheduler,
    gate,
    counters: new Counters(),
    slowLog: createSlowLog(options.limits),
    zombies,
    mayOpen,
  };
  const pool: BackendPool = new BackendPool(backend, namePrefix);
  const replicas = new ReplicaWatch(options.limits, mayOpen);
  const router: Router = new Router(gate, pool, replicas);
  const migrateConnections = new MigrateConnections({
    connectionTo: (target) => pool.connection(target, 0, 'on-demand-migration'),
    nextName: () => pool.nextName(),
    mayOpen,
  });
  const warnings = new ClientWarnings(options.onWarning);
  return { ...backend, options, pool, router, replicas, held, migrateConnections, warnings };
}
