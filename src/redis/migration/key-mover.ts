import { slotOfKey } from '../key-slot.js';
import { withClient } from '../server-client.js';
import { unitsOf } from './group-size.js';
import type { KeyList, ListedKey } from './key-list.js';
import { scanSlots } from './key-scan.js';
import { BigKeysError, KEYS_PER_MEASURE, keySizes } from './key-sizes.js';
import { migrate, MIGRATE_TIMEOUT_MS, type KeyMove, type Mover } from './migrate-keys.js';

/**
 * Moves every key of the batch's slots from source to target.
 *
 * It ends only after a complete scan of every database has met no key of these slots. In MIGRATE nobody can
 * add one at the source, so none is left then. A key whose MIGRATE failed is still at the source, where its
 * copy is the truth. When it rejects, a MIGRATE may still be on its way to the source: it must be fenced
 * there before requests may change those keys at the source again.
 *
 * @throws BigKeysError when a key is larger than the limit; it is still at the source
 */
export function moveKeys(batch: KeyMove): Promise<void> {
  return withMover(batch, async (mover) => {
    while ((await sweep(mover)) > 0);
  });
}

/**
 * Moves those keys of the batch's slots that were there when they were listed. That is nearly all of them, and
 * takes no scan; when it rejects, then as {@link moveKeys}.
 *
 * @param fresh whether they still have the sizes that they had; otherwise they are measured once more
 */
export function moveListedKeys(batch: KeyMove, list: KeyList, fresh: boolean): Promise<void> {
  return withMover(batch, (mover) => (fresh ? moveListed(mover, list) : remeasure(mover, list)));
}

function withMover(batch: KeyMove, work: (mover: Mover) => Promise<void>): Promise<void> {
  const options = { connectionName: batch.connectionName, commandTimeoutMs: 2 * MIGRATE_TIMEOUT_MS };
  return withClient(batch.source, options, (client) => work({ client, batch }));
}

async function moveListed(mover: Mover, list: KeyList): Promise<void> {
  const { batch, client } = mover;
  let database = -1;
  let group: ListedKey[] = [];
  let units = 0;
  const flush = async (): Promise<void> => {
    if (group.length > 0) await migrate(mover, database, group);
    group = [];
    units = 0;
  };
  for (const listed of list.keysOf(batch.slots)) {
    const more = unitsOf(listed.bytes);
    if (listed.database !== database || !batch.size.takes(units, more)) await flush();
    if (listed.database !== database) await client.select((database = listed.database));
    group.push(listed);
    units += more;
  }
  await flush();
}

async function remeasure(mover: Mover, list: KeyList): Promise<void> {
  const { batch, client } = mover;
  let database = -1;
  let keys: Buffer[] = [];
  const flush = async (): Promise<void> => {
    if (keys.length > 0) await moveFound(mover, database, keys);
    keys = [];
  };
  for (const listed of list.keysOf(batch.slots)) {
    if (listed.database !== database || keys.length === KEYS_PER_MEASURE) await flush();
    if (listed.database !== database) await client.select((database = listed.database));
    keys.push(listed.key);
  }
  await flush();
}

/** One pass over all databases; the number of keys it met. */
async function sweep(mover: Mover): Promise<number> {
  const { client, batch } = mover;
  let met = 0;
  for await (const { database, keys } of scanSlots(client, batch.slots, batch.signal)) {
    met += keys.length;
    for (let i = 0; i < keys.length; i += KEYS_PER_MEASURE) {
      await moveFound(mover, database, keys.slice(i, i + KEYS_PER_MEASURE));
    }
  }
  return met;
}

async function moveFound(mover: Mover, database: number, keys: readonly Buffer[]): Promise<void> {
  const { client, batch } = mover;
  const sizes = await keySizes(client, keys, batch.maxKeyBytes());
  refuseBigKeys(batch, database, keys, sizes);
  for (let start = 0; start < keys.length;) {
    const group: ListedKey[] = [];
    let units = 0;
    for (let i = start; i < keys.length; i++) {
      const bytes = sizes[i] ?? 0;
      if (!batch.size.takes(units, unitsOf(bytes))) break;
      units += unitsOf(bytes);
      const key = keys[i] as Buffer;
      group.push({ key, database, slot: slotOfKey(key), bytes });
    }
    await migrate(mover, database, group);
    start += group.length;
  }
}

function refuseBigKeys(
  batch: KeyMove,
  database: number,
  keys: readonly Buffer[],
  sizes: readonly number[],
): void {
  const limit = batch.maxKeyBytes();
  const big = keys.flatMap((key, i) => {
    const bytes = sizes[i] ?? 0;
    return bytes > limit ? [{ key, database, bytes }] : [];
  });
  if (big.length > 0) throw new BigKeysError(batch.source.address, big, 0, limit);
}
