import { errorMessage } from '../../../common/errors.js';
import type { Endpoint } from '../../routing-table.js';
import { BackendError } from './backend-error.js';
import { RetrySchedule } from './retry-schedule.js';
import { BackendConnection } from './connection.js';
import type { BackendContext } from './context.js';

/** What a connection is used for: MIGRATE may block for long, so it never shares one with requests. */
export type Purpose = 'requests' | 'on-demand-migration';

/** A check that is later than this tells that the process, or the machine, was stopped. */
const AWAY_MS = 1_000;
const TIMEOUT_CHECK_MS = 100;
/** MIGRATE's timeout is for each step of its conversation with the target, so the whole takes longer. */
const MIGRATE_STEPS = 3;
const SHUTTING_DOWN = 'the proxy is shutting down';

interface Entry {
  readonly address: string;
  readonly database: number;
  readonly purpose: Purpose;
  connection: BackendConnection | null;
  readonly retries: RetrySchedule;
  lastError: BackendError | null;
}

/** The connections to all servers: one for every server, database and purpose, opened when first needed. */
export class BackendPool {
  private readonly entries = new Map<string, Entry>();
  private timer: NodeJS.Timeout | null = null;
  private checkedAt = 0;
  private hasExcused = false;
  private sequence = 0;
  private stopped = false;

  /**
   * @param namePrefix what all connection names of this process begin with; unique to the process
   */
  constructor(
    private readonly context: BackendContext,
    private readonly namePrefix: string,
  ) {}

  /** Connections that are open or being opened. */
  get size(): number {
    let size = 0;
    for (const { connection } of this.entries.values()) if (connection !== null) size++;
    return size;
  }

  start(): void {
    this.stopped = false;
    this.checkedAt = this.context.clock.update();
    this.timer ??= setInterval(() => this.checkTimeouts(), TIMEOUT_CHECK_MS);
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    // A read that fails at a replica now is not to open a connection to the master.
    this.stopped = true;
    for (const { connection } of [...this.entries.values()]) {
      connection?.fail(new BackendError(SHUTTING_DOWN, 'UNREACHABLE'));
    }
    this.entries.clear();
  }

  /** Ends all connections to a server. */
  drop(address: string): void {
    for (const { connection } of [...this.entries.values()]) {
      if (connection?.endpoint.address !== address) continue;
      connection.fail(new BackendError(`backend ${address} has been given up`, 'UNREACHABLE', address));
    }
  }

  /** A name for a new connection to a server that no connection has had. */
  nextName(): string {
    this.sequence++;
    return `${this.namePrefix}:${this.sequence}`;
  }

  /**
   * The connection to a database of a server, opened when there is none.
   *
   * @throws BackendError when none may be opened, or when the last attempt has just failed
   */
  connection(endpoint: Endpoint, database: number, purpose: Purpose): BackendConnection {
    const key = `${endpoint.address}/${database}/${purpose}`;
    let entry = this.entries.get(key);
    if (entry === undefined) {
      const { address } = endpoint;
      entry = { address, database, purpose, connection: null, retries: new RetrySchedule(), lastError: null };
      this.entries.set(key, entry);
    }
    return entry.connection ?? this.open(entry, endpoint, database, purpose);
  }

  /**
   * Opens what requests of slots on their way from one server to another will need, in every database in which
   * the owner is in use: a proxy that loses its session in the middle of the move may open nothing.
   */
  prepareMove(owner: Endpoint, target: Endpoint): void {
    this.prepare(target, 0, 'on-demand-migration');
    for (const { address, database, purpose, connection } of [...this.entries.values()]) {
      if (address !== owner.address || purpose !== 'requests' || connection === null) continue;
      this.prepare(owner, database, 'on-demand-migration');
      this.prepare(target, database, 'requests');
    }
  }

  private prepare(endpoint: Endpoint, database: number, purpose: Purpose): void {
    try {
      this.connection(endpoint, database, purpose);
    } catch (error) {
      // Whoever needs it will be told.
      if (!(error instanceof BackendError)) throw error;
    }
  }

  private open(entry: Entry, endpoint: Endpoint, database: number, purpose: Purpose): BackendConnection {
    if (this.stopped) throw new BackendError(SHUTTING_DOWN, 'UNREACHABLE');
    const now = this.context.clock.update();
    if (entry.lastError !== null && !entry.retries.isDue(now)) throw entry.lastError;
    if (!this.context.mayOpen()) {
      throw new BackendError(
        `the proxy has no live session with the coordinator, so it opens no new connection to ${endpoint.address}`,
        'UNREACHABLE',
      );
    }
    const { limits } = this.context;
    const forRequests = purpose === 'requests';
    const timeout = forRequests ? limits.requestTimeoutMs : limits.migrateTimeoutMs * MIGRATE_STEPS;
    try {
      entry.connection = new BackendConnection(
        endpoint,
        database,
        this.nextName(),
        timeout,
        forRequests ? 'from-queued' : 'from-previous-reply',
        this.context,
        (connection, reason) => this.closed(entry, connection, reason),
      );
    } catch (error) {
      throw error instanceof BackendError
        ? error
        : new BackendError(
            `backend ${endpoint.address} is unreachable: ${errorMessage(error)}`,
            'UNREACHABLE',
            endpoint.address,
          );
    }
    return entry.connection;
  }

  private closed(entry: Entry, connection: BackendConnection, reason: BackendError): void {
    if (entry.connection !== connection) return;
    entry.connection = null;
    entry.lastError = reason;
    // A connection that worked is replaced at once; only attempts that fail are spaced out.
    if (connection.wasReady) entry.retries.reset();
    else entry.retries.fail(this.context.clock.update());
  }

  private checkTimeouts(): void {
    const now = this.context.clock.update();
    const wasAway = now - this.checkedAt > AWAY_MS;
    this.checkedAt = now;
    // When this process did not run, replies that have come meanwhile have not been read yet: they are not silence. Once only,
    // so that a process that is always late finds servers that hang.
    this.hasExcused = wasAway && !this.hasExcused;
    if (this.hasExcused) return;
    for (const { connection } of this.entries.values()) connection?.checkTimeout(now);
  }
}
