import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { parseAddress } from '../../common/address.js';
import { errorMessage, QuorateError } from '../../common/errors.js';
import { withoutSecret } from '../../common/without-secret.js';
import type { Endpoint } from '../routing-table.js';
import { parseInfo, parseKeyspace, withClient } from '../server-client.js';
import { MIGRATE_TIMEOUT_MS } from './migrate-keys.js';

/** How long a key of a rehearsal lives when nobody removes it, in milliseconds. */
const KEY_TTL_MS = 60_000;

const OURS = { connectionName: 'quorate-rehearsal' };

type Make = (client: Redis, key: string) => Promise<unknown>;

/** One key of each type that every server knows. */
const KINDS: Record<string, Make> = {
  string: (client, key) => client.set(key, 'rehearsal'),
  list: (client, key) => client.rpush(key, 'a', 'b'),
  hash: (client, key) => client.hset(key, 'field', 'value'),
  set: (client, key) => client.sadd(key, 'a', '1'),
  'sorted set': (client, key) => client.zadd(key, 1, 'a'),
  stream: (client, key) => client.xadd(key, '*', 'field', 'value'),
};

/** Keys cannot go from one server to another; the message has the server's own words. */
export class RehearsalError extends QuorateError {
  constructor(source: Endpoint, target: Endpoint, what: string, error: unknown) {
    const words = withoutSecret(withoutSecret(errorMessage(error), target.password), source.password);
    super(
      'REHEARSAL',
      `${source.address} cannot send keys to ${target.address}: ${what} of our own was not taken: ${words}`,
      { cause: error },
    );
  }
}

/**
 * Copies keys of our own from one server to another: one of each type, and one in each database that holds keys at the
 * source. What the target cannot take (an older version, fewer databases, no memory, a user who may not) shows here, and
 * whether the source knows MIGRATE, before a client pays for it.
 *
 * The keys go through this process: no server is blocked by it, also while others of the two send each other keys.
 *
 * @throws RehearsalError
 */
export function rehearse(source: Endpoint, target: Endpoint): Promise<void> {
  const fails = (what: string, error: unknown): RehearsalError =>
    new RehearsalError(source, target, what, error);
  return withClient(source, OURS, (from) =>
    withClient(target, OURS, async (to) => {
      for (const [kind, make] of Object.entries(KINDS)) {
        await copy(from, to, make).catch((error: unknown) => Promise.reject(fails(`a ${kind}`, error)));
      }
      for (const database of parseKeyspace(parseInfo(await from.info('keyspace'))).keys()) {
        if (database === 0) continue;
        const inDatabase = async (): Promise<void> => {
          await Promise.all([from.select(database), to.select(database)]);
          await copy(from, to, KINDS['string'] as Make);
        };
        await inDatabase().catch((error: unknown) =>
          Promise.reject(fails(`a string in database ${database}`, error)),
        );
      }
      // A key that is not there is not sent: the answer only tells that the source knows the command.
      const { host, port } = parseAddress(target.address) ?? { host: '', port: 0 };
      await from
        .call('MIGRATE', host, port, keyName(), 0, MIGRATE_TIMEOUT_MS)
        .catch((error: unknown) => Promise.reject(fails('a key', error)));
    }),
  );
}

async function copy(from: Redis, to: Redis, make: Make): Promise<void> {
  const key = keyName();
  try {
    await make(from, key);
    await from.pexpire(key, KEY_TTL_MS);
    const payload = await from.dumpBuffer(key);
    await to.restore(key, KEY_TTL_MS, payload, 'REPLACE');
    if ((await to.unlink(key)) === 0) throw new Error('it was gone at once; the server evicts keys');
  } finally {
    await from.unlink(key).catch(() => undefined);
  }
}

function keyName(): string {
  return `quorate:rehearsal:${randomUUID()}`;
}
