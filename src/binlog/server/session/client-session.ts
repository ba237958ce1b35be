import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { errorMessage } from '../../../common/errors.js';
import type { RepeatLimit } from '../../../common/repeat-limit.js';
import type { Logger } from '../../../telemetry/logger.js';
import type { Journal } from '../../journal/journal.js';
import {
  COMMAND,
  decodeBinlogDump,
  decodeBinlogDumpGtid,
  decodeRegisterSlave,
  type RegisterSlave,
} from '../../protocol/connection/commands.js';
import { encodeError, encodeOk, encodeResultSet } from '../../protocol/connection/replies.js';
import { decodeSemiSyncAck } from '../../protocol/connection/semi-sync.js';
import { ProtocolError } from '../../protocol/protocol-error.js';
import type { Accounts } from '../accounts.js';
import { Dump } from '../dump/dump.js';
import type { DumpRequest } from '../dump/dump-request.js';
import type { BufferPool } from '../../../common/buffer-pool.js';
import type { FramedChunks } from '../dump/framed-chunks.js';
import { PacketOutput } from '../dump/packet-output.js';
import { readGtidRequest, readPositionRequest } from '../dump/read-request.js';
import type { Dialect } from '../dump/refusals.js';
import { showBinlogEvents } from '../dump/show-binlog-events.js';
import { Executor } from '../query/executor.js';
import { SqlError, unknownCommand } from '../query/sql-error.js';
import type { ServerCounters } from '../server-counters.js';
import type { ServerFacts } from '../server-facts.js';
import { Login } from './login.js';
import type { End } from '../retransmissions.js';
import { PacketConnection } from './packet-connection.js';

/** Before the password was proven, and behind that: a set of GTIDs may be long. */
const MAX_LOGIN_BYTES = 64 * 1024;
const MAX_COMMAND_BYTES = 16 * 2 ** 20;
/** Commands that may wait for the one that is under way. */
const MAX_QUEUED = 64;

/** What clients do wrong without having logged in. */
export type StrangersFault = 'login' | 'protocol';

export interface SessionOptions {
  readonly socket: Socket;
  readonly connectionId: number;
  readonly accounts: Accounts;
  readonly tls: SecureContext | null;
  readonly demandsTls: boolean;
  readonly journal: Journal;
  readonly chunks: FramedChunks;
  readonly buffers: BufferPool;
  readonly facts: () => ServerFacts;
  readonly loginTimeoutMs: number;
  readonly catchUpMs?: number;
  readonly kill: (connectionId: number) => void;
  /** The client begins to be sent the binlog: whoever was sent it under the same identity is to be ended. */
  readonly onDump: (session: ClientSession) => void;
  readonly onClose: (session: ClientSession) => void;
  /** The counters of the server, for all of its sessions. */
  readonly counters: ServerCounters;
  readonly strangers: RepeatLimit<StrangersFault>;
  readonly log: Logger;
}

/** One client of a binlog server, from its first byte to its last. Whatever it sends, only its own connection ends. */
export class ClientSession {
  readonly connectedAt = new Date();
  readonly address: string;
  /** The ends of the TCP connection, as they were when it came. */
  readonly local: End;
  readonly remote: End;
  user = '';
  registered: RegisterSlave | null = null;
  /** Set while the client is being sent the binlog. */
  dump: Dump | null = null;
  request: DumpRequest | null = null;
  /** As the client has acknowledged, by semi-synchronous replication; in its own words. */
  acknowledged: { readonly file: string; readonly position: bigint } | null = null;
  private readonly connection: PacketConnection;
  private readonly login: Login;
  private readonly executor: Executor;
  private readonly ending = new AbortController();
  private readonly loginTimer: NodeJS.Timeout;
  private queue: Promise<void> = Promise.resolve();
  private queued = 0;
  private isDumping = false;
  /** The output of the dump, from its request on. */
  private output: PacketOutput | null = null;

