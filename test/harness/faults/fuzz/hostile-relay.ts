import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '../../servers/ports.js';
import type { Random } from '../../random.js';
import { mutate } from './requests.js';

/** Stands before a Redis server; while it is hostile, some of the server's replies are changed on the way. */
export class HostileRelay {
  hostile = false;
  /** How many pieces of replies have been changed. */
  changed = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    readonly port: number,
    private readonly server: Server,
  ) {}

  static async start(target: number, random: Random): Promise<HostileRelay> {
    const port = await freePort();
    const server = createServer((client) => relay.accept(client, target, random));
    const relay: HostileRelay = new HostileRelay(port, server);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return relay;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private accept(client: Socket, target: number, random: Random): void {
    const upstream = connect(target, '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (chunk) => upstream.write(chunk));
    upstream.on('data', (chunk: Buffer) => {
      if (!this.hostile || random.below(4) > 0) return void client.write(chunk);
      this.changed++;
      client.write(mutate(random, chunk));
    });
  }
}
