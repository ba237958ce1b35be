import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { commandOf, RespClient } from '../../harness/servers/redis-client.js';

const KEYS = 1_000;
/** Times in a run before this are not counted: connections and caches are cold. */
const WARM_UP_MS = 500;

export interface PacedLoad {
  readonly port: number;
  readonly command: 'GET' | 'SET';
  readonly valueBytes: number;
  readonly connections: number;
  readonly requestsPerSecond: number;
  readonly seconds: number;
}

/** Latencies in milliseconds, from when a request was due. */
export interface Latencies {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** Requests that were answered per second; below the wanted rate the target, or this process, did not keep up. */
  readonly rate: number;
}

/**
 * Requests at a fixed rate, each due at a fixed time whatever became of those before it, in turns over the
 * connections. A request that is due while its connection still waits is sent when that is answered; its
 * latency counts from when it was due, so a target that stalls cannot hide it.
 *
 * It polls instead of sleeping, because timers are too coarse for the rates wanted here.
 */
export async function runPacedLoad(load: PacedLoad): Promise<Latencies> {
  await fill(load);
  const connections = await Promise.all(
    Array.from({ length: load.connections }, () => PacedConnection.open(load)),
  );
  try {
    return await new Run(load, connections).finished;
  } finally {
    for (const connection of connections) connection.close();
  }
}

/** Gives every key its value, so that the reply to a GET is known. */
async function fill({ port, valueBytes }: PacedLoad): Promise<void> {
  const client = await RespClient.connect(port);
  const replies = client.readMany(KEYS);
  client.send(
    Buffer.concat(
      Array.from({ length: KEYS }, (_, i) => commandOf(['SET', keyOf(i), 'x'.repeat(valueBytes)])),
    ),
  );
  for (const reply of await replies) {
    if (reply.toString() !== '+OK\r\n') throw new Error(`SET was answered ${reply.toString()}`);
  }
  client.close();
}

function keyOf(i: number): string {
  return `paced:${i}`;
}

class Run {
  readonly finished: Promise<Latencies>;
  private readonly latencies: number[] = [];
  private readonly start = performance.now() + 1;
  private readonly total: number;
  private due = 0;
  private answered = 0;
  private resolve!: (latencies: Latencies) => void;
  private reject!: (error: Error) => void;

  constructor(
    private readonly load: PacedLoad,
    private readonly connections: readonly PacedConnection[],
  ) {
    this.total = Math.ceil(load.requestsPerSecond * (load.seconds + WARM_UP_MS / 1000));
    this.finished = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    for (const connection of connections) {
      connection.onReply = (due) => this.replied(due);
      connection.onFailure = (error) => this.reject(error);
    }
    setImmediate(() => this.poll());
  }

  private poll(): void {
    const elapsed = performance.now() - this.start;
    const until = Math.min(this.total, Math.floor((elapsed / 1000) * this.load.requestsPerSecond));
    for (; this.due < until; this.due++) {
      const time = this.start + (this.due * 1000) / this.load.requestsPerSecond;
      this.connections[this.due % this.connections.length]!.add(time);
    }
    if (this.due < this.total) setImmediate(() => this.poll());
  }

  private replied(due: number): void {
    if (due - this.start >= WARM_UP_MS) this.latencies.push(performance.now() - due);
    this.answered++;
    if (this.answered < this.total) return;
    const sorted = Float64Array.from(this.latencies).sort();
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
    const rate = (this.total * 1000) / (performance.now() - this.start);
    this.resolve({ p50: at(0.5), p99: at(0.99), p999: at(0.999), rate });
  }
}

class PacedConnection {
  onReply: (due: number) => void = () => undefined;
  onFailure: (error: Error) => void = () => undefined;
  private readonly queue: number[] = [];
  private waiting = false;
  private received = 0;
  private readonly requests: readonly Buffer[];
  private readonly reply: Buffer;
  private nextKey = 0;

  private constructor(
    private readonly socket: Socket,
    load: PacedLoad,
  ) {
    const value = 'x'.repeat(load.valueBytes);
    this.requests = Array.from({ length: KEYS }, (_, i) =>
      commandOf(load.command === 'GET' ? ['GET', keyOf(i)] : ['SET', keyOf(i), value]),
    );
    this.reply = Buffer.from(load.command === 'GET' ? `$${value.length}\r\n${value}\r\n` : '+OK\r\n');
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    socket.on('error', (error) => this.onFailure(error));
    socket.on('close', () => this.onFailure(new Error('The target closed a connection.')));
  }

  static async open(load: PacedLoad): Promise<PacedConnection> {
    const socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new PacedConnection(socket, load);
  }

  close(): void {
    this.onFailure = () => undefined;
    this.socket.destroy();
  }

  add(due: number): void {
    this.queue.push(due);
    if (!this.waiting) this.send();
  }

  private send(): void {
    this.waiting = true;
    this.socket.write(this.requests[this.nextKey]!);
    this.nextKey = (this.nextKey + 1) % this.requests.length;
  }

  private take(chunk: Buffer): void {
    const wanted = this.reply.subarray(this.received, this.received + chunk.length);
    if (!chunk.equals(wanted)) {
      this.onFailure(new Error(`Unexpected reply: ${chunk.toString('latin1').slice(0, 200)}`));
      return;
    }
    this.received += chunk.length;
    if (this.received < this.reply.length) return;
    this.received = 0;
    this.waiting = false;
    this.onReply(this.queue.shift()!);
    if (this.queue.length > 0) this.send();
  }
}
