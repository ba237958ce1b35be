import type { Redis } from 'ioredis';
import { delay } from '../../common/async.js';
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
 * No page is asked for in advance: between two the server has time for its clients.
 *
 * @param restShare for how many times as long as a SCAN took the server is left alone after it
 */
export async function* scanSlots(
  client: Redis,
  slots: ReadonlySet<number>,
  signal: AbortSignal,
  restShare = 0,
): AsyncGenerator<KeyPage> {
  for (const database of parseKeyspace(parseInfo(await client.info('keyspace'))).keys()) {
    await client.select(database);
    let cursor = '0';
    do {
      signal.throwIfAborted();
      const askedAt = performance.now();
      const [next, keys] = await client.scanBuffer(cursor, 'COUNT', SCAN_COUNT);
      cursor = next.toString();
      if (restShare > 0) await delay(restShare * (performance.now() - askedAt), signal);
      const due = keys.filter((key) => slots.has(slotOfKey(key)));
      if (due.length > 0) yield { database, keys: due };
    } while (cursor !== '0');
  }
}
