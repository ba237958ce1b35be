import { Redis } from 'ioredis';

/** What the clients saw; `wrong` and `failed` name the first few. */
export interface ClientReport {
  readonly operations: number;
  readonly wrong: readonly string[];
  readonly failed: readonly string[];
}

/**
 * Clients that write and read back through proxies, each on keys of its own, and compare every reply with
 * what they know must be there: single keys, pipelines, multi-key commands over slots and of one slot,
 * counters, lists, several databases.
 */
export class CheckingClients {
  private readonly connections: Redis[] = [];
  private readonly loops: Promise<void>[] = [];
  private readonly wrong: string[] = [];
  private readonly failed: string[] = [];
  private operations = 0;
  /** Counters count from one: each set of clients has its own. */
  private readonly run = Math.random().toString(36).slice(2);
  private stopping = false;

  /** @param ports of proxies; the clients spread over them */
  constructor(
    private readonly ports: readonly number[],
    private readonly count: number,
  ) {}

  async start(): Promise<void> {
    for (let id = 0; id < this.count; id++) {
      const client = new Redis({
        port: this.ports[id % this.ports.length] as number,
        db: id % 3,
        lazyConnect: true,
        maxRetriesPerRequest: 0,
        retryStrategy: () => null,
      });
      client.on('error', () => undefined);
      this.connections.push(client);
      await client.connect();
    }
    this.connections.forEach((client, id) => this.loops.push(this.loop(client, id)));
  }

  get operationsSoFar(): number {
    return this.operations;
  }

  async stop(): Promise<ClientReport> {
    this.stopping = true;
    await Promise.all(this.loops);
    this.connections.forEach((client) => client.disconnect());
    return { operations: this.operations, wrong: this.wrong, failed: this.failed };
  }

  private async loop(client: Redis, id: number): Promise<void> {
    for (let round = 0; !this.stopping; round++) {
      try {
        await this.round(client, id, round);
      } catch (error) {
        if (this.failed.length < 20) this.failed.push(`client ${id}, round ${round}: ${String(error)}`);
        if (client.status === 'end') return;
      }
    }
  }

  private async round(client: Redis, id: number, round: number): Promise<void> {
    const key = (n: number): string => `c${id}:k${n}`;
    const n = round % 50;
    const value = `${id}/${round}`;

    await client.set(key(n), value);
    this.expect(id, `GET ${key(n)}`, await client.get(key(n)), value);

    const keys = [0, 1, 2, 3, 4].map((i) => key((n + i) % 50));
    await client.mset(...keys.flatMap((name, i) => [name, `${value}+${i}`]));
    this.expect(
      id,
      'MGET',
      await client.mget(...keys),
      keys.map((_, i) => `${value}+${i}`),
    );

    const pipeline = client.pipeline();
    for (const name of keys) pipeline.set(name, `${value}p`).get(name);
    const replies = (await pipeline.exec()) ?? [];
    replies.forEach(([error, reply], i) => {
      if (error) throw error;
      this.expect(id, `pipelined ${i}`, reply, i % 2 === 0 ? 'OK' : `${value}p`);
    });

    const tag = `{t${id}:${n}}`;
    await client.del(`${tag}a`, `${tag}b`);
    await client.rpush(`${tag}a`, value, 'x');
    this.expect(id, 'RPOPLPUSH', await client.rpoplpush(`${tag}a`, `${tag}b`), 'x');
    this.expect(id, 'LRANGE', await client.lrange(`${tag}b`, 0, -1), ['x']);
    await client.hset(`h${id}:${n}`, 'field', value);
    this.expect(id, 'HGET', await client.hget(`h${id}:${n}`, 'field'), value);
    const counter = await client.incr(`count${id}:${this.run}`);
    this.expect(id, 'INCR', counter, this.next(id));

    this.expect(id, 'DEL', await client.del(keys[0] as string, `absent${id}:${round}`), 1);
    this.expect(id, 'EXISTS', await client.exists(keys[0] as string, keys[1] as string), 1);
    this.operations += 20;
  }

  private readonly counters = new Map<number, number>();

  private next(id: number): number {
    const next = (this.counters.get(id) ?? 0) + 1;
    this.counters.set(id, next);
    return next;
  }

  private expect(id: number, what: string, actual: unknown, expected: unknown): void {
    if (JSON.stringify(actual) === JSON.stringify(expected)) return;
    if (this.wrong.length < 20) {
      this.wrong.push(
        `client ${id}: ${what} answered ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`,
      );
    }
  }
}
