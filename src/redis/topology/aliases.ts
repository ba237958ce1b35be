import { lookup } from 'node:dns/promises';
import { parseAddress } from '../../common/address.js';
import { parseInfo, withClient } from '../server-client.js';
import type { Endpoint } from '../routing-table.js';

/**
 * The address of the one of these servers that has that run id, under whatever name; undefined when none has. A server
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

/** Whether two addresses lead to one listener: the same port of a machine that both names resolve to. */
export async function isSameAddress(one: string, other: string): Promise<boolean> {
  if (one === other) return true;
  const [a, b] = [parseAddress(one), parseAddress(other)];
  if (!a || !b || a.port !== b.port) return false;
  const [of = [], among = []] = await Promise.all([ipsOf(a.host), ipsOf(b.host)]).catch((): string[][] => [
    [],
    [],
  ]);
  return of.some((ip) => among.includes(ip));
}

/** The machine's addresses. Rejects when the name cannot be resolved. */
export async function ipsOf(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