  constructor(private readonly options: SessionOptions) {
    const { socket, connectionId, accounts, tls, demandsTls, facts } = options;
    const host = socket.remoteAddress ?? '';
    this.remote = { address: host, port: socket.remotePort ?? 0 };
    this.local = { address: socket.localAddress ?? '', port: socket.localPort ?? 0 };
    this.address = host.includes(':') ? `[${host}]:${socket.remotePort}` : `${host}:${socket.remotePort}`;
    this.connection = new PacketConnection(socket, MAX_LOGIN_BYTES, {
      onPayload: (payload) => this.take(payload),
      onClose: (error) => this.closed(error),
    });
    const { flavour, version } = facts();
    this.login = new Login({
      connection: this.connection,
      ...{ connectionId, flavour, version, accounts, tls, demandsTls, clientHost: host },
      onSuccess: (user) => this.loggedIn(user),
      onFailure: (reason) => {
        options.counters.refused.login++;
        this.warn('login', reason, 'A client of the binlog server was not let in');
        this.connection.end();
      },
    });
    this.executor = new Executor({
      facts,
      connectionId,
      user: () => `${this.user}@${host}`,
      kill: options.kill,
      showBinlogEvents: (statement) => showBinlogEvents(options.journal, statement, this.ending.signal),
    });
    this.loginTimer = setTimeout(() => this.connection.destroy(), options.loginTimeoutMs);
    this.login.start();
  }

  get connectionId(): number {
    return this.options.connectionId;
  }

  /** What the replica calls itself; null when it has not said. */
  get serverUuid(): string | null {
    const { variables } = this.executor;
    return variables.get('replica_uuid') ?? variables.get('slave_uuid') ?? null;
  }

  /** The number that it gave with the dump, or with its registration. */
  serverId = 0;

  /** Ends the connection, telling the client why if it can still be told. */
  end(error: SqlError | null): void {
    if (error !== null) this.refuse(error);
    this.ending.abort(new Error('The session has ended.'));
    this.connection.end();
  }

  destroy(): void {
    this.ending.abort(new Error('The session has ended.'));
    this.connection.destroy();
  }

  private loggedIn(user: string): void {
    clearTimeout(this.loginTimer);
    this.user = user;
    this.connection.expectCommands(MAX_COMMAND_BYTES);
  }

  private take(payload: Buffer): void {
    if (this.user === '') return this.login.take(payload);
    if (this.isDumping) return this.takeWhileDumping(payload);
    if (++this.queued > MAX_QUEUED) throw new ProtocolError('A client sent too many commands at once.');
    const sequence = this.connection.sequence;
    this.queue = this.queue.then(async () => {
      this.queued--;
      if (this.ending.signal.aborted) return;
      this.connection.sequence = sequence;
      await this.execute(payload);
    });
  }

  /** Acknowledgements come here; old clients ping. Nothing else makes sense, and nothing is answered. */
  private takeWhileDumping(payload: Buffer): void {
    const ack = decodeSemiSyncAck(payload);
    if (ack) this.acknowledged = ack;
    else if (payload[0] === COMMAND.QUIT) this.destroy();
  }

  private async execute(payload: Buffer): Promise<void> {
    try {
      await this.command(payload[0] ?? 0, payload);
    } catch (error) {
      if (error instanceof SqlError) this.connection.send(encodeError(error));
      else if (error instanceof ProtocolError) {
        this.connection.send(encodeError(new SqlError(1835, 'HY000', 'Malformed communication packet.')));
      } else this.fail(error);
    }
  }

