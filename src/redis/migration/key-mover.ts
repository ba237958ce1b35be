import { ReplyError, type Redis } from 'ioredis';
import { parseAddress } from '../../common/address.js';
import { errorMessage, QuorateError } from '../../common/errors.js';
import { withoutSecret } from '../../common/without-secret.js';
import { slotOfKey } from '../key-slot.js';
import type { Endpoint } from '../routing-table.js';
import { parseInfo, parseKeyspace, withClient } from '../server-client.js';
import type { Throttle } from './limits.js';

/** A key could not be moved; the message is the server's own, with the key's name. */
export class KeyMoveError extends QuorateError {
  constructor(source: string, target: string, key: Buffer, reason: string) {
    super('KEY_MOVE', `Key ${showKey(key)} could not be moved from ${source} to ${target}: ${reason}`);
  }
}

export interface MoveBatch {
  readonly source: Endpoint;
  readonly target: Endpoint;
  readonly slots: ReadonlySet<number>;
  /** For CLIENT SETNAME on the source, see topology/fencing.ts. */
  readonly connectionName: string;
  /** Asked right before each MIGRATE: false once another may be leader. */
  readonly mayAct: () => boolean;
  readonly throttle: Throttle;
  readonly signal: AbortSignal;
  /** After each group of keys that left the source: the slot of each. */
  readonly onMoved: (slots: readonly number[]) => void;
}

/** How many keys SCAN looks at per call, and MIGRATE takes per call. */
const SCAN_COUNT = 1_000;
const KEYS_PER_MIGRATE = 64;

/**
 * What the source may take for one MIGRATE, in milliseconds. It blocks the source meanwhile, so a key that
 * needs longer is an error that names it, not an outage.
 */
const MIGRATE_TIMEOUT_MS = 5_000;

/**
 * Moves every key of the batch's slots from source to target.
 *
 * It ends only after a complete scan of every database has met no key of these slots. In MIGRATE nobody can
 * add one at the source, so none is left then. A key whose MIGRATE failed is still at the source, where its
 * copy is the truth. When it rejects, a MIGRATE may still be on its way to the source: it must be fenced
 * there before requests may change those keys at the source again.
 */
export function moveKeys(batch: MoveBatch): Promise<void> {
  const options = { connectionName: batch.connectionName, commandTimeoutMs: 2 * MIGRATE_TIMEOUT_MS };
  return withClient(batch.source, options, async (client) => {
    while ((await sweep(client, batch)) > 0);
  });
}

/** One pass over all databases; the number of keys it met. */
async function sweep(client: Redis, batch: MoveBatch): Promise<number> {
  let met = 0;
  for (const database of parseKeyspace(parseInfo(await client.info('keyspace'))).keys()) {
    await client.select(database);
    let cursor = '0';
    do {
      batch.signal.throwIfAborted();
      const [next, keys] = await client.scanBuffer(cursor, 'COUNT', SCAN_COUNT);
      cursor = next.toString();
      const due = keys.filter((key) => batch.slots.has(slotOfKey(key)));
      met += due.length;
      for (let i = 0; i < due.length; i += KEYS_PER_MIGRATE) {
        await migrate(client, batch, database, due.slice(i, i + KEYS_PER_MIGRATE));
      }
    } while (cursor !== '0');
  }
  return met;
}

async function migrate(
  client: Redis,
  batch: MoveBatch,
  database: number,
  keys: readonly Buffer[],
): Promise<void> {
  const asked = performance.now();
  const bytes = batch.throttle.countsBytes ? await measure(client, keys) : (await client.ping(), 0);
  await batch.throttle.admit(keys.length, bytes, performance.now() - asked, batch.signal);
  try {
    await sendMigrate(client, batch, database, keys);
  } catch (error) {
    batch.signal.throwIfAborted();
    if (!(error instanceof ReplyError)) throw error;
    if (keys.length === 1) throw moveError(batch, keys[0] as Buffer, error);
    // The server does not say which of the keys it was: one at a time, the guilty one names itself.
    for (const key of keys) {
      try {
        await sendMigrate(client, batch, database, [key]);
      } catch (single) {
        batch.signal.throwIfAborted();
        throw single instanceof ReplyError ? moveError(batch, key, single) : single;
      }
      batch.onMoved([slotOfKey(key)]);
    }
    return;
  }
  batch.onMoved(keys.map((key) => slotOfKey(key)));
}

async function sendMigrate(
  client: Redis,
  batch: MoveBatch,
  database: number,
  keys: readonly Buffer[],
): Promise<void> {
  const target = parseAddress(batch.target.address);
  if (!target) throw new Error(`Bad address ${batch.target.address}.`);
  batch.signal.throwIfAborted();
  if (!batch.mayAct()) throw new Error('This member no longer leads.');
  const password = batch.target.password === null ? [] : ['AUTH', batch.target.password];
  const args = [
    target.host,
    target.port,
    '',
    database,
    MIGRATE_TIMEOUT_MS,
    'REPLACE',
    ...password,
    'KEYS',
    ...keys,
  ];
  await client.call('MIGRATE', args);
}

async function measure(client: Redis, keys: readonly Buffer[]): Promise<number> {
  const sizes = await Promise.all(keys.map((key) => client.call('MEMORY', ['USAGE', key])));
  return sizes.reduce<number>((sum, size) => sum + (typeof size === 'number' ? size : 0), 0);
}

function moveError(batch: MoveBatch, key: Buffer, error: unknown): KeyMoveError {
  const reason = withoutSecret(errorMessage(error), batch.target.password);
  return new KeyMoveError(batch.source.address, batch.target.address, key, reason);
}

/** Printable, whatever bytes a key has; long ones cut. */
function showKey(key: Buffer): string {
  const text = key
    .subarray(0, 100)
    .toString('latin1')
    .replace(/[^\x20-\x7e]|["\\]/g, (char) => {
      return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
    });
  return `"${text}"${key.length > 100 ? `… (${key.length} bytes)` : ''}`;
}

/** How many keys each slot has on a server, by one SCAN of every database. Undefined above `maxKeys`. */
export function countKeysBySlot(
  server: Endpoint,
  signal: AbortSignal,
  maxKeys = Number.POSITIVE_INFINITY,
): Promise<Map<number, number> | undefined> {
  return withClient(server, { connectionName: 'quorate-count' }, async (client) => {
    const counts = new Map<number, number>();
    const databases = parseKeyspace(parseInfo(await client.info('keyspace')));
    if ([...databases.values()].reduce((sum, keys) => sum + keys, 0) > maxKeys) return undefined;
    for (const database of databases.keys()) {
      await client.select(database);
      let cursor = '0';
      do {
        signal.throwIfAborted();
        const [next, keys] = await client.scanBuffer(cursor, 'COUNT', SCAN_COUNT);
        cursor = next.toString();
        for (const key of keys) {
          const slot = slotOfKey(key);
          counts.set(slot, (counts.get(slot) ?? 0) + 1);
        }
      } while (cursor !== '0');
    }
    return counts;
  });
}
