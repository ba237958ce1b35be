import type { Connection, RowDataPacket } from 'mysql2/promise';
import { removeTemporaryDirectory, temporaryDirectory } from '../../servers/tmp.js';
import { loadSql, saveSql } from './dump-sql.js';
import { loadTables, saveTables } from './dump-tables.js';
import type { MysqlServer } from '../../servers/mysql/server.js';
import { userDatabases } from '../../servers/mysql/tables.js';

/** All user databases of a server. */
export interface Dump {
  readonly directory: string;
  /** What the server had executed when it was made, neither more nor less. */
  readonly gtids: string;
}

/**
 * Dumps all user databases under a read lock, so tables without transactions are of the same moment. Writers
 * wait meanwhile. Branches of XA transactions that are prepared are in no dump, and so it waits for their end.
 */
export async function dump(server: MysqlServer): Promise<Dump> {
  const directory = temporaryDirectory('dump');
  const locked = await server.connect();
  try {
    await lock(locked);
    const gtids = await server.gtidExecuted();
    const databases = await userDatabases(server);
    if (databases.length === 0) throw new Error('There is no database to dump.');
    await (server.flavour.dump === null ? saveTables : saveSql)(server, databases, directory);
    return { directory, gtids };
  } finally {
    locked.destroy();
  }
}

/** Fills an empty server and lets it know what it has, so that it can replicate what comes after; the dump is gone then. */
export async function load(server: MysqlServer, { directory, gtids }: Dump): Promise<void> {
  await (server.flavour.dump === null ? loadTables : loadSql)(server, directory);
  for (const statement of server.flavour.words.startAfter(gtids)) await server.query(statement);
  removeTemporaryDirectory(directory);
}

async function lock(connection: Connection): Promise<void> {
  for (;;) {
    await connection.query('FLUSH TABLES WITH READ LOCK');
    const [prepared] = await connection.query<RowDataPacket[]>('XA RECOVER');
    if (prepared.length === 0) return;
    await connection.query('UNLOCK TABLES');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
