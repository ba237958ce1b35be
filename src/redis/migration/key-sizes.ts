import type { Redis } from 'ioredis';
import { QuorateError } from '../../common/errors.js';
import { formatBytes } from '../../common/format-bytes.js';
import { slotOfKey } from '../key-slot.js';

/** How many keys are measured in one go: about 0.3 ms of the server's time. */
export const KEYS_PER_MEASURE = 256;

/** So many elements are looked at for all keys of one script: about a millisecond of the server's time. */
const ELEMENTS_PER_SCRIPT = 10_000;
/** No element of a hash, a set or a sorted set that is not packed takes less memory. */
const LEAST_ELEMENT_BYTES = 32;
const NOT_MEASURED = -1;

/**
 * MEMORY USAGE guesses the size of a large collection from five of its elements, which may be any, and one that was not
 * among them can be the one that matters. So collections that are not packed into one piece are measured element by
 * element. One with so many elements that it is too large for that alone is not looked at, which bounds what
 * measuring one key can cost.
 *
 * One command instead of one for each key: the answer takes a tenth of the work on both sides.
 */
const SIZES = `
local left, limit, sizes = tonumber(ARGV[1]), tonumber(ARGV[2]), {}
local counts = { hash = 'HLEN', set = 'SCARD', zset = 'ZCARD' }
local packed = { listpack = true, ziplist = true, intset = true, zipmap = true }
for i, key in ipairs(KEYS) do
  local size = redis.call('MEMORY', 'USAGE', key) or 0
  local kind = redis.call('TYPE', key)['ok']
  if size > 0 and kind ~= 'string' and not packed[redis.pcall('OBJECT', 'ENCODING', key)] then
    local count = counts[kind] and redis.call(counts[kind], key) or 0
    if count * ${LEAST_ELEMENT_BYTES} > limit then
      size = math.max(size, count * ${LEAST_ELEMENT_BYTES})
    elseif count > left then
      size = ${NOT_MEASURED}
    else
      left = left - count
      size = redis.call('MEMORY', 'USAGE', key, 'SAMPLES', 0) or 0
    end
  end
  sizes[i] = size
end
return sizes`;

/**
 * What each key takes of the server's memory, in bytes; 0 when it is gone.
 *
 * @param limit a key that is certainly larger is not measured any further
 */
export async function keySizes(
  client: Redis,
  keys: readonly Buffer[],
  limit: number,
): Promise<readonly number[]> {
  // Without a limit the guess will do.
  const bound = Number.isFinite(limit) ? limit : -1;
  const sizes = (await client.eval(SIZES, keys.length, ...keys, ELEMENTS_PER_SCRIPT, bound)) as number[];
  for (const [i, size] of sizes.entries()) {
    // One at a time, so that the server answers others in between.
    if (size === NOT_MEASURED) sizes[i] = (await client.memory('USAGE', keys[i]!, 'SAMPLES', 0)) ?? 0;
  }
  return sizes;
}

export interface BigKey {
  readonly key: Buffer;
  readonly database: number;
  /** How much memory it takes. */
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
        `${showKey(key)} (database ${database}, slot ${slotOfKey(key)}, ${formatBytes(bytes)})`,
    );
    const count = keys.length + more;
    super(
      'BIG_KEYS',
      `${count === 1 ? 'A key' : `${count} keys`} of ${source} would stop both servers for too long, being larger than ` +
        `maxKeyBytes (${formatBytes(limit)}): ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}. Split or delete ` +
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
