import type { Connection } from 'mysql2/promise';
import type { MysqlServer } from '../../servers/mysql/server.js';

const TABLE = 'chaos.t';

/** A client that writes rows one after the other, and knows which of them were confirmed to it. */
export class ConfirmingWriter {
  /** The rows 1 to here were confirmed. */
  confirmed = 0;
  private isStopping = false;
  private working: Promise<void> = Promise.resolve();

  private constructor(
    private readonly connection: Connection,
    private readonly pauseMs: number,
  ) {}

  static async start(source: MysqlServer, pauseMs: number): Promise<ConfirmingWriter> {
    await source.query('CREATE DATABASE chaos');
    await source.query(`CREATE TABLE ${TABLE} (id INT PRIMARY KEY, at BIGINT, filler VARBINARY(4000))`);
    const writer = new ConfirmingWriter(await source.connect(), pauseMs);
    writer.working = writer.run();
    // Whoever stops it is told.
    writer.working.catch(() => undefined);
    return writer;
  }

  /** Resolves when the row under way is confirmed; rejects with what has gone wrong. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.working;
    await this.connection.end();
  }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      const id = this.confirmed + 1;
      const length = id % 50 === 0 ? 4_000 : 40 + (id % 200);
      await this.connection.query(`INSERT INTO ${TABLE} VALUES (?, ?, REPEAT('x', ?))`, [
        id,
        Date.now(),
        length,
      ]);
      this.confirmed = id;
      await new Promise((resolve) => setTimeout(resolve, this.pauseMs));
    }
  }
}

/** The largest row that has come there; 0 before the first. */
export async function newestRow(replica: MysqlServer): Promise<number> {
  const [row] = await replica.query(`SELECT COALESCE(MAX(id), 0) AS newest FROM ${TABLE}`).catch(() => []);
  return Number(row?.['newest'] ?? 0);
}

export async function countRows(server: MysqlServer): Promise<number> {
  const [row] = await server.query(`SELECT COUNT(*) AS rows_ FROM ${TABLE}`);
  return Number(row!['rows_']);
}
