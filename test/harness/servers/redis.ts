import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from './mysql/cache.js';
import { freePort } from './ports.js';
import { testHost, type Host } from './host.js';
import { untilReady, type TestProcess } from './process.js';
import { RespClient } from './redis-client.js';

/** What to run: Debian bookworm's Redis 7.0, or one of another release, unpacked with its libraries into the cache. */
export type RedisVersion = 'redis-7' | 'redis-8' | 'valkey-8' | 'valkey-9';

/** Whether a version can be run here; only Redis 7.0 always can. */
export function hasVersion(version: RedisVersion): boolean {
  return version === 'redis-7' || existsSync(programOf(version));
}

function programOf(version: RedisVersion): string {
  return join(CACHE, version, 'usr/bin', version.startsWith('valkey') ? 'valkey-server' : 'redis-server');
}

function commandOf(version: RedisVersion): [string, ...string[]] {
  if (version === 'redis-7') return ['redis-server'];
  const root = join(CACHE, version);
  // Its own loader and libraries: those of this system are older.
  return [
    join(root, 'usr/lib64/ld-linux-x86-64.so.2'),
    ...['--library-path', join(root, 'usr/lib/x86_64-linux-gnu'), programOf(version)],
  ];
}

export interface RedisServerOptions {
  readonly version?: RedisVersion;
  /** A free one when it is left out. */
  readonly port?: number;
  readonly password?: string;
  /** Of its own, which it may rewrite; without, it is told everything on its command line. */
  readonly configFile?: string;
  readonly args?: readonly string[];
  readonly host?: Host;
  /** Tells people which one it is. */
  readonly name?: string;
}

/** A real redis-server on a loopback port of its own, without persistence. */
export class RedisServer {
  private process: TestProcess | null = null;

  private constructor(
    readonly port: number,
    private readonly options: RedisServerOptions,
  ) {}

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = new RedisServer(options.port ?? (await freePort()), options);
    await server.launch();
    return server;
  }

  /** `127.0.0.1:port` */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get password(): string | null {
    return this.options.password ?? null;
  }

  get endpoint(): { readonly address: string; readonly password: string | null } {
    return { address: this.address, password: this.password };
  }

  /** A connection that has authenticated. */
  async client(database = 0): Promise<RespClient> {
    const client = await RespClient.connect(this.port);
    if (this.password !== null) await client.ask('AUTH', this.password);
    if (database !== 0) await client.ask('SELECT', String(database));
    return client;
  }

  /** Of the running process. */
  get pid(): number {
    return this.process!.pid;
  }

  /** Stops executing, as a machine does that hangs: connections stay, nothing is answered. */
  freeze(): void {
    this.process!.signal('SIGSTOP');
  }

  thaw(): void {
    this.process!.signal('SIGCONT');
  }

  /** Ends it at once, with its data. */
  async kill(): Promise<void> {
    await this.process?.end('SIGKILL');
    this.process = null;
  }

  /** Starts it again, empty, at the same address. */
  async restart(): Promise<void> {
    await this.kill();
    await this.launch();
  }

  async stop(): Promise<void> {
    await this.kill();
  }

  private async launch(): Promise<void> {
    const { password, configFile, args = [], host = testHost, name = 'redis' } = this.options;
    const [command, ...prefix] = commandOf(this.options.version ?? 'redis-7');
    const child = host.launch(name, {
      command,
      args: [
        ...prefix,
        ...(configFile === undefined ? [] : [configFile]),
        ...['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
        ...['--dir', host.directory(name), '--repl-diskless-sync-delay', '0'],
        ...(password === undefined ? [] : ['--requirepass', password, '--masterauth', password]),
        ...args,
      ],
    });
    this.process = child;
    await untilReady(child, async () => {
      const client = await this.client();
      try {
        return (await client.ask('PING')).startsWith('+PONG');
      } finally {
        client.close();
      }
    });
  }
}
