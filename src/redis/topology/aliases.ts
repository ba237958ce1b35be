import { parseInfo, withClient } from '../server-client.js';
import type { Endpoint } from '../routing-table.js';

/**
 * Which of these servers is the one with that run id, under whatever name; undefined when none is. A server
 * that does not answer is not the one that has just answered.
 */
export async function findByRunId(servers: readonly Endpoint[], runId: string): Promise<string | undefined> {
  const found = await Promise.all(
    servers.map(async (server) => {
      const theirs = await withClient(server, { connectionName: 'quorate-probe' }, async (client) =>
        parseInfo(await client.info('server')).get('run_id'),
      ).catch(() => undefined);
      return theirs === runId ? server.address : undefined;
    }),
  );
  return found.find((address) => address !== undefined);
}
