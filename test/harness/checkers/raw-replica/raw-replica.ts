import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { createConnection } from 'mysql2/promise';
import { encodeMysqlGtidSet } from '../../../../src/binlog/protocol/gtid/mysql-gtid-binary.js';
import { MysqlGtidSet } from '../../../../src/binlog/protocol/gtid/mysql-gtid-set.js';
import type { Certificates } from '../../servers/certificates.js';
import { freePort } from '../../servers/ports.js';
import { REPL } from '../../servers/mysql/accounts.js';
import type { FlavourName } from '../../servers/mysql/flavours/flavour.js';
import { Answers, ServerError } from './answers.js';
import { binlogDump, binlogDumpGtid, query, registerSlave, semiSyncAck, type Position } from './commands.js';
import { EventCounter } from './event-counter.js';
import {
  endOffset,
  EventCollector,
  isMadeUp,
  isRotate,
  rotatesTo,
  type RawEvent,
  type StreamEnd,
} from './events.js';
import { packet, PacketStream } from './packet-stream.js';
import { socketWithLargeReads } from './large-reads.js';
import { setupOf } from './setup.js';

/** At its end the source says so, instead of waiting for more. */
export const NON_BLOCK = 0x0001;
/** To MySQL: heartbeats that can tell positions beyond 4 GiB. To MariaDB: annotations of rows. */
export const HEARTBEAT_V2_OR_ANNOTATIONS = 0x0002;

const BEGINNING: Position = { file: '', offset: 4 };

export interface RawReplicaOptions {
  readonly port: number;
  /** Whose replica it is like. */
  readonly flavour: FlavourName;
  readonly user?: string;
  readonly password?: string;
  readonly tls?: Certificates;
  /** Unique, as those of servers are, unless told. */
  readonly serverId?: number;
  readonly uuid?: string;
  /** None unless told. */
  readonly heartbeatSeconds?: number;
  /** CRC32 unless told. */
  readonly checksum?: 'CRC32' | 'NONE' | null;
  /** Acknowledges each transaction by itself, or leaves that to `acknowledge`. */
  readonly semiSync?: 'automatic' | 'by hand';
  /** For counting at full speed, without TLS. */
  readonly hasLargeReads?: boolean;
}

export interface DumpOptions {
  /** What it has already. Null: it knows of no GTIDs, and begins at the position. */
  readonly gtids?: string | null;
  readonly position?: Position;
  /** 0 unless told. */
  readonly flags?: number;
  /** Counts instead of keeping the events. */
  readonly countOnly?: boolean;
}

/** The receiving half of a replica, on a plain socket: it shows what a source sends, byte for byte. */
export class RawReplica {
  /** What it has collected so far. */
  readonly events: RawEvent[] = [];
  /** What a real replica would have stopped at. */
  readonly disorders: string[] = [];
  readonly counter = new EventCounter((end) => this.finish(end));
  /** How the stream ended; null while it goes on. */
  end: StreamEnd | null = null;
  private readonly answers = new Answers();
  private readonly stream = new PacketStream(this.answers);
  private taker: { take(chunk: Buffer): void } = this.stream;
  private readonly waiting = new Set<() => void>();
  private file = '';

  private constructor(
    private readonly socket: Socket,
    private readonly serverId: number,
    private readonly options: RawReplicaOptions,
  ) {
    // From here on it is ours alone.
    for (const event of ['data', 'error', 'close']) socket.removeAllListeners(event);
    socket.on('data', (chunk: Buffer) => {
      this.taker.take(chunk);
      this.wake();
    });
    socket.on('error', () => this.finish('closed'));
    socket.on('close', () => this.finish('closed'));
  }

  /** Logs in; nothing else is said yet. */
  static async connect(options: RawReplicaOptions): Promise<RawReplica> {
    const { port, tls, hasLargeReads = false } = options;
    let replica: RawReplica | null = null;
    const stream = (): Socket =>
      socketWithLargeReads(port, (chunk) => replica !== null && replica.countInPlace(chunk));
    const connection = await createConnection({
      ...{ host: '127.0.0.1', port },
      ...{ user: options.user ?? REPL.user, password: options.password ?? REPL.password },
      // With these the server would expect and send other forms of queries and answers.
      flags: ['-CLIENT_QUERY_ATTRIBUTES', '-SESSION_TRACK'],
      ...(tls && { ssl: { ca: tls.ca, cert: tls.cert, key: tls.key } }),
      ...(hasLargeReads && { stream }),
    });
    // The login is over, so nothing is under way that mysql2 would still have to read.
    const socket = (connection as unknown as { connection: { stream: Socket } }).connection.stream;
    replica = new RawReplica(socket, options.serverId ?? (await freePort()), options);
    return replica;
  }

