import type { Server, Socket } from 'node:net';
import type { HostPort } from '../../../common/address.js';
import { listenForClients } from '../client-listener.js';
import { TOO_MANY_CLIENTS } from '../proxy-server.js';
import type { WorkerProcess } from './worker-process.js';

export interface IntakeOptions {
  readonly listen: HostPort;
  readonly maxClients: number;
  readonly workers: () => readonly WorkerProcess[];
}

/**
 * Accepts the clients of all workers and hands each to the one that has the fewest, leaving out those that hang.
 * Those that none can take wait, within the limit on all clients.
 *
 * Not the cluster module of Node: with its round robin a client that was handed to a worker which then ends is
 * never closed, and without it one worker gets nearly all clients that come together.
 */
export class Intake {
  refused = 0;
  private server: Server | null = null;
  /** Clients that no worker can take just now. */
  private waiting: Socket[] = [];
  private turn = 0;

  constructor(private readonly options: IntakeOptions) {}

  /** @throws QuorateError when the address cannot be listened at */
  async start(): Promise<void> {
    this.server = await listenForClients(this.options.listen, true, (socket) => this.take(socket));
  }

  /** To be called when a worker may have room for clients. */
  handOut(): void {
    let given = 0;
    for (; given < this.waiting.length; given++) {
      const worker = this.pick();
      if (worker === null) break;
      worker.give(this.waiting[given]!);
    }
    if (given > 0) this.waiting = this.waiting.slice(given);
  }

  /** Accepts nobody any more. */
  stop(): void {
    this.server?.close();
    this.server = null;
    for (const socket of this.waiting.splice(0)) socket.destroy();
  }

  private take(socket: Socket): void {
    socket.on('error', () => undefined);
    const clients = this.options.workers().reduce((sum, worker) => sum + worker.clients, this.waiting.length);
    if (clients >= this.options.maxClients) {
      this.refused++;
      socket.end(TOO_MANY_CLIENTS, () => socket.destroy());
      return;
    }
    this.waiting.push(socket);
    this.handOut();
  }

  /** The worker that gets the next client; null when none can take one. */
  private pick(): WorkerProcess | null {
    const workers = this.options.workers();
    this.turn++;
    let best: WorkerProcess | null = null;
    for (let i = 0; i < workers.length; i++) {
      const worker = workers[(this.turn + i) % workers.length]!;
      if (worker.takesClients && (best === null || worker.clients < best.clients)) best = worker;
    }
    return best;
  }
}
