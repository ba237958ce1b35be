import type { MysqlServer } from '../../harness/servers/mysql/server.js';
import { ServerSet } from '../../harness/servers/mysql/server-set.js';

/** How long a fresh replica's IO thread takes to get everything from there, in seconds; nothing is applied. */
export async function ioThreadSeconds(
  flavour: MysqlServer['flavour']['name'],
  port: number,
  wanted: string,
): Promise<number> {
  const servers = new ServerSet();
  try {
    const replica = await servers.start({ flavour });
    await replica.replication.configure({ port });
    const startedAt = performance.now();
    await replica.query('START SLAVE IO_THREAD');
    for (;;) {
      const [row] = await replica.query('SHOW SLAVE STATUS');
      if (String(row!['Retrieved_Gtid_Set']).replaceAll('\n', '') === wanted) break;
      if (String(row!['Last_IO_Error']) !== '') throw new Error(String(row!['Last_IO_Error']));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return (performance.now() - startedAt) / 1_000;
  } finally {
    await servers.remove();
  }
}
