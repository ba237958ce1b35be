import { REPL } from './accounts.js';
import { readReplicaStatus, type ReplicaStatus, type Row, type SourceOptions } from './flavours/words.js';
import type { MysqlServer } from './server.js';

/** A server as a replica. */
export class Replication {
  constructor(private readonly server: MysqlServer) {}

  /** Makes it a replica and starts it; by GTID unless a position is given. */
  async follow(source: SourceOptions): Promise<void> {
    await this.configure(source);
    await this.start();
  }

  /** Makes it a replica that does not run yet. */
  async configure(source: SourceOptions): Promise<void> {
    await this.server.query(this.words.changeSource({ ...REPL, ...source }));
  }

  async start(): Promise<void> {
    await this.server.query(this.words.start);
  }

  async stop(): Promise<void> {
    await this.server.query(this.words.stop);
  }

  /** Stops it and makes it forget its source. */
  async forget(): Promise<void> {
    await this.stop();
    await this.server.query(this.words.forget);
  }

  async status(): Promise<ReplicaStatus> {
    const row = await this.statusRow();
    return readReplicaStatus(row, await this.workerErrors(), await this.server.gtidExecuted());
  }

  /**
   * Waits until it has executed all of the set; fails at once when one of its threads has stopped with an error,
   * with that error.
   */
  async reach(set: string, timeoutMs = 60_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!(await this.has(set))) {
      if (performance.now() > deadline)
        throw new Error(`The replica has not reached ${set}: ${JSON.stringify(await this.status())}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  private async has(set: string): Promise<boolean> {
    const [row] = await this.server.query(this.words.reached(set));
    if (Number(row!['reached']) === 1) return true;
    const { io, sql, ioError, sqlError } = await this.status();
    if (sql === 'stopped' && sqlError !== '') throw new Error(`The replica cannot apply: ${sqlError}`);
    if (io === 'stopped' && ioError !== '') throw new Error(`The replica cannot read: ${ioError}`);
    return false;
  }

  private async workerErrors(): Promise<string> {
    const { workerErrors } = this.words;
    if (workerErrors === null) return '';
    return (await this.server.query(workerErrors)).map((row) => String(row['error'])).join('\n');
  }

  private async statusRow(): Promise<Row> {
    const [row] = await this.server.query(this.words.status);
    if (row === undefined) throw new Error('It is no replica.');
    return row;
  }

  private get words() {
    return this.server.flavour.words;
  }
}
