import { parseAddress } from '../../common/address.js';
import { errorMessage } from '../../common/errors.js';
import { parseClientList, type ListedClient } from '../client-list.js';
import { migratingHosts, migrateConnectionsAmong } from '../migrate-connection.js';
import { withClient } from '../server-client.js';
import type { Endpoint } from '../routing-table.js';
import { ipsOf } from './aliases.js';

/**
 * Kills those connections of a server whose name the predicate picks. A command of theirs that has not
 * begun is dropped by the server. Returns how many there were; rejects when the server cannot be asked.
 */
export function killConnections(
  server: Endpoint,
  doomed: (name: string) => boolean,
  signal?: AbortSignal,
): Promise<number> {
  return kill(server, (clients) => clients.filter(({ name }) => doomed(name)), signal);
}

/**
 * Kills the connections over which MIGRATE of the sources sends keys to this server, and those that it has given up. A
 * source that gave up on its MIGRATE may have a RESTORE under way; arriving later than the next attempt, it would
 * overwrite what clients have written since. A MIGRATE that goes on meanwhile connects anew by itself.
 */
export async function cutMigrateConnections(target: Endpoint, sources: readonly Endpoint[]): Promise<number> {
  const resolved = await Promise.all([target, ...sources].map(({ address }) => ipsOfServer(address)));
  return kill(target, (clients) =>
    migrateConnectionsAmong(clients, new Set([...resolved.flat(), ...migratingHosts(clients)])),
  );
}

async function ipsOfServer(address: string): Promise<string[]> {
  const host = parseAddress(address)?.host;
  if (host === undefined) return [];
  return ipsOf(host);
}

function kill(
  server: Endpoint,
  doomed: (clients: readonly ListedClient[]) => readonly ListedClient[],
  signal?: AbortSignal,
): Promise<number> {
  return withClient(
    server,
    { connectionName: 'quorate-fence', ...(signal && { signal }) },
    async (client) => {
      let killed = 0;
      for (const { id } of doomed(parseClientList(String(await client.client('LIST')))))
        killed += Number(await client.client('KILL', 'ID', id));
      return killed;
    },
  );
}

/**
 * The same on many servers at once. Returns what went wrong, by address; empty when it is certain that all are gone.
 *
 * A refused connection is no proof that a server's process, and with it every connection, is gone: a firewall, a
 * balancer and CONFIG SET port refuse new connections while old ones live.
 */
export async function killEverywhere(
  servers: readonly Endpoint[],
  doomed: (name: string) => boolean,
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const failures = new Map<string, string>();
  await Promise.all(
    servers.map(async (server) => {
      try {
        await killConnections(server, doomed, signal);
      } catch (error) {
        failures.set(server.address, errorMessage(error));
      }
    }),
  );
  return failures;
}