  private async command(command: number, payload: Buffer): Promise<void> {
    const { facts } = this.options;
    switch (command) {
      case COMMAND.QUIT:
        this.connection.end();
        return;
      case COMMAND.PING:
        this.connection.send(encodeOk(this.executor.status));
        return;
      case COMMAND.INIT_DB:
        this.executor.database = payload.toString('utf8', 1);
        this.connection.send(encodeOk(this.executor.status));
        return;
      case COMMAND.QUERY:
        await this.query(payload.toString('utf8', 1));
        return;
      case COMMAND.PROCESS_KILL:
        this.options.kill(payload.length >= 5 ? payload.readUInt32LE(1) : 0);
        this.connection.send(encodeOk());
        return;
      case COMMAND.REGISTER_SLAVE:
        this.registered = decodeRegisterSlave(payload);
        this.serverId = this.registered.serverId;
        this.connection.send(encodeOk());
        return;
      case COMMAND.BINLOG_DUMP: {
        const dump = decodeBinlogDump(payload);
        await this.send(dump.serverId, readPositionRequest(dump, facts().flavour, this.executor.variables));
        return;
      }
      case COMMAND.BINLOG_DUMP_GTID: {
        const { flavour } = facts();
        if (flavour === 'MARIADB') throw unknownCommand();
        const dump = decodeBinlogDumpGtid(payload);
        await this.send(dump.serverId, readGtidRequest(dump, flavour, this.executor.variables));
        return;
      }
      default:
        throw unknownCommand();
    }
  }

  private async query(sql: string): Promise<void> {
    const result = await this.executor.execute(sql);
    const { status } = this.executor;
    if (result === null) this.connection.send(encodeOk(status));
    else this.connection.sendAll(encodeResultSet(result, status));
  }

  private async send(serverId: number, request: DumpRequest): Promise<void> {
    const { journal, chunks, buffers, facts, onDump, catchUpMs } = this.options;
    const { version, flavour, serverId: own } = facts();
    const dialect: Dialect = { flavour, version };
    const output = new PacketOutput(this.connection.stream, this.connection.sequence, buffers);
    this.serverId = serverId === 0 ? this.serverId : serverId;
    this.request = request;
    this.output = output;
    this.isDumping = true;
    onDump(this);
    try {
      await Dump.run(
        {
          ...{ journal, chunks, request, dialect, serverId: own, output },
          firstFormat: () => firstFormat(facts()),
          ...(catchUpMs !== undefined && { catchUpMs }),
        },
        (dump) => (this.dump = dump),
        this.ending.signal,
      );
    } catch (error) {
      if (this.ending.signal.aborted) return;
      if (!(error instanceof SqlError)) return this.fail(error);
      this.options.counters.refused.dump++;
      output.packet(encodeError(error));
      output.flush();
      // A replica stops on it, and closes.
      const asked = request.has === null ? { file: request.file, position: request.position } : {};
      const reason = error.message;
      this.options.log.warn({ client: this.address, reason, ...asked }, 'A dump was refused');
    } finally {
      this.connection.sequence = output.sequence;
      this.isDumping = false;
      this.countSent();
      this.dump = null;
      this.request = null;
      this.output = null;
    }
  }

  private countSent(): void {
    const { sent } = this.options.counters;
    sent.events += this.dump?.events ?? 0;
    sent.bytes += this.dump?.bytes ?? 0;
  }

  private refuse(error: SqlError): void {
    const { dump, output } = this;
    if (dump !== null) return dump.refuse(error);
    if (output === null) return this.connection.send(encodeError(error));
    // What came before the dump itself was whole.
    output.packet(encodeError(error));
    output.flush();
  }

  /** Something that is nobody's fault out there: the client is told that it was ours, the log what it was. */
  private fail(error: unknown): void {
    this.options.log.error({ client: this.address, reason: errorMessage(error) }, 'A session failed');
    this.end(new SqlError(1105, 'HY000', 'The binlog server failed; its log says why'));
  }

  private closed(error: ProtocolError | null): void {
    clearTimeout(this.loginTimer);
    this.ending.abort(new Error('The client has gone.'));
    if (error !== null) this.warn('protocol', error.message, 'A client broke the protocol');
    this.options.onClose(this);
  }

  /** Warns of what anybody can provoke, so seldom that it does not fill the log. */
  private warn(kind: StrangersFault, reason: string, message: string): void {
    const suppressed = this.options.strangers.admit(kind);
    if (suppressed !== null) this.options.log.warn({ client: this.address, reason, suppressed }, message);
  }
}

function firstFormat({ source }: ServerFacts): Buffer | null {
  const { format = null } = source ?? {};
  return format === null ? null : Buffer.from(format, 'base64');
}
