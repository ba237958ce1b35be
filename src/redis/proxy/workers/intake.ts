import type { Server, Socket } from 'node:net';
import type { HostPort } from '../../../common/address.js';
import { listenForClients } from '../client-listener.js';
import { TOO_MANY_CLIENTS } from '../proxy-server.js';
import { error } from '../resp/encode.js';
import type { WorkerProcess } from './worker-process.js';

const NO_WORKER = error('ERR quorate: no process of this proxy can take a client just now');

export interface IntakeOptions {
  readonly listen: HostPort;
  readonly maxClients: number;
  readonly workers: () => readonly WorkerProcess[];
}

/**
 * Accepts the clients of all workers and hands each to the one that has the fewest, leaving out those that hang.
 *
 * Not the cluster module of Node: with its round robin a client that was handed to a worker which then ends is
 * never closed, and without it one worker gets nearly all clients that come together.
 */
export class Intake {
  refused = 0;
  private server: Server | null = null;
  private turn = 0;

  constructor(private readonly options: IntakeOptions) {}

  /** @throws QuorateError when the address cannot be listened at */
  async start(): Promise<void> {
    this.server = await listenForClients(this.options.listen, true, (socket) => this.take(socket));
  }

  /** Accepts nobody any more. */
  stop(): void {
    this.server?.close();
    this.server = null;
  }

  private take(socket: Socket): void {
    const workers = this.options.workers();
    const clients = workers.reduce((sum, worker) => sum + worker.clients, 0);
    if (clients >= this.options.maxClients) return this.refuse(socket, TOO_MANY_CLIENTS);
    const worker = this.pick(workers);
    if (worker === null) this.refuse(socket, NO_WORKER);
    else worker.give(socket);
  }

  private pick(workers: readonly WorkerProcess[]): WorkerProcess | null {
    this.turn++;
    let best: WorkerProcess | null = null;
    for (let i = 0; i < workers.length; i++) {
      const worker = workers[(this.turn + i) % workers.length]!;
      if (worker.takesClients && (best === null || worker.clients < best.clients)) best = worker;
    }
    return best;
  }

  private refuse(socket: Socket, reply: Buffer): void {
    this.refused++;
    socket.on('error', () => undefined);
    socket.end(reply, () => socket.destroy());
  }
}
