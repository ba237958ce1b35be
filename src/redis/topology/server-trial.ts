import { ReplyError, type Redis } from 'ioredis';
import { errorMessage } from '../../common/errors.js';
import type { Endpoint } from '../routing-table.js';
import { withClient } from '../server-client.js';

/**
 * A write that changes nothing: SETRANGE of nothing into a key that does not exist creates none (Redis, t_string.c).
 * The server checks it like any other write, for memory, replicas, disk, role and pause.
 */
const TRIAL_KEY = 'quorate:write-trial';

/** Why a server refuses writes at this moment; null when it takes them. */
export async function refusalOfWrites(client: Redis): Promise<string | null> {
  try {
    await client.setrange(TRIAL_KEY, 0, '');
    return null;
  } catch (error) {
    const message = errorMessage(error);
    if (!(error instanceof ReplyError)) return `It does not answer a write in time: ${message}.`;
    // A user may be limited to keys of its own, and somebody's key may bear this name.
    if (/^(NOPERM|WRONGTYPE)\b/.test(message)) return null;
    return `It refuses writes: ${message}`;
  }
}

/** Why a server refuses a new connection as the proxies make them; null when it takes one. */
export async function refusalOfConnections(endpoint: Endpoint): Promise<string | null> {
  try {
    await withClient(endpoint, { connectionName: 'quorate-trial', commandTimeoutMs: 3_000 }, (client) =>
      client.client('ID'),
    );
    return null;
  } catch (error) {
    return `It refuses new connections: ${errorMessage(error)}`;
  }
}
