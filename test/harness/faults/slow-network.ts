import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/**
 * A network in which what was sent before may arrive late: bytes of the connections that exist when
 * `holdBack` is called are delivered only by `deliver`, and that their sender has gone is not told either.
 */
export class SlowNetwork {
  private readonly held: { readonly upstream: Socket; readonly chunks: Buffer[] }[] = [];
  private readonly sockets: Socket[] = [];
  private readonly holders: (() => void)[] = [];

  private constructor(private readonly server: Server) {}

  static async start(targetPort: number): Promise<SlowNetwork> {
    const server = createServer();
    const network = new SlowNetwork(server);
    server.on('connection', (client) => network.join(client, connect(targetPort, '127.0.0.1')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return network;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Bytes that are held back. */
  get heldBytes(): number {
    return this.held.flatMap(({ chunks }) => chunks).reduce((sum, chunk) => sum + chunk.length, 0);
  }

  holdBack(): void {
    for (const hold of this.holders.splice(0)) hold();
  }

  /** Resolves when the held bytes have been written or their connections have turned out to be closed. */
  async deliver(): Promise<void> {
    for (const { upstream, chunks } of this.held) {
      for (const chunk of chunks)
        await new Promise<void>((resolve) => upstream.write(chunk, () => resolve()));
    }
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket, upstream: Socket): void {
    this.sockets.push(client, upstream);
    const chunks: Buffer[] = [];
    let holding = false;
    this.holders.push(() => {
      holding = true;
      this.held.push({ upstream, chunks });
    });
    client.on('error', () => undefined);
    upstream.on('error', () => undefined);
    client.on('data', (chunk: Buffer) => void (holding ? chunks.push(chunk) : upstream.write(chunk)));
    upstream.on('data', (chunk: Buffer) => client.write(chunk));
    client.on('close', () => holding || upstream.destroy());
  }
}
