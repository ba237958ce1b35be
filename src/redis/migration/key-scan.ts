import type { Redis } from 'ioredis';
import { slotOfKey } from '../key-slot.js';
import { parseInfo, parseKeyspace } from '../server-client.js';

/** How many keys the server looks at per SCAN: about 0.2 ms of its time. */
const SCAN_COUNT = 500;

/** Keys of wanted slots, in one database. */
export interface KeyPage {
  readonly database: number;
  readonly keys: readonly Buffer[];
}

/**
 * Goes through the keys of some slots on one server, in every database, by SCAN. Keys that are there from
 * beginning to end are met at least once; the server's database is the page's while its reader works on it.
 *
 * The next page is asked for before the present one is handed out, so that the server never waits for us.
 */
export async function* scanSlots(
  client: Redis,
  slots: ReadonlySet<number>,
  signal: AbortSignal,
): AsyncGenerator<KeyPage> {
  for (const database of parseKeyspace(parseInfo(await client.info('keyspace'))).keys()) {
    await client.select(database);
    let asked = askPage(client, '0');
    for (;;) {
      signal.throwIfAborted();
      const [cursor, keys] = await asked;
      const last = cursor.toString() === '0';
      if (!last) asked = askPage(client, cursor.toString());
      const due = keys.filter((key) => slots.has(slotOfKey(key)));
      if (due.length > 0) yield { database, keys: due };
      if (last) break;
    }
  }
}

function askPage(client: Redis, cursor: string): Promise<[cursor: Buffer, keys: Buffer[]]> {
  const asked = client.scanBuffer(cursor, 'COUNT', SCAN_COUNT);
  // Whoever is interrupted before the page is looked at never learns what became of it.
  asked.catch(() => undefined);
  return asked;
}
