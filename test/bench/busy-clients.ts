import { connect, type Socket } from 'node:net';
import { Latencies, type LatencySummary } from './latencies.js';

/** What a group of clients saw since the last look. */
export interface BusyReport extends LatencySummary {
  readonly opsPerSecond: number;
  readonly wrong: number;
  readonly failed: number;
}

/**
 * Clients that each keep one request under way all the time: GET and SET in turns, on keys of their own out
 * of `bench:0` to `bench:(keys-1)`, which begin with the value `value:N` that DEBUG POPULATE gives them.
 * Every reply is checked.
 */
export class BusyClients {
  private readonly clients: BusyClient[];
  private since = performance.now();

  constructor(port: number, count: number, keys: number, valueBytes: number) {
    this.clients = Array.from(
      { length: count },
      (_, id) => new BusyClient(port, { id, count, keys, valueBytes }),
    );
  }

  async start(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.start()));
    this.look();
  }

  /** Figures since the last call. */
  look(): BusyReport {
    const seconds = (performance.now() - this.since) / 1_000;
    this.since = performance.now();
    const all = new Latencies();
    let wrong = 0;
    let failed = 0;
    for (const client of this.clients) {
      all.take(client.latencies);
      wrong += client.wrong;
      failed += client.failed;
    }
    return { opsPerSecond: Math.round(all.count / seconds), wrong, failed, ...all.summary() };
  }

  stop(): void {
    for (const client of this.clients) client.stop();
  }
}

interface Share {
  readonly id: number;
  readonly count: number;
  readonly keys: number;
  readonly valueBytes: number;
}

class BusyClient {
  readonly latencies = new Latencies();
  wrong = 0;
  failed = 0;
  private socket!: Socket;
  /** What this client has written last, by key; 0: what the key began with. */
  private readonly versions: Uint32Array;
  private received = '';
  private key = 0;
  private writes = false;
  private sentAt = 0;
  private stopped = false;

  constructor(
    private readonly port: number,
    private readonly share: Share,
  ) {
    this.versions = new Uint32Array(Math.ceil(share.keys / share.count));
  }

  async start(): Promise<void> {
    this.socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true });
    await new Promise<void>((resolve, reject) => {
      this.socket.once('connect', resolve);
      this.socket.once('error', reject);
    });
    this.socket.on('error', () => this.failed++);
    this.socket.on('data', (chunk: Buffer) => this.take(chunk.toString('latin1')));
    this.next();
  }

  stop(): void {
    this.stopped = true;
    this.socket.destroy();
  }

  private next(): void {
    const { id, count, keys } = this.share;
    const own = Math.floor((Math.random() * keys) / count);
    this.key = Math.min(own * count + id, keys - 1 - ((keys - 1 - id) % count));
    this.writes = !this.writes;
    const name = `bench:${this.key}`;
    this.sentAt = performance.now();
    if (this.writes) {
      const index = Math.floor(this.key / count);
      this.versions[index]!++;
      const value = this.value();
      this.socket.write(`*3\r\n$3\r\nSET\r\n$${name.length}\r\n${name}\r\n$${value.length}\r\n${value}\r\n`);
    } else {
      this.socket.write(`*2\r\n$3\r\nGET\r\n$${name.length}\r\n${name}\r\n`);
    }
  }

  private value(): string {
    const version = this.versions[Math.floor(this.key / this.share.count)]!;
    return (version === 0 ? `value:${this.key}` : `v${version}:${this.key}`).padEnd(
      this.share.valueBytes,
      '\0',
    );
  }

  private take(text: string): void {
    this.received += text;
    const line = this.received.indexOf('\r\n');
    if (line === -1) return;
    const head = this.received.slice(0, line);
    if (head.startsWith('$') && head !== '$-1' && this.received.length < line + 4 + Number(head.slice(1)))
      return;
    this.latencies.add(performance.now() - this.sentAt);
    if (head.startsWith('-')) this.failed++;
    else if (this.writes ? head !== '+OK' : this.received.slice(line + 2, -2) !== this.value()) this.wrong++;
    this.received = '';
    if (!this.stopped) this.next();
  }
}
