import { ReplyError, type Redis } from 'ioredis';
import { parseAddress } from '../../common/address.js';
import { errorMessage, QuorateError } from '../../common/errors.js';
import { withoutSecret } from '../../common/without-secret.js';
import { slotOfKey } from '../key-slot.js';
import type { Endpoint } from '../routing-table.js';
import { unitsOf, type GroupSize } from './group-size.js';
import type { ListedKey } from './key-list.js';
import { showKey } from './key-sizes.js';
import { latencyOf, type Throttle } from './limits.js';
import type { Pace } from './pace.js';

/** A key could not be moved; the message is the server's own, with the key's name. */
export class KeyMoveError extends QuorateError {
  constructor(source: string, target: string, key: Buffer, reason: string) {
    super('KEY_MOVE', `Key ${showKey(key)} could not be moved from ${source} to ${target}: ${reason}`);
  }
}

export interface KeyMove {
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
  readonly pace: Pace;
  readonly signal: AbortSignal;
  /** After each group of keys that left the source: the slot of each. */
  readonly onMoved: (slots: readonly number[]) => void;
}

/** One connection that moves keys. */
export interface Mover {
  readonly client: Redis;
  readonly batch: KeyMove;
}

/**
 * What the source may take for one MIGRATE, in milliseconds. It blocks the source meanwhile, so a key that
 * needs longer is an error that names it, not an outage.
 */
export const MIGRATE_TIMEOUT_MS = 5_000;

/** Moves some keys of one database, which must be the connection's, by one MIGRATE. */
export async function migrate(mover: Mover, database: number, group: readonly ListedKey[]): Promise<void> {
  const { client, batch } = mover;
  const { throttle, signal, size } = batch;
  const keys = group.map(({ key }) => key);
  const bytes = group.reduce((sum, each) => sum + each.bytes, 0);
  await throttle.admit(keys.length, bytes, await latencyOf(client, throttle), signal);
  const asked = performance.now();
  const rest = (): Promise<void> => batch.pace.rest(performance.now() - asked, signal);
  try {
    await sendMigrate(client, batch, database, keys);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ReplyError)) throw error;
    if (keys.length === 1) throw moveError(batch, keys[0] as Buffer, error);
    await migrateSingly(mover, database, keys);
    return rest();
  }
  size.note(
    group.reduce((sum, each) => sum + unitsOf(each.bytes), 0),
    performance.now() - asked,
  );
  batch.onMoved(group.map(({ slot }) => slot));
  await rest();
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
  batch: KeyMove,
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

function moveError(batch: KeyMove, key: Buffer, error: unknown): KeyMoveError {
  const reason = withoutSecret(errorMessage(error), batch.target.password);
  return new KeyMoveError(batch.source.address, batch.target.address, key, reason);
}
