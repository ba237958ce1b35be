import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { QuorateError } from '../../common/errors.js';
import { MigrateFeeds } from './backend/migrate-feeds.js';
import { BackendPool } from './backend/pool.js';
import { ZombieKeeper } from './backend/zombies.js';
import { BufferPool } from './buffer-pool.js';
import { TurnClock } from './clock.js';
import type { ProxyContext } from './context.js';
import type { ProxyLimits, ProxyOptions } from './options.js';
import { error } from './resp/encode.js';
import { Router } from './router.js';
import type { RoutingTable } from '../routing-table.js';
import { Dispatcher } from './session/dispatcher.js';
import { HeldSessions } from './session/held-sessions.js';
import { Session } from './session/session.js';
import { SlotGate } from './slot-gate.js';
import { SlowLog, type SlowRequest } from './slow-log.js';
import { Counters } from './stats.js';
import type { ProxyStats } from './stats.js';
import { Turn } from './turn.js';
import { describeWaiting } from './waiting-for.js';

const TOO_MANY_CLIENTS = error('ERR max number of clients reached');

export type AppliedListener = (revision: bigint) => void;

/** The proxy's name on connections to servers may hold no blank; everything else would be refused there. */
const CONNECTION_NAME = /^[\x21-\x7e]+$/;

/**
 * The data plane of one Redis proxy: listens for clients, sends their requests to the servers of their slots
 * by the routing table it was last given, and tells when that table is in force.
 *
 * It knows no coordinator: whoever owns it applies tables and passes the acknowledgements on.
 */
export class ProxyServer {
  private readonly context: ProxyContext;
  private readonly dispatcher: Dispatcher;
  private readonly sessions = new Set<Session>();
  private readonly listeners = new Set<AppliedListener>();
  private server: Server | null = null;
  private nextSessionId = 1;
  private whenEmpty: (() => void) | null = null;

  /** @throws QuorateError when name or incarnation cannot be part of a connection's name */
  constructor(private readonly options: ProxyOptions) {
    const prefix = `quorate-proxy:${options.name}:${options.incarnation}`;
    if (!CONNECTION_NAME.test(prefix)) {
      throw new QuorateError(
        'REDIS_PROXY_NAME',
        `A proxy's name and incarnation are printable ASCII without blanks, not '${prefix}'.`,
      );
    }
    this.context = createContext(options, prefix, (revision) => this.acknowledged(revision));
    this.dispatcher = new Dispatcher(this.context);
  }

  /** The newest revision in force, as {@link onApplied} reported it; 0 before the first. */
  get appliedRevision(): bigint {
    return this.context.gate.acknowledged;
  }

  /** Where clients connect to; null unless started. */
  get address(): AddressInfo | null {
    const address = this.server?.address();
    return typeof address === 'object' ? (address ?? null) : null;
  }

  /** Listens. @throws the listener's error, for example that the address is in use */
  async start(): Promise<void> {
    if (this.server !== null) return;
    const server = createServer(
      { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000, allowHalfOpen: true },
      (socket) => this.accept(socket),
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.options.listen, () => {
        server.off('error', reject);
        resolve();
      });
    });
    // An error of accepting, such as too many open files, passes; those who connect see it.
    server.on('error', () => undefined);
    this.server = server;
    this.context.pool.start();
  }

  /** Stops listening, answers what is in flight for up to the configured time, then closes everything. */
  async stop(): Promise<void> {
    const { server } = this;
    if (server === null) return;
    this.server = null;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
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
    this.context.feeds.stop();
    this.context.pool.stop();
    await closed;
  }

  /**
   * Uses a routing table from now on; an older one than the newest is ignored. Listeners of
   * {@link onApplied} may be called before it returns.
   */
  apply(table: RoutingTable): void {
    this.context.clock.update();
    const { zombies, pool } = this.context;
    for (const address of zombies.setAbandoned(table.abandoned ?? [])) pool.drop(address);
    this.context.gate.apply(table);
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

  stats(): ProxyStats {
    return this.context.counters.read(this.context.gate.totalInFlight);
  }

  /** The last requests that took long, the newest first. */
  slowLog(): SlowRequest[] {
    return this.context.slowLog.read();
  }

  /** Connections to servers that are open or being opened. */
  get serverConnections(): number {
    return this.context.pool.size;
  }

  private accept(socket: Socket): void {
    const { context } = this;
    const { counters } = context;
    if (this.sessions.size >= this.options.limits.maxClients || this.server === null) {
      counters.sessionsRefused++;
      socket.on('error', () => undefined);
      socket.end(TOO_MANY_CLIENTS, () => socket.destroy());
      return;
    }
    counters.sessions++;
    counters.sessionsTotal++;
    this.sessions.add(
      new Session(this.nextSessionId++, socket, context, this.dispatcher, (session) => this.gone(session)),
    );
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
  const turn = new Turn();
  const held = new HeldSessions(turn);
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
    buffers: new BufferPool(),
    clock: new TurnClock(),
    turn,
    gate,
    counters: new Counters(),
    slowLog: createSlowLog(options.limits),
    zombies,
    mayOpen,
  };
  const pool: BackendPool = new BackendPool(backend, namePrefix);
  const router: Router = new Router(gate, pool);
  const feeds = new MigrateFeeds({
    connectionTo: (target) => pool.connection(target, 0, 'bring-over'),
    nextName: () => pool.nextName(),
    mayOpen,
  });
  return { ...backend, options, pool, router, held, feeds };
}
