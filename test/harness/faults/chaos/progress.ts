import type { MysqlServer } from '../../servers/mysql/server.js';
import { newestRow } from './confirming-writer.js';

const LOOK_MS = 100;

/** Notes for how long no replica got anything new. */
export class Progress {
  longestMs = 0;
  private isStopping = false;
  private watching: Promise<void> = Promise.resolve();

  constructor(private readonly replicas: readonly MysqlServer[]) {}

  start(): void {
    this.watching = this.watch();
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await this.watching;
  }

  private async watch(): Promise<void> {
    let [newest, since] = [0, performance.now()];
    while (!this.isStopping) {
      const rows = await Promise.all(this.replicas.map(newestRow));
      const now = performance.now();
      if (Math.max(...rows) > newest) [newest, since] = [Math.max(...rows), now];
      this.longestMs = Math.max(this.longestMs, now - since);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}
