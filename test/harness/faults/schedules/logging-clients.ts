import { setTimeout as pause } from 'node:timers/promises';
import type { Command, HistoryLog } from '../../checkers/history/history.js';
import { RespClient } from '../../servers/redis-client.js';
import type { Random } from '../../random.js';
import { Requests, slotOf, TAG_PARTS, type Client, type FailedRequest } from './requests.js';

const WORKING_KEYS = 240;
const TAGS = 24;
const THINK_MS = 3;
const READ_WITHIN_MS = 10_000;

export interface LoggingClientsOptions {
  readonly log: HistoryLog;
  /** By proxy; asked anew at every connection. */
  readonly portOf: (proxy: number) => number;
  readonly proxies: number;
  readonly clients: number;
  /** What all names of keys begin with: no other run has written them. */
  readonly prefix: string;
  readonly random: Random;
  /** Slots that some clients keep away from, because they may be held. */
  readonly mayMove: (slot: number) => boolean;
}

/**
 * Clients that write and read the same few hundred keys through different proxies, and log what they did
 * and saw for `judge`. One that loses its connection goes on over another.
 */
export class LoggingClients {
  private readonly clients: Client[];
  private readonly requests: Requests;
  readonly keys: readonly string[];
  readonly tags: readonly string[];
  private loops: Promise<void>[] = [];
  private stopping = false;

  constructor(private readonly options: LoggingClientsOptions) {
    const { prefix, random, proxies } = options;
    this.keys = Array.from({ length: WORKING_KEYS }, (_, i) => `${prefix}k${i}`);
    this.tags = Array.from({ length: TAGS }, (_, i) => `{${prefix}t${i}}`);
    this.requests = new Requests(options.log, proxies);
    this.clients = Array.from({ length: options.clients }, (_, i) => ({
      name: `c${i}`,
      database: i % 8 === 6 ? 7 : 0,
      isSteady: i % 4 === 3,
      random: random.fork(),
      proxy: Math.floor(i / 4 + i) % proxies,
      connection: null,
      isLeaving: false,
      sequence: 0,
    }));
  }

  get failed(): readonly FailedRequest[] {
    return this.requests.failed;
  }

  get answered(): Requests['answered'] {
    return this.requests.answered;
  }

