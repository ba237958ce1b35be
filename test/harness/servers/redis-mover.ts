import { slotOfKey } from '../../../src/redis/key-slot.js';
import type { RedisServer } from './redis.js';

/**
 * Moves every key of some slots from one server to another with SCAN and MIGRATE, until a whole scan finds
 * none; what the mover of a cluster does, in its plainest form.
 */
export async function moveKeys(
  from: RedisServer,
  to: RedisServer,
  slots: ReadonlySet<number>,
  database = 0,
): Promise<void> {
  const client = await from.client(database);
  try {
    for (let found = true; found;) {
      found = false;
      let cursor = '0';
      do {
        const reply = await client.ask('SCAN', cursor, 'COUNT', '200');
        const lines = reply.split('\r\n');
        cursor = lines[2]!;
        const keys = lines.slice(4).filter((_, i) => i % 2 === 1);
        const mine = keys.filter((key) => slots.has(slotOfKey(Buffer.from(key, 'latin1'))));
        if (mine.length === 0) continue;
        found = true;
        const password = to.password === null ? [] : ['AUTH', to.password];
        const moved = await client.ask(
          ...['MIGRATE', '127.0.0.1', String(to.port), '', String(database), '5000', 'REPLACE'],
          ...[...password, 'KEYS', ...mine.map((key) => Buffer.from(key, 'latin1'))],
        );
        if (moved.startsWith('-')) throw new Error(moved);
      } while (cursor !== '0');
    }
  } finally {
    client.close();
  }
}
