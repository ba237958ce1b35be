import { until } from '../../until.js';
import type { MysqlServer } from './server.js';

/** Throws away all binary logs but the newest, which is a new one. */
export async function purge(source: MysqlServer): Promise<void> {
  await source.rotate();
  const newest = (await source.binlogFiles()).at(-1)!.name;
  // MariaDB keeps a file until it is sure that it does not need it for its own recovery.
  await until('the files are purged', async () => {
    await source.query(`PURGE BINARY LOGS TO '${newest}'`);
    return (await source.binlogFiles()).length === 1;
  });
}