  /** The answer's rows; rejects with the ServerError. */
  async query(sql: string): Promise<(string | null)[][]> {
    this.send(0, query(sql));
    return this.answers.rows();
  }

  /** Says what a replica of the flavour says, up to the dump command, and sends that. */
  async dump(options: DumpOptions = {}): Promise<void> {
    const { gtids = '', position = BEGINNING, countOnly = false } = options;
    const { flavour, checksum = 'CRC32', heartbeatSeconds = 0, uuid = randomUUID(), semiSync } = this.options;
    const { before, after } = setupOf(flavour, {
      ...{ heartbeatSeconds, checksum, uuid, gtids },
      semiSync: semiSync !== undefined,
    });
    for (const sql of before) await this.query(sql);
    await this.register();
    for (const sql of after) await this.query(sql);
    this.receive(countOnly);
    const flags = options.flags ?? 0;
    this.send(
      0,
      gtids === null || flavour === 'mariadb'
        ? binlogDump(this.serverId, flags, position)
        : binlogDumpGtid(this.serverId, flags, position, encodeMysqlGtidSet(MysqlGtidSet.parse(gtids))),
    );
  }

  async register(): Promise<void> {
    this.send(0, registerSlave(this.serverId, 0));
    await this.answers.rows();
  }

  /** Sends any payload as a command, whose answer is taken for events. */
  sendDump(payload: Buffer): void {
    this.receive(false);
    this.send(0, payload);
  }

  /** Tells a semi-sync source that all up to the event is safe here. */
  acknowledge(event: RawEvent): void {
    this.send(0, semiSyncAck(this.file, endOffset(event)));
  }

  /** Stops reading, as a replica does that hangs. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Those that are in the source's files. */
  get stored(): RawEvent[] {
    return this.events.filter((event) => !isMadeUp(event));
  }

  /** Waits until the condition holds; fails when the stream ends before. */
  async until(condition: () => boolean, timeoutMs = 60_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!condition()) {
      if (this.end !== null) throw new Error(`The stream has ended: ${String(this.end)}`);
      if (performance.now() > deadline) throw new Error(`Nothing of it came in ${timeoutMs} ms.`);
      await this.progress();
    }
  }

  /** Waits for the end of the stream. */
  async untilEnd(timeoutMs = 60_000): Promise<StreamEnd> {
    await this.until(() => this.end !== null, timeoutMs);
    return this.end!;
  }

  close(): void {
    this.socket.destroy();
  }

  /** @returns whether it is counting */
  private countInPlace(chunk: Buffer): boolean {
    if (this.taker !== this.counter) return false;
    this.counter.take(chunk);
    this.wake();
    return true;
  }

  private receive(countOnly: boolean): void {
    if (countOnly) this.taker = this.counter;
    this.stream.sink = new EventCollector({
      semiSync: this.options.semiSync !== undefined,
      onEvent: (event) => this.take(event),
      onEnd: (end) => this.finish(end),
      onDisorder: (text) => this.disorders.push(text),
    });
  }

  private take(event: RawEvent): void {
    this.events.push(event);
    // A made-up event ends in a checksum when that was asked for, one of a file when the file has them.
    if (isRotate(event)) this.file = rotatesTo(event, this.options.checksum !== 'NONE' || !isMadeUp(event));
    if (event.wantsAck === true && this.options.semiSync === 'automatic') this.acknowledge(event);
  }

  private finish(end: StreamEnd): void {
    this.end ??= end;
    this.answers.fail(end instanceof ServerError ? end : new Error('The connection has ended.'));
    this.wake();
  }

  private send(sequence: number, payload: Buffer): void {
    this.socket.write(packet(sequence, payload));
  }

  /** Resolves when something came, or soon in any case. */
  private progress(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => done(), 100);
      const done = () => {
        clearTimeout(timer);
        this.waiting.delete(done);
        resolve();
      };
      this.waiting.add(done);
    });
  }

  private wake(): void {
    for (const done of this.waiting) done();
  }
}
