import type { Redis } from 'ioredis';
import { QuorateError } from '../../common/errors.js';
import { slotOfKey } from '../key-slot.js';

/** How many keys are measured in one go: about 0.3 ms of the server's time. */
export const KEYS_PER_MEASURE = 256;

/** One command instead of one for each key: the answer takes a tenth of the work on both sides. */
const SIZES =
  "local sizes = {} for i, key in ipairs(KEYS) do sizes[i] = redis.call('MEMORY', 'USAGE', key) or 0 end return sizes";

/** What each key takes of the server's memory, in bytes, as MEMORY USAGE estimates it; 0 when it is gone. */
export async function keySizes(client: Redis, keys: readonly Buffer[]): Promise<readonly number[]> {
  return (await client.eval(SIZES, keys.length, ...keys)) as number[];
}

export interface BigKey {
  readonly key: Buffer;
  readonly database: number;
  /** Of memory. */
  readonly bytes: number;
}

/**
 * Keys would stop their servers for too long: MIGRATE handles a whole key at a time, and neither server
 * answers anybody meanwhile.
 */
export class BigKeysError extends QuorateError {
  constructor(source: string, keys: readonly BigKey[], more: number, limit: number) {
    const named = keys.map(
      ({ key, database, bytes }) =>
        `${showKey(key)} (database ${database}, slot ${slotOfKey(key)}, ${mebibytes(bytes)})`,
    );
    const count = keys.length + more;
    super(
      'BIG_KEYS',
      `${count === 1 ? 'A key' : `${count} keys`} of ${source} would stop both servers for too long, being larger than ` +
        `maxKeyBytes (${mebibytes(limit)}): ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}. Split or delete ` +
        'what is too large, or raise maxKeyBytes with setMigrationLimits, then resume the operation.',
    );
  }
}

/** Printable, whatever bytes a key has; long ones cut. */
export function showKey(key: Buffer): string {
  const text = key
    .subarray(0, 100)
    .toString('latin1')
    .replace(/[^\x20-\x7e]|["\\]/g, (char) => {
      return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
    });
  return `"${text}"${key.length > 100 ? `… (${key.length} bytes)` : ''}`;
}

function mebibytes(bytes: number): string {
  return `${Math.round((bytes * 10) / 2 ** 20) / 10} MiB`;
}
