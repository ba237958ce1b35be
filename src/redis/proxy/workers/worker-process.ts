import { fork, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClientWarning } from '../client-warnings.js';
import { toShared } from './messages.js';
import type { Exchange, FromWorker, Report, ToWorker, WorkerOptions } from './messages.js';

/** The sources when run from there, otherwise what was built from them. */
const ENTRY = fileURLToPath(new URL(`./worker-main${extname(import.meta.url)}`, import.meta.url));

/** A worker that owes an answer for longer than this hangs, in milliseconds. */
const ANSWER_MS = 1_000;
/** Clients that a worker may be given before it has taken the first of them. */
const UNTAKEN_MAX = 64;

export interface WorkerProcessOptions {
  readonly proxy: string;
  readonly number: number;
  /** Asked when the worker has started: what it is to be, and begins with. */
  readonly onReady: (worker: WorkerProcess) => void;
  readonly onReport: (report: Report) => void;
  readonly onWarning: (warning: ClientWarning) => void;
  /** Something that it has told is new. */
  readonly onNews: (worker: WorkerProcess) => void;
  readonly onExit: (worker: WorkerProcess, how: string) => void;
}

/** One worker as the process that started it sees it. It is started once; a new one takes its place. */
export class WorkerProcess {
  /** What its connections are called; null before it was told to serve, when it has none. */
  incarnation: string | null = null;
  /** The newest revision that it has in force. */
  applied = 0n;
  /** The last that was heard; null before it serves. */
  report: Report | null = null;
  /** On the clock of `performance.now()`. */
  readonly startedAt = performance.now();
  /** Whether it has stopped with nothing under way. */
  settled = false;
  private readonly child: ChildProcess;
  private gone = false;
  private askedAt: number | null = null;
  private sentRevision = -1n;
  private nextClient = 0;
  private readonly untaken = new Map<number, Socket>();
  private open = 0;

  constructor(private readonly options: WorkerProcessOptions) {
    this.child = fork(ENTRY, [options.proxy, String(options.number)], { serialization: 'advanced' });
    this.child.on('message', (message: FromWorker) => this.take(message));
    this.child.once('exit', (code, signal) =>
      this.end(signal === null ? `exited with ${code}` : `was ended by ${signal}`),
    );
    this.child.once('error', (error) => this.end(`could not be started: ${error.message}`));
  }

  get number(): number {
    return this.options.number;
  }

  /** For people. */
  get label(): string {
    return `worker ${this.number} (process ${this.child.pid ?? 'not started'})`;
  }

  get hangs(): boolean {
    return this.askedAt !== null && performance.now() - this.askedAt > ANSWER_MS;
  }

  /** Whether it can be given a client now. */
  get takesClients(): boolean {
    return this.report !== null && !this.gone && !this.hangs && this.untaken.size < UNTAKEN_MAX;
  }

  /** Clients that it has or has been given. */
  get clients(): number {
    return this.open + this.untaken.size;
  }

  serve(options: WorkerOptions, first: Exchange): void {
    this.incarnation = options.incarnation;
    this.asked(first);
    this.send({ type: 'serve', options, first: forWire(first) });
  }

  /** Whether the table of that revision, or a newer one, has been sent to it. */
  knows(revision: bigint): boolean {
    return this.sentRevision >= revision;
  }

  /** Tells it what is new, unless it has not answered the last time: then it is told when it has. */
  exchange(exchange: Exchange): void {
    if (this.incarnation === null || this.askedAt !== null) return;
    const { table: newest } = exchange;
    const table = newest !== undefined && this.knows(newest.revision) ? undefined : newest;
    this.asked({ ...exchange, table });
    this.send({ type: 'exchange', exchange: forWire({ ...exchange, table }) });
  }

  /** Hands a client over. The socket is closed here once the worker has it, or when the worker is gone. */
  give(socket: Socket): void {
    const id = this.nextClient++;
    this.untaken.set(id, socket);
    this.child.send({ type: 'client', id } satisfies ToWorker, socket, { keepOpen: true }, (error) => {
      if (error !== null) this.taken(id);
    });
  }

  stop(): void {
    if (this.incarnation === null) this.kill();
    else this.send({ type: 'stop' });
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private asked({ table }: Exchange): void {
    this.askedAt = performance.now();
    if (table !== undefined) this.sentRevision = table.revision;
  }

  private take(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.options.onReady(this);
        return;
      case 'warning':
        this.options.onWarning(message.warning);
        return;
      case 'report':
        this.askedAt = null;
        this.receive(message.report);
        break;
      case 'applied':
        this.applied = message.revision;
        break;
      case 'clients':
        this.open = message.open;
        for (const id of message.taken) this.taken(id);
        break;
      case 'stopped':
        this.settled = message.settled;
        this.receive(message.report);
    }
    this.options.onNews(this);
  }

  private receive(report: Report): void {
    const before = this.report;
    this.report =
      report.sameServers && before !== null
        ? { ...report, tally: { ...report.tally, servers: before.tally.servers } }
        : report;
    this.options.onReport(report);
  }

  private taken(id: number): void {
    this.untaken.get(id)?.destroy();
    this.untaken.delete(id);
  }

  private send(message: ToWorker): void {
    // That it cannot be told means that it is ending, of which its exit tells.
    if (this.child.connected) this.child.send(message, () => undefined);
  }

  private end(how: string): void {
    if (this.gone) return;
    this.gone = true;
    for (const id of [...this.untaken.keys()]) this.taken(id);
    this.options.onExit(this, how);
  }
}

function forWire(exchange: Exchange): Exchange {
  return { ...exchange, mayOpenUntil: toShared(exchange.mayOpenUntil) };
}
