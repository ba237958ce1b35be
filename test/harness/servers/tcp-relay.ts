import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './ports.js';

/**
 * What to do with bytes from the client: pass them on; pass them on and let no reply through from then on;
 * swallow them and cut the connection; or hold them back, as a network does that delivers late, until
 * `deliverHeld`, long after the client may have given up on the connection.
 */
export type Verdict = 'forward' | 'forwardAndMute' | 'cut' | 'hold';

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
  muted: boolean;
  held: Buffer | undefined;
  /** What is on its way, in each direction. */
  readonly late: { up: Promise<void> | null; down: Promise<void> | null };
}

/** Stands between a client and a server on loopback, as the network does: it can be cut and go silent. */
export class TcpRelay {
  /** Judges every chunk from a client before it is passed on. */
  judge: (chunk: Buffer) => Verdict = () => 'forward';

  /** Resets every connection once, when this many more bytes of replies have passed. */
  dropAfterReplies = Infinity;

  /** Everything arrives so many milliseconds later, in both directions. */
  delayMs = 0;

  /** Told of the bytes of every reply that passes. */
  onReply: (bytes: number) => void = () => undefined;

  private readonly server: Server;
  private readonly pairs = new Set<Pair>();
  private stopping = false;
  private mode: 'open' | 'cut' | 'silent' = 'open';

  private constructor(
    readonly port: number,
    private readonly targetPort: number,
    private readonly host: string,
  ) {
    this.server = createServer((client) => this.accept(client));
  }

  static async start(targetPort: number, host = '127.0.0.1'): Promise<TcpRelay> {
    const relay = new TcpRelay(await freePort(), targetPort, host);
    await new Promise<void>((resolve, reject) => {
      relay.server.once('error', reject);
      relay.server.listen(relay.port, host, resolve);
    });
    return relay;
  }

  /** "127.0.0.1:port" */
  get address(): string {
    return `${this.host}:${this.port}`;
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
    if (this.mode === 'cut') this.server.listen(this.port, this.host);
    this.mode = 'open';
    for (const { client, upstream } of this.pairs) {
      client.resume();
      upstream.resume();
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.cut();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private accept(client: Socket): void {
    client.on('error', () => undefined);
    const upstream = connect(this.targetPort, '127.0.0.1');
    upstream.on('error', () => undefined);
    const pair: Pair = { client, upstream, muted: false, held: undefined, late: { up: null, down: null } };
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
      this.pass(pair, 'down', chunk);
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

  /**
   * Delivers what was held back, and resolves when `isAnswer` holds for all that the server sent since, or when
   * the server has closed the connection.
   */
  async deliverHeld(isAnswer: (bytes: Buffer) => boolean): Promise<void> {
    const holding = [...this.pairs].filter(({ held }) => held !== undefined);
    if (holding.length === 0) throw new Error('Nothing is held back.');
    for (const pair of holding) {
      const { held = '', upstream } = pair;
      let received = Buffer.alloc(0);
      const answered = new Promise<void>((resolve) => {
        if (upstream.destroyed) resolve();
        upstream.on('close', () => resolve());
        upstream.on('data', (chunk) => {
          received = Buffer.concat([received, chunk]);
          if (isAnswer(received)) resolve();
        });
      });
      upstream.resume();
      if (!upstream.destroyed) upstream.write(held);
      await answered;
      pair.held = undefined;
      this.drop(pair);
    }
  }

  private fromClient(pair: Pair, chunk: Buffer): void {
    const verdict = this.judge(chunk);
    if (pair.held !== undefined) {
      // What follows the bytes to be held is lost.
      if (verdict === 'hold') pair.held = Buffer.concat([pair.held, chunk]);
      return;
    }
    if (verdict === 'cut') {
      this.drop(pair);
      return;
    }
    if (verdict === 'hold') {
      pair.held = chunk;
      pair.muted = true;
      return;
    }
    if (verdict === 'forwardAndMute') pair.muted = true;
    this.pass(pair, 'up', chunk);
  }

  private pass(pair: Pair, direction: 'up' | 'down', chunk: Buffer): void {
    const [from, to] = direction === 'up' ? [pair.client, pair.upstream] : [pair.upstream, pair.client];
    const before = pair.late[direction];
    if (this.delayMs === 0 && before === null) {
      if (!to.write(chunk)) from.pause();
      return;
    }
    const due = performance.now() + this.delayMs;
    const passed = (before ?? Promise.resolve())
      .then(() => new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now()))))
      .then(() => {
        if (!to.destroyed && !to.write(chunk)) from.pause();
        if (pair.late[direction] === passed) pair.late[direction] = null;
      });
    pair.late[direction] = passed;
  }

  private drop(pair: Pair): void {
    if (pair.held !== undefined && !this.stopping) {
      // The client is gone; its bytes are still on their way.
      pair.client.destroy();
      return;
    }
    if (!this.pairs.delete(pair)) return;
    for (const socket of [pair.client, pair.upstream]) if (!socket.destroyed) socket.resetAndDestroy();
  }
}
