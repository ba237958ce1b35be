import { Redis } from 'ioredis';
import type { Connection } from 'mysql2/promise';
import type { MysqlServer } from '../../test/harness/servers/mysql/server.js';
import { pause } from './wait.js';

const TICK_MS = 50;
const KEYS = 4_000;
const SIZES = [16, 100, 1_000, 10_000];
/** Requests whose answer has not come: more are not sent. */
const MAX_UNDER_WAY = 2_000;
/** Older rows go, so that a demo that runs for days stays small. */
const KEPT_ROWS = 20_000;

interface Counts {
  done: number;
  failed: number;
}

/** A gentle, endless load on both halves, which outlives whatever breaks. */
export class Load {
  readonly redis: Counts = { done: 0, failed: 0 };
  readonly source: Counts = { done: 0, failed: 0 };
  private readonly clients: Redis[] = [];
  private readonly ending = new AbortController();
  private running: Promise<void>[] = [];
  private underWay = 0;

  /** Requests a second over all proxies; each gets its share. */
  startRedis(proxies: readonly number[], perSecond: number): void {
    for (const port of proxies) {
      const client = new Redis({
        ...{ port, enableOfflineQueue: false, maxRetriesPerRequest: 0, connectTimeout: 2_000 },
        retryStrategy: () => 500,
      });
      // One that is away is tried again; what fails meanwhile is counted.
      client.on('error', () => undefined);
      this.clients.push(client);
    }
    this.running.push(this.requests(perSecond));
  }

  startSource(source: MysqlServer, perSecond: number): void {
    this.running.push(this.transactions(source, perSecond));
  }

  async stop(): Promise<void> {
    this.ending.abort(new Error('The load ends.'));
    for (const client of this.clients) client.disconnect();
    await Promise.all(this.running);
    this.running = [];
  }

  private async requests(perSecond: number): Promise<void> {
    for (let due = 0, turn = 0; await this.wait(TICK_MS);) {
      due = Math.min(due + (perSecond * TICK_MS) / 1_000, perSecond);
      for (; due >= 1 && this.underWay < MAX_UNDER_WAY; due--)
        this.request(this.clients[turn++ % this.clients.length]!);
    }
  }

  private request(client: Redis): void {
    if (client.status !== 'ready') {
      this.redis.failed++;
      return;
    }
    this.underWay++;
    someRequest(client)
      .then(
        () => this.redis.done++,
        () => this.redis.failed++,
      )
      .finally(() => this.underWay--);
  }

  private async transactions(source: MysqlServer, perSecond: number): Promise<void> {
    let connection: Connection | null = null;
    while (await this.wait(1_000 / perSecond)) {
      try {
        if (connection === null) {
          connection = await source.connect();
          connection.on('error', () => undefined);
        }
        await someTransaction(connection);
        this.source.done++;
      } catch {
        this.source.failed++;
        connection?.destroy();
        connection = null;
      }
    }
    connection?.destroy();
  }

  /** False when it is over. */
  private wait(ms: number): Promise<boolean> {
    return pause(ms, this.ending.signal).then(
      () => true,
      () => false,
    );
  }
}

function below(limit: number): number {
  return Math.floor(Math.random() * limit);
}

function someRequest(client: Redis): Promise<unknown> {
  const n = below(KEYS);
  switch (below(8)) {
    case 0:
    case 1:
      return client.set(`demo:text:${n}`, 'x'.repeat(SIZES[n % SIZES.length]!));
    case 2:
      return client.incr(`demo:count:${n % 500}`);
    case 3:
      return client.hset(`demo:hash:${n % 500}`, `field${below(50)}`, String(n));
    case 4:
      return client.zadd(`demo:scores:${n % 100}`, below(1_000_000), `player${below(200)}`);
    case 5:
      return client.mget(Array.from({ length: 10 }, (_, at) => `demo:text:${(n + at) % KEYS}`));
    default:
      return client.get(`demo:text:${n}`);
  }
}

/** An order is placed, one is changed, and one that is old goes. */
async function someTransaction(connection: Connection): Promise<void> {
  await connection.beginTransaction();
  const note = 'x'.repeat(SIZES[below(3)]!);
  const insert = 'INSERT INTO shop.orders (customer, state, note) VALUES (?, ?, ?)';
  const [{ insertId }] = (await connection.query(insert, [below(1_000), 'NEW', note])) as unknown as [
    { insertId: number },
  ];
  await connection.query(`UPDATE shop.orders SET state = 'SENT' WHERE id = ?`, [insertId - below(50)]);
  await connection.query('DELETE FROM shop.orders WHERE id = ?', [insertId - KEPT_ROWS]);
  await connection.commit();
}
