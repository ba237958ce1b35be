import { expect } from 'vitest';
import type { Journal } from '../../../../src/binlog/journal/journal.js';
import { verifyJournal } from '../../../../src/binlog/journal/verify.js';
import type { BinlogServer } from '../../../../src/binlog/server/binlog-server.js';
import { createLogger } from '../../../../src/telemetry/logger.js';
import { checksums } from '../../checkers/mysql/checksum.js';
import { ServerSet } from '../mysql/server-set.js';
import type { MysqlServer, MysqlServerOptions } from '../mysql/server.js';
import { BinlogStore, createServer, executedText, type BinlogStoreOptions } from './binlog-store.js';

/** Servers around one binlog store, which end together. */
export class BinlogCluster {
  private readonly servers = new ServerSet();
  private stores: BinlogStore[] = [];
  private readonly binlogServers: BinlogServer[] = [];

  server(options: MysqlServerOptions): Promise<MysqlServer> {
    return this.servers.start(options);
  }

  async store(options: BinlogStoreOptions = {}): Promise<BinlogStore> {
    const store = await BinlogStore.start(options);
    this.stores.push(store);
    return store;
  }

  /** A binlog server of its own around a journal. */
  async serverOf(journal: Journal): Promise<BinlogServer> {
    const server = createServer(journal, createLogger('silent'));
    await server.start();
    this.binlogServers.push(server);
    return server;
  }

  /** A real replica of the store. */
  async replica(store: BinlogStore, options: MysqlServerOptions): Promise<MysqlServer> {
    const replica = await this.server(options);
    await replica.replication.follow({ port: store.port });
    return replica;
  }

  /** @param keep its files, for another one */
  async stopStore(store: BinlogStore, { keep = false } = {}): Promise<void> {
    this.stores = this.stores.filter((each) => each !== store);
    await store.stop({ keep });
  }

  async remove(): Promise<void> {
    for (const server of this.binlogServers.splice(0)) await server.stop();
    for (const store of this.stores.splice(0)) await store.stop();
    await this.servers.remove();
  }
}

/**
 * Store and replica have what the source has, no more and no less, and the journal is as it was written.
 *
 * @param model whose tables the replica's are to be like: the source, unless that has lost some of what it has logged
 * @param isCompared which tables are to be like the model's: all, unless it has done what it has not logged
 */
export async function expectEqual(
  source: MysqlServer,
  store: BinlogStore,
  replica: MysqlServer,
  timeoutMs = 120_000,
  model = source,
  isCompared: (table: string) => boolean = () => true,
): Promise<void> {
  const executed = await source.gtidExecuted();
  await store.reach(executed, timeoutMs);
  await replica.replication.reach(executed, timeoutMs);
  expect(await replica.gtidExecuted()).toBe(executed);
  if (model !== source) await model.replication.reach(executed, timeoutMs);
  const tablesOf = async (server: MysqlServer): Promise<Record<string, string>> =>
    Object.fromEntries(Object.entries(await checksums(server)).filter(([table]) => isCompared(table)));
  expect(await tablesOf(replica)).toEqual(await tablesOf(model));
  expect(await replica.replication.status()).toMatchObject({ ioError: '', sqlError: '' });
  const { problems, gtids } = await verifyJournal(store.journal.directory);
  expect(problems).toEqual([]);
  expect(executedText(gtids)).toBe(executed);
}
