import { createConnection, type Connection, type ConnectionOptions } from 'mysql2/promise';
import { freePort } from '../ports.js';
import { testHost, type Host } from '../host.js';
import { untilReady, type TestProcess } from '../process.js';
import { REPL, ROOT } from './accounts.js';
import { newDataDirectory } from './data-directory.js';
import { commonArguments } from './flavours/arguments.js';
import type { Flavour, FlavourName, RoleOptions } from './flavours/flavour.js';
import { FLAVOURS } from './flavours/flavours.js';
import type { Row } from './flavours/words.js';
import { Replication } from './replication.js';

export interface MysqlServerOptions extends RoleOptions {
  readonly flavour: FlavourName;
  /** Come last, so that they win. */
  readonly args?: readonly string[];
  /** Instead of the passwords of the accounts, which anybody can read here. */
  readonly password?: string;
  readonly host?: Host;
  /** Tells people which one it is. */
  readonly name?: string;
}

export interface BinlogFile {
  readonly name: string;
  readonly size: number;
}

/** A real MySQL or MariaDB on a loopback port of its own, with GTIDs, rows and checksums in its binary log. */
export class MysqlServer {
  readonly flavour: Flavour;
  /** What it does as a replica. */
  readonly replication = new Replication(this);
  private process: TestProcess | null = null;
  private control: Connection | null = null;
  private args: readonly string[];
  private rootPassword: string = ROOT.password;
  private readonly temporary: string;

  private constructor(
    readonly port: number,
    private readonly directory: string,
    private readonly options: MysqlServerOptions,
  ) {
    this.flavour = FLAVOURS[options.flavour];
    this.args = options.args ?? [];
    this.temporary = this.home.directory('mysql-temporary');
  }

  static async start(options: MysqlServerOptions): Promise<MysqlServer> {
    const directory = await newDataDirectory(FLAVOURS[options.flavour], options.host);
    const server = new MysqlServer(await freePort(), directory, options);
    await server.launch();
    if (options.password !== undefined) await server.changePasswords(options.password);
    return server;
  }

  /** `127.0.0.1:port` */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Unique among the servers of all tests that run. */
  get serverId(): number {
    return this.port;
  }

  /** Holds the binary logs, `binlog.000001` and so on. */
  get dataDirectory(): string {
    return this.directory;
  }

  /** A connection as root, which the caller ends. */
  connect(options: ConnectionOptions = {}): Promise<Connection> {
    return createConnection({
      ...{
        host: '127.0.0.1',
        port: this.port,
        ...ROOT,
        password: this.rootPassword,
        charset: 'utf8mb4',
        timezone: 'Z',
      },
      ...{ supportBigNumbers: true, bigNumberStrings: true, dateStrings: true },
      ...options,
    });
  }

  /** The rows that the statement selects, by a connection that is kept; none for one that selects nothing. */
  async query(sql: string): Promise<Row[]> {
    const [rows] = await (await this.controlConnection()).query(sql);
    return Array.isArray(rows) ? (rows as Row[]) : [];
  }

  /** All that it has, written or replicated. */
  async gtidExecuted(): Promise<string> {
    const [row] = await this.query(this.flavour.words.executed);
    return String(row!['executed']).replaceAll('\n', '');
  }

  async binlogFiles(): Promise<BinlogFile[]> {
    const rows = await this.query(this.flavour.words.binaryLogs);
    return rows.map((row) => ({ name: String(row['Log_name']), size: Number(row['File_size']) }));
  }

  /** Begins a new binary log file. */
  async rotate(): Promise<void> {
    await this.query(this.flavour.words.flushLogs);
  }

  /** Stops executing, as a machine does that hangs: connections stay, nothing is answered. */
  freeze(): void {
    this.process!.signal('SIGSTOP');
  }

  thaw(): void {
    this.process!.signal('SIGCONT');
  }

  /** Ends it at once, as a crash does; its data stays. */
  async kill(): Promise<void> {
    this.disconnect();
    await this.process?.end('SIGKILL');
    this.process = null;
  }

  /** Ends it in order, which its binary log tells; its data stays. */
  async stop(): Promise<void> {
    this.disconnect();
    this.process?.signal('SIGCONT');
    await this.process?.end('SIGTERM');
    this.process = null;
  }

  /** Starts it again with its data, at the same address; ends it in order before, when it runs. */
  async restart(args: readonly string[] = this.args): Promise<void> {
    await this.stop();
    this.args = args;
    await this.launch();
  }

  /** Ends it at once, with its data. */
  async remove(): Promise<void> {
    await this.kill();
    this.home.removeDirectory(this.directory);
    this.home.removeDirectory(this.temporary);
  }

  private get home(): Host {
    return this.options.host ?? testHost;
  }

  /** Not written to the binary log: replicas have their own. */
  private async changePasswords(password: string): Promise<void> {
    const accounts = [`'${ROOT.user}'@'127.0.0.1'`, `'${REPL.user}'@'%'`];
    await this.query('SET sql_log_bin = 0');
    for (const account of accounts) await this.query(`ALTER USER ${account} IDENTIFIED BY '${password}'`);
    this.rootPassword = password;
    this.disconnect();
  }

  private async launch(): Promise<void> {
    const [command, ...args] = this.flavour.server;
    const child = this.home.launch(this.options.name ?? this.flavour.name, {
      command,
      args: [
        ...args,
        '--no-defaults',
        ...commonArguments(this.directory, this.port, this.options),
        // One that starts throws away what it takes for its own temporary tables.
        `--tmpdir=${this.temporary}`,
        ...this.flavour.serverArguments(this.options),
        ...this.args,
      ],
    });
    this.process = child;
    await untilReady(child, async () => {
      await this.query('SELECT 1');
      return true;
    });
  }

  private async controlConnection(): Promise<Connection> {
    if (this.control !== null) return this.control;
    const connection = await this.connect();
    // One that the server has ended must not be used again, and its error is nobody's.
    connection.on('error', () => this.forget(connection));
    connection.on('end', () => this.forget(connection));
    this.control = connection;
    return connection;
  }

  private forget(connection: Connection): void {
    if (this.control === connection) this.control = null;
  }

  private disconnect(): void {
    this.control?.destroy();
    this.control = null;
  }
}
