import type { Socket } from 'node:net';
import type { ClientWarning } from '../client-warnings.js';
import { ProxyServer } from '../proxy-server.js';
import { sharedNow } from './messages.js';
import type { Exchange, FromWorker, Report, ToWorker, WorkerOptions } from './messages.js';

/** How often the counts of each server are sent, in milliseconds: more often than they are looked at. */
const SERVERS_MS = 500;

/** One of several processes of a proxy: a proxy server that is given its routes, its clients and its lease. */
export class Worker {
  private server: ProxyServer | null = null;
  private mayOpenUntil = 0;
  private open = 0;
  private taken: number[] = [];
  private telling = false;
  /** The number of the last slow request that was reported. */
  private slowTold = 0;
  private serversToldAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly emit: (message: FromWorker) => void) {}

  take(message: ToWorker, socket: Socket | undefined): void {
    switch (message.type) {
      case 'serve':
        this.serve(message.options, message.first);
        break;
      case 'exchange':
        this.exchange(message.exchange);
        break;
      case 'client':
        this.takeClient(message.id, socket);
        break;
      case 'stop':
        void this.stop();
    }
  }

  private serve(options: WorkerOptions, first: Exchange): void {
    const mayOpenConnections = (): boolean => sharedNow() < this.mayOpenUntil;
    const onWarning = (warning: ClientWarning): void => this.emit({ type: 'warning', warning });
    const server = new ProxyServer({ ...options, listen: null, mayOpenConnections, onWarning });
    this.server = server;
    server.onApplied((revision) => this.emit({ type: 'applied', revision }));
    // Listens nowhere, so that nothing can fail and it has started before the first client comes.
    void server.start().then(() => this.exchange(first));
  }

  private exchange({ mayOpenUntil, table }: Exchange): void {
    // The table first: the right to open connections is for whoever knows at least this one.
    if (table !== undefined) this.server!.apply(table);
    this.mayOpenUntil = mayOpenUntil;
    this.emit({ type: 'report', report: this.report() });
  }

  private report(isLast = false): Report {
    const server = this.server!;
    const now = performance.now();
    const sameServers = !isLast && now - this.serversToldAt < SERVERS_MS;
    if (!sameServers) this.serversToldAt = now;
    const tally = server.tally();
    const slow = server.slowSince(this.slowTold);
    this.slowTold = slow.at(-1)?.id ?? this.slowTold;
    const told = sameServers ? { ...tally, servers: new Map<string, Float64Array>() } : tally;
    return { waitingFor: server.waitingFor(), tally: told, sameServers, slow };
  }

  private takeClient(id: number, socket: Socket | undefined): void {
    this.taken.push(id);
    if (socket !== undefined) {
      this.open++;
      socket.once('close', () => {
        this.open--;
        this.tellClients();
      });
      // A socket that comes from another process does not know how it was made.
      socket.allowHalfOpen = true;
      this.server!.accept(socket);
    }
    this.tellClients();
  }

  /** Once per turn, however many come and go. */
  private tellClients(): void {
    if (this.telling) return;
    this.telling = true;
    setImmediate(() => {
      this.telling = false;
      this.emit({ type: 'clients', taken: this.taken, open: this.open });
      this.taken = [];
    });
  }

  private async stop(): Promise<void> {
    const settled = await this.server!.stop();
    const message: FromWorker = { type: 'stopped', settled, report: this.report(true) };
    process.send!(message, undefined, undefined, () => process.exit());
  }
}
