import { ReplyError, type Redis } from 'ioredis';
import { parseAddress } from '../../common/address.js';
import { errorMessage, QuorateError } from '../../common/errors.js';
import { withoutSecret } from '../../common/without-secret.js';
import { slotOfKey } from '../key-slot.js';
import type { Endpoint } from '../routing-table.js';
import { withClient } from '../server-client.js';
import { unitsOf, type GroupSize } from './group-size.js';
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
  /** How much one MIGRATE takes; learns from each. */
  readonly size: GroupSize;
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

/** One connection that moves keys. */
interface Mover {
  readonly client: Redis;
  readonly batch: MoveBatch;
}

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
 *
 * @throws BigKeysError when a key is larger than the limit; it is still at the source
 */
export function moveKeys(batch: MoveBatch): Promise<void> {
  return withMover(batch, async (mover) => {
    while ((await sweep(mover)) > 0);
  });
}

/**
 * Moves those keys of the batch's slots that were there a moment ago, with the sizes that they had. That is
 * nearly all of them, and takes no scan; when it rejects, then as {@link moveKeys}.
 */
export function moveListedKeys(batch: MoveBatch, list: KeyList): Promise<void> {
  return withMover(batch, (mover) => moveListed(mover, list));
}

function withMover(batch: MoveBatch, work: (mover: Mover) => Promise<void>): Promise<void> {
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
  const sizes = await keySizes(client, keys);
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

async function migrate(mover: Mover, database: number, group: readonly ListedKey[]): Promise<void> {
  const { client, batch } = mover;
  const { throttle, signal, size } = batch;
  const keys = group.map(({ key }) => key);
  const bytes = group.reduce((sum, each) => sum + each.bytes, 0);
  await throttle.admit(keys.length, bytes, await latencyOf(client, throttle), signal);
  const asked = performance.now();
  try {
    await sendMigrate(client, batch, database, keys);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ReplyError)) throw error;
    if (keys.length === 1) throw moveError(batch, keys[0] as Buffer, error);
    await migrateSingly(mover, database, keys);
    return;
  }
  size.note(
    group.reduce((sum, each) => sum + unitsOf(each.bytes), 0),
    performance.now() - asked,
  );
  batch.onMoved(group.map(({ slot }) => slot));
}

/** The server does not say which of several keys it was: one at a time, the guilty one names itself. */
async function migrateSingly(
  { client, batch }: Mover,
  database: number,
  keys: readonly Buffer[],
): Promise<void> {
  for (const key of keys) {
    try {
      await sendMigrate(client, batch, database, [key]);
    } catch (error) {
      batch.signal.throwIfAborted();
      throw error instanceof ReplyError ? moveError(batch, key, error) : error;
    }
    batch.onMoved([slotOfKey(key)]);
  }
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