  start(): void {
    this.loops = this.clients.map((client) => this.loop(client));
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.loops);
    for (const { connection } of this.clients) connection?.close();
  }

  /** Every other client of a proxy loses its patience, leaves its request to its fate and goes elsewhere. */
  abandon(proxy: number): void {
    this.clients
      .filter((client) => client.proxy === proxy)
      .forEach((client, index) => {
        if (index % 2 === 1) return;
        client.proxy = (proxy + 1) % this.options.proxies;
        // Workers of a stopped proxy still answer: what it asks from now on meets a connection that it has closed.
        client.isLeaving = true;
        client.connection?.close();
      });
  }

  /**
   * Reads every key once more through every proxy, after all clients have stopped and every server is back.
   * A proxy pauses between its attempts to reach a server that it found away: so this waits for it.
   */
  async readAll(): Promise<void> {
    for (const database of [0, 7]) {
      for (let proxy = 0; proxy < this.options.proxies; proxy++) {
        const connection = await RespClient.connect(this.options.portOf(proxy));
        await connection.ask('SELECT', String(database));
        await this.readThrough(
          { ...this.clients[0]!, name: 'reader', database, connection, proxy },
          connection,
        );
        connection.close();
      }
    }
  }

  private async readThrough(reader: Client, connection: RespClient): Promise<void> {
    const deadline = performance.now() + READ_WITHIN_MS;
    let missing = [...this.keys, ...this.tags];
    while (missing.length > 0) {
      const read = await Promise.all(
        missing.map((name) =>
          this.tags.includes(name)
            ? this.requests.tagged(reader, connection, name, { kind: 'get' })
            : this.requests.one(reader, connection, name, { kind: 'get' }),
        ),
      );
      missing = missing.filter((_, i) => !read[i]);
      if (missing.length > 0 && performance.now() > deadline)
        throw new Error(`${missing.join()} could not be read at the end: ${this.failed.at(-1)?.reason}`);
      if (missing.length > 0) await pause(200);
    }
  }

  /** Forgets all keys, for the sake of the next run. */
  async removeAll(): Promise<void> {
    const all = [...this.keys, ...this.tags.flatMap((tag) => TAG_PARTS.map((part) => tag + part))];
    for (const database of [0, 7]) {
      const connection = await RespClient.connect(this.options.portOf(0));
      await connection.ask('SELECT', String(database));
      const reply = await connection.askList(['DEL', ...all]);
      connection.close();
      if (!reply.startsWith(':')) throw new Error(`DEL of all keys answered ${reply}`);
    }
  }

  private async loop(client: Client): Promise<void> {
    while (!this.stopping) {
      const ok = await this.round(client).catch(() => false);
      // Whoever fails again and again must not fill the history with attempts.
      await pause(ok ? client.random.below(2 * THINK_MS) : 60 + client.random.below(60));
    }
  }

  /** False when something failed. */
  private async round(client: Client): Promise<boolean> {
    const connection = await this.connectionOf(client);
    const { random } = client;
    if (random.below(10) === 0) {
      const tag = this.pick(client, this.tags, 6);
      const chosen = random.below(10);
      const command: Command =
        chosen < 5
          ? { kind: 'get' }
          : chosen < 9
            ? { kind: 'set', value: this.newValue(client) }
            : { kind: 'del' };
      return this.requests.tagged(client, connection, tag, command);
    }
    if (random.below(12) === 0) {
      const names = [...new Set([24, 24, 48, 48].map((hot) => this.pick(client, this.keys, hot)))];
      const isRead = random.below(3) > 0;
      const commands = names.map((): Command =>
        isRead ? { kind: 'get' } : { kind: 'set', value: this.newValue(client) },
      );
      return this.requests.several(client, connection, names, commands);
    }
    if (random.below(300) === 0) {
      // It leaves in the middle of what it asks for.
      setTimeout(() => connection.close(), random.below(4));
      client.isLeaving = true;
    }
    const count = random.below(12) === 0 ? 5 : 1;
    const requests = Array.from({ length: count }, () =>
      this.requests.one(client, connection, this.pick(client, this.keys, 24), this.draw(client)),
    );
    return (await Promise.all(requests)).every(Boolean);
  }

  private async connectionOf(client: Client): Promise<RespClient> {
    if (client.connection) return client.connection;
    const { proxy } = client;
    const connection = await RespClient.connect(this.options.portOf(proxy));
    void connection.closed.then(() => {
      if (client.connection === connection) client.connection = null;
    });
    if (client.database !== 0) await connection.ask('SELECT', String(client.database));
    if (client.proxy !== proxy) {
      connection.close();
      throw new Error('It went to another proxy while it connected to this one.');
    }
    client.connection = connection;
    client.isLeaving = false;
    return connection;
  }

  /** A third of the requests goes to the first few keys, so that there is contention for them. */
  private pick(client: Client, names: readonly string[], hot: number): string {
    for (;;) {
      const name = names[client.random.below(client.random.below(3) === 0 ? hot : names.length)]!;
      if (!client.isSteady || !this.options.mayMove(slotOf(name))) return name;
    }
  }

  private draw(client: Client): Command {
    const chosen = client.random.below(100);
    if (chosen < 42) return { kind: 'get' };
    if (chosen < 64) return { kind: 'set', value: this.newValue(client) };
    if (chosen < 72) return { kind: 'getset', value: this.newValue(client) };
    if (chosen < 80) return { kind: 'append', value: `+${this.newValue(client)}` };
    return chosen < 90 ? { kind: 'del' } : { kind: 'incr' };
  }

  private newValue(client: Client): string {
    return `${client.name}.${++client.sequence}`;
  }
}
