import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './ports.js';

/**
 * What to do with bytes from the client: pass them on; pass them on and let no reply through from then on;
 * or keep them and cut the connection.
 */
export type Verdict = 'forward' | 'forwardAndMute' | 'cut';

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
  muted: boolean;
}

/** Stands between a client and a server on loopback, as the network does: it can be cut and go silent. */
export class TcpRelay {
  /** Judges every chunk from a client before it is passed on. */
  judge: (chunk: Buffer) => Verdict = () => 'forward';

  /** Resets every connection once, when this many more bytes of replies have passed. */
  dropAfterReplies = Infinity;

  /** Told of the bytes of every reply that passes. */
  onReply: (bytes: number) => void = () => undefined;

  private readonly server: Server;
  private readonly pairs = new Set<Pair>();
  private mode: 'open' | 'cut' | 'silent' = 'open';

  private constructor(
    readonly port: number,
    private readonly targetPort: number,
  ) {
    this.server = createServer((client) => this.accept(client));
  }

  static async start(targetPort: number): Promise<TcpRelay> {
    const relay = new TcpRelay(await freePort(), targetPort);
    await new Promise<void>((resolve, reject) => {
      relay.server.once('error', reject);
      relay.server.listen(relay.port, '127.0.0.1', resolve);
    });
    return relay;
  }

  /** "127.0.0.1:port" */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get connections(): number {
    return this.pairs.size;
  }

  /** Resets every connection and refuses new ones. */
  cut(): void {
    this.mode = 'cut';
    this.server.close();
    this.dropAll();
  }

  /** Resets every connection; new ones are accepted. */
  dropAll(): void {
    for (const pair of this.pairs) this.drop(pair);
  }

  /** Like a pulled cable: nothing passes, nobody is told. New connections are accepted and stay silent too. */
  silence(): void {
    this.mode = 'silent';
    for (const { client, upstream } of this.pairs) {
      client.pause();
      upstream.pause();
    }
  }

  /** Ends `cut` and `silence`; bytes held back by a silence are delivered. */
  restore(): void {
    if (this.mode === 'cut') this.server.listen(this.port, '127.0.0.1');
    this.mode = 'open';
    for (const { client, upstream } of this.pairs) {
      client.resume();
      upstream.resume();
    }
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private accept(client: Socket): void {
    client.on('error', () => undefined);
    const upstream = connect(this.targetPort, '127.0.0.1');
    upstream.on('error', () => undefined);
    const pair: Pair = { client, upstream, muted: false };
    this.pairs.add(pair);

    client.on('data', (chunk) => this.fromClient(pair, chunk));
    upstream.on('data', (chunk) => {
      if (pair.muted) return;
      this.onReply(chunk.length);
      this.dropAfterReplies -= chunk.length;
      if (this.dropAfterReplies < 0) {
        this.dropAfterReplies = Infinity;
        this.dropAll();
        return;
      }
      if (!client.write(chunk)) upstream.pause();
    });
    client.on('drain', () => this.mode !== 'silent' && upstream.resume());
    upstream.on('drain', () => this.mode !== 'silent' && client.resume());
    client.on('close', () => this.drop(pair));
    upstream.on('close', () => this.drop(pair));
    if (this.mode === 'silent') {
      client.pause();
      upstream.pause();
    }
  }

  private fromClient(pair: Pair, chunk: Buffer): void {
    const verdict = this.judge(chunk);
    if (verdict === 'cut') {
      this.drop(pair);
      return;
    }
    if (verdict === 'forwardAndMute') pair.muted = true;
    if (!pair.upstream.write(chunk)) pair.client.pause();
  }

  private drop(pair: Pair): void {
    if (!this.pairs.delete(pair)) return;
    for (const socket of [pair.client, pair.upstream]) if (!socket.destroyed) socket.resetAndDestroy();
  }
}
