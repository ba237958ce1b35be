import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { hostname } from 'node:os';
import type { SecureContext } from 'node:tls';
import { formatAddress, type HostPort } from '../../common/address.js';
import { errorMessage, QuorateError } from '../../common/errors.js';
import { RepeatLimit } from '../../common/repeat-limit.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Journal } from '../journal/journal.js';
import { encodeError } from '../protocol/connection/replies.js';
import { framePayload } from '../protocol/packet/framing.js';
import type { Flavour } from '../protocol/gtid/gtid-set.js';
import type { Accounts } from './accounts.js';
import { FramedChunks } from './dump/framed-chunks.js';
import { PacketOutput } from './dump/packet-output.js';
import { replaced } from './dump/refusals.js';
import { SqlError } from './query/sql-error.js';
import type { SourceFacts } from '../syncer/source-facts.js';
import { describeServer } from './describe-server.js';
import { ServerCounters } from './server-counters.js';
import type { ServerFacts } from './server-facts.js';
import { ClientSession, type StrangersFault } from './session/client-session.js';
import { SlaveRates } from './slave-rates.js';
import { VanishedSlaves } from './vanished-slaves.js';

/** How often rates are measured, in milliseconds. */
const MEASURE_MS = 1_000;
/** How long the log is silent about clients of one kind that are not let in, in milliseconds. */
const STRANGERS_QUIET_MS = 5_000;

export interface BinlogServerOptions {
  readonly name: string;
  readonly listen: HostPort;
  readonly accounts: Accounts;
  /** Null: TLS is not offered. */
  readonly tls: SecureContext | null;
  /** Clients that do not use it are not let in. */
  readonly demandsTls?: boolean;
  readonly journal: Journal;
  /** What we are to slaves. */
  readonly identity: () => { readonly serverId: number; readonly serverUuid: string };
  /** What is known of the source; null before it was connected. */
  readonly source: () => SourceFacts | null;
  readonly maxConnections: number;
  /** How long a client may take until it has proven its password. */
  readonly loginTimeoutMs: number;
  /** How long a client may be ahead of the journal before it counts as diverged; ten seconds unless told. */
  readonly catchUpMs?: number;
  readonly log: Logger;
}

/** A client that is being sent the binlog. */
export interface SlaveInfo {
  readonly connectionId: number;
  readonly serverId: number;
  readonly serverUuid: string | null;
  readonly hostName: string | null;
  readonly address: string;
  readonly user: string;
  readonly flavour: Flavour;
  readonly semiSync: boolean;
  readonly connectedAt: Date;
  /** Sent last. */
  readonly currentGtid: string | null;
  /** The journal's offset up to which it has been sent. */
  readonly offset: number;
  readonly lagBytes: number;
  /** Null before anything was sent. */
  readonly lagSeconds: number | null;
  readonly eventsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** Listens for replicas and other clients, to which it looks like the source. */
export class BinlogServer {
  readonly counters = new ServerCounters();
  private server: Server | null = null;
  private readonly sessions = new Map<number, ClientSession>();
  private readonly rates = new SlaveRates();
  private readonly vanished = new VanishedSlaves();
  private readonly chunks = new FramedChunks();
  private readonly buffers = PacketOutput.createPool();
  private readonly listeners = new Set<() => void>();
  private measuring: NodeJS.Timeout | undefined;
  private nextConnectionId = 1;
  private readonly strangers = new RepeatLimit<StrangersFault>(STRANGERS_QUIET_MS);

  constructor(private readonly options: BinlogServerOptions) {}

  /** Where it listens; after `start`. */
  get address(): HostPort {
    const { address, port } = this.server!.address() as AddressInfo;
    return { host: address, port };
  }

