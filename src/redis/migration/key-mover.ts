import { ReplyError, type Redis } from 'ioredis';
import { parseAddress } from '../../common/address.js';
import { errorMessage, QuorateError } from '../../common/errors.js';
import { withoutSecret } from '../../common/without-secret.js';
import { slotOfKey } from '../key-slot.js';
import type { Endpoint } from '../routing-table.js';
import { withClient } from '../server-client.js';
import type { KeyList, ListedKey } from './key-list.js';
import { scanSlots } from './key-scan.js';
import { BigKeysError, KEYS_PER_MEASURE, keySizes, showKey } from './key-sizes.js';
import { latencyOf, type Throttle } from './limits.js';

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
  /** Keys that may be there, of these slots and others; null when none are known. */
  readonly known: KeyList | null;
  /** For CLIENT SETNAME on the source, see topology/fencing.ts. */
  readonly connectionName: string;
  /** Asked right before each MIGRATE: false once another may be leader. */
  readonly mayAct: () => boolean;
  readonly maxKeyBytes: () => number;
  readonly throttle: Throttle;
  readonly signal: AbortSignal;
  /** After each group of keys that left the source: the slot of each. */
  readonly onMoved: (slots: readonly number[]) => void;
}

/**
 * What one MIGRATE may take. The source serves nobody else meanwhile, so that these bound what other
 * clients notice: 128 small keys take about 1.5 ms, 1 MiB about as much.
 */
const KEYS_PER_MIGRATE = 128;
const BYTES_PER_MIGRATE = 2 ** 20;

/**
 * What the source may take for one MIGRATE, in milliseconds. It blocks the source meanwhile, so a key that
 * needs longer is an error that names it, not an outage.
 */
const MIGRATE_TIMEOUT_MS = 5_000;

/**
 * Moves every key of the batch's slots from source to target: first those that are known, then whatever
 * complete scans of the source meet.
 *
 * It ends only after a complete scan of every database has met no key of these slots. In MIGRATE nobody can
 * add one at the source, so none is left then. A key whose MIGRATE failed is still at the source, where its
 * copy is the truth. When it rejects, a MIGRATE may still be on its way to the source: it must be fenced
 * there before requests may change those keys at the source again.
 *
 * @throws BigKeysError when a key is larger than the limit; it is still at the source
 */
export function moveKeys(batch: MoveBatch): Promise<void> {
  const options = { connectionName: batch.connectionName, commandTimeoutMs: 2 * MIGRATE_TIMEOUT_MS };
  return withClient(batch.source, options, async (client) => {
    if (batch.known) await moveKnown(client, batch, batch.known);
    while ((await sweep(client, batch)) > 0);
  });
}

/** Their sizes are those of the survey a moment ago. */
async function moveKnown(client: Redis, batch: MoveBatch, known: KeyList): Promise<void> {
  let database = -1;
  let group: ListedKey[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (group.length === 0) return;
    const keys = group.map(({ key }) => key);
    await migrate(client, batch, database, keys, bytes);
    group = [];
    bytes = 0;
  };
  for (const listed of known.keys()) {
    if (!batch.slots.has(slotOfKey(listed.key))) continue;
    const full = group.length === KEYS_PER_MIGRATE || bytes + listed.bytes > BYTES_PER_MIGRATE;
    if (full || listed.database !== database) await flush();
    if (listed.database !== database) await client.select((database = listed.database));
    group.push(listed);
    bytes += listed.bytes;
  }
  await flush();
}

/** One pass over all databases; the number of keys it met. */
async function sweep(client: Redis, batch: MoveBatch): Promise<number> {
  let met = 0;
  for await (const { database, keys } of scanSlots(client, batch.slots, batch.signal)) {
    met += keys.length;
    for (let i = 0; i < keys.length; i += KEYS_PER_MEASURE) {
      await moveFound(client, batch, database, keys.slice(i, i + KEYS_PER_MEASURE));
    }
  }
  return met;
}

async function moveFound(
  client: Redis,
  batch: MoveBatch,
  database: number,
  keys: readonly Buffer[],
): Promise<void> {
  const sizes = await keySizes(client, keys);
  refuseBigKeys(batch, database, keys, sizes);
  for (let start = 0; start < keys.length;) {
    let end = start;
    let bytes = 0;
    do bytes += sizes[end++] ?? 0;
    while (
      end < keys.length &&
      end - start < KEYS_PER_MIGRATE &&
      bytes + (sizes[end] ?? 0) <= BYTES_PER_MIGRATE
    );
    await migrate(client, batch, database, keys.slice(start, end), bytes);
    start = end;
  }
}

function refuseBigKeys(
  batch: MoveBatch,
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

async function migrate(
  client: Redis,
  batch: MoveBatch,
  database: number,
  keys: readonly Buffer[],
  bytes: number,
): Promise<void> {
  const { throttle, signal } = batch;
  await throttle.admit(keys.length, bytes, await latencyOf(client, throttle), signal);
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

function moveError(batch: MoveBatch, key: Buffer, error: unknown): KeyMoveError {
  const reason = withoutSecret(errorMessage(error), batch.target.password);
  return new KeyMoveError(batch.source.address, batch.target.address, key, reason);
}