  /** @throws QuorateError when the address cannot be listened at */
  async start(): Promise<void> {
    const { listen, name } = this.options;
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }, (socket) =>
      this.accept(socket),
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => {
        const where = `The binlog server ${name} cannot listen at ${formatAddress(listen)}`;
        reject(new QuorateError('BINLOG_SERVER_LISTEN', `${where}: ${errorMessage(cause)}.`, { cause }));
      });
      server.listen(listen, resolve);
    });
    // From now on an error is one of accepting, such as too many open files: it passes.
    server.removeAllListeners('error').on('error', () => undefined);
    this.server = server;
    this.measuring = setInterval(() => this.measure(), MEASURE_MS);
  }

  /** Ends all connections. */
  async stop(): Promise<void> {
    clearInterval(this.measuring);
    const { server } = this;
    this.server = null;
    if (server === null) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const session of this.sessions.values()) session.destroy();
    await closed;
  }

  slaves(): SlaveInfo[] {
    return this.dumping().map((session) => this.describe(session));
  }

  /** To all slaves since it began to listen. */
  get sent(): { readonly events: number; readonly bytes: number } {
    const sent = { ...this.counters.sent };
    for (const { dump } of this.dumping()) {
      sent.events += dump?.events ?? 0;
      sent.bytes += dump?.bytes ?? 0;
    }
    return sent;
  }

  /** @returns whether there was such a connection */
  disconnect(connectionId: number): boolean {
    const session = this.sessions.get(connectionId);
    session?.end(new SqlError(1053, '08S01', 'The operator has disconnected this replica'));
    return session !== undefined;
  }

  /** Called when a slave comes, goes, or has moved on; answers how to end that. */
  onSlaves(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private accept(socket: Socket): void {
    const { options } = this;
    const refusal = this.refusal();
    if (refusal !== null) {
      this.counters.refused.connection++;
      socket.on('error', () => undefined);
      socket.end(framePayload(encodeError(refusal, false), 0), () => socket.destroy());
      return;
    }
    const connectionId = this.nextConnectionId++;
    const session = new ClientSession({
      ...{ socket, connectionId, accounts: options.accounts, journal: options.journal },
      ...{ tls: options.tls, demandsTls: options.demandsTls === true },
      ...{
        chunks: this.chunks,
        buffers: this.buffers,
        loginTimeoutMs: options.loginTimeoutMs,
        log: options.log,
      },
      counters: this.counters,
      strangers: this.strangers,
      ...(options.catchUpMs !== undefined && { catchUpMs: options.catchUpMs }),
      facts: () => this.facts(),
      kill: (id) => this.kill(id),
      onDump: (dumping) => this.endPredecessors(dumping),
      onClose: () => this.gone(connectionId),
    });
    this.sessions.set(connectionId, session);
  }

  /** Why nobody can be let in now; null when somebody can. */
  private refusal(): SqlError | null {
    if (this.sessions.size >= this.options.maxConnections)
      return new SqlError(1040, '08004', 'Too many connections');
    // A replica that took us for a server of the other flavour would go on in a way that loses transactions.
    return this.options.journal.flavour === null
      ? new SqlError(1105, 'HY000', 'This binlog server has no binlog yet: its syncer has not been started')
      : null;
  }

  private facts(): ServerFacts {
    const { journal, identity, source } = this.options;
    return describeServer(journal, {
      ...identity(),
      source: source(),
      hostName: hostname(),
      port: this.server === null ? 0 : this.address.port,
      replicas: this.dumping().map((session) => ({
        serverId: session.serverId,
        host: session.registered?.host ?? '',
        port: session.registered?.port ?? 0,
        uuid: session.serverUuid ?? '',
      })),
    });
  }

  /** Those as well for which there is nothing yet. */
  private dumping(): ClientSession[] {
    return [...this.sessions.values()].filter(({ request }) => request !== null);
  }

  private kill(connectionId: number): void {
    const session = this.sessions.get(connectionId);
    if (!session) throw new SqlError(1094, 'HY000', `Unknown thread id: ${connectionId}`);
    session.end(new SqlError(1317, '70100', 'Query execution was interrupted'));
  }

  /** A replica that comes again has lost its former connection, whether or not that has been noticed here. */
  private endPredecessors(session: ClientSession): void {
    const { flavour, version } = this.facts();
    for (const other of this.sessions.values()) {
      if (other === session || other.request === null || !isSameReplica(other, session, flavour)) continue;
      this.options.log.warn(
        {
          client: other.address,
          by: session.address,
          serverId: other.serverId,
          serverUuid: other.serverUuid,
        },
        'A slave was replaced by another one of the same identity; if they are two servers, give one of them another',
      );
      other.end(replaced({ flavour, version }));
    }
    this.emit();
  }

  private gone(connectionId: number): void {
    this.sessions.delete(connectionId);
    this.rates.forget(connectionId);
    this.emit();
  }

  private measure(): void {
    for (const { connectionId, dump } of this.dumping())
      this.rates.note(connectionId, dump?.events ?? 0, dump?.bytes ?? 0);
    this.emit();
    void this.endVanished();
  }

  private async endVanished(): Promise<void> {
    const slaves = this.dumping().map(({ connectionId, local, remote, request }) => ({
      ...{ connectionId, local, remote, heartbeatMs: request!.heartbeatMs },
    }));
    for (const id of await this.vanished.find(slaves)) {
      const session = this.sessions.get(id);
      this.options.log.warn(
        { client: session?.address },
        'A slave no longer answers; its connection was ended',
      );
      session?.destroy();
    }
  }

  private describe(session: ClientSession): SlaveInfo {
    const { journal } = this.options;
    const { connectionId, connectedAt, user, address, serverId, serverUuid, registered } = session;
    const [dump, request] = [session.dump, session.request!];
    const offset = dump?.offset ?? journal.committedOffset;
    const lagBytes = Math.max(0, journal.committedOffset - offset);
    return {
      ...{ connectionId, connectedAt, user, address, serverId, serverUuid, lagBytes },
      hostName: registered?.host || null,
      flavour: request.flavour,
      semiSync: request.isSemiSync,
      currentGtid: dump?.currentGtid ?? null,
      offset,
      lagSeconds: lagBytes === 0 ? 0 : secondsSince(dump?.lastTimestamp ?? 0),
      ...this.rates.of(connectionId),
    };
  }

  private emit(): void {
    for (const listener of this.listeners) listener();
  }
}

function secondsSince(timestamp: number): number | null {
  return timestamp === 0 ? null : Math.max(0, Date.now() / 1_000 - timestamp);
}

/** MySQL's replicas are known by their UUID, MariaDB's by their number; without one, a client is like no other. */
function isSameReplica(a: ClientSession, b: ClientSession, flavour: Flavour): boolean {
  if (flavour === 'MYSQL') return a.serverUuid !== null && a.serverUuid === b.serverUuid;
  return a.serverId !== 0 && a.serverId === b.serverId;
}
