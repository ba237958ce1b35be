import type { Endpoint } from '../routing-table.js';
import { slotOfKey } from '../key-slot.js';
import { parseInfo, parseKeyspace, withClient } from '../server-client.js';
import { SLOT_COUNT } from '../slots.js';
import { KeyList } from './key-list.js';
import { scanSlots } from './key-scan.js';
import { BigKeysError, KEYS_PER_MEASURE, keySizes, type BigKey } from './key-sizes.js';
import { latencyOf, type Throttle } from './limits.js';
import type { Pace } from './pace.js';

const NAMED_BIG_KEYS = 10;
/** Between the commands of a pipeline a server serves others, too. */
const INTERLEAVED = 0.25;
/** How much memory a list of keys may take: some eight million short ones. */
const LIST_BYTES = 192 * 2 ** 20;
const ALL_SLOTS: ReadonlySet<number> = new Set(Array.from({ length: SLOT_COUNT }, (_, slot) => slot));

export interface SurveyOptions {
  readonly source: Endpoint;
  readonly slots: ReadonlySet<number>;
  readonly maxKeyBytes: number;
  readonly throttle: Throttle;
  readonly pace: Pace;
  readonly signal: AbortSignal;
}

/** The keys of some slots as they were at one time. Clients have added and removed some since. */
export interface Survey {
  readonly slots: ReadonlySet<number>;
  /** How many keys each slot had. */
  readonly counts: ReadonlyMap<number, number>;
  /** How much memory they took, by slot. */
  readonly bytes: ReadonlyMap<number, number>;
  /** The keys, or the first of them when there were too many for all to be kept. */
  readonly keys: KeyList;
  readonly complete: boolean;
  /** By the clock of performance.now(). */
  readonly at: number;
}

/**
 * Looks at all keys that are to move before any of them does.
 *
 * @throws BigKeysError when some are too big, before a client has noticed anything
 */
export function survey(options: SurveyOptions): Promise<Survey> {
  const { source, slots, maxKeyBytes, throttle, pace, signal } = options;
  return withClient(source, { connectionName: 'quorate-survey' }, async (client) => {
    const at = performance.now();
    const counts = new Map<number, number>();
    const memory = new Map<number, number>();
    const list = new KeyList(LIST_BYTES);
    let complete = true;
    const big: BigKey[] = [];
    let more = 0;
    for await (const { database, keys } of scanSlots(client, slots, signal)) {
      for (let i = 0; i < keys.length; i += KEYS_PER_MEASURE) {
        const some = keys.slice(i, i + KEYS_PER_MEASURE);
        await throttle.admit(0, 0, await latencyOf(client, throttle), signal);
        const asked = performance.now();
        const sizes = await keySizes(client, some, maxKeyBytes);
        await pace.rest((performance.now() - asked) * INTERLEAVED, signal);
        some.forEach((key, n) => {
          const bytes = sizes[n] ?? 0;
          const slot = slotOfKey(key);
          counts.set(slot, (counts.get(slot) ?? 0) + 1);
          memory.set(slot, (memory.get(slot) ?? 0) + bytes);
          complete = complete && list.add(key, database, slot, bytes);
          if (bytes <= maxKeyBytes) return;
          if (big.length < NAMED_BIG_KEYS) big.push({ key, database, bytes });
          else more++;
        });
      }
    }
    if (big.length > 0) throw new BigKeysError(source.address, big, more, maxKeyBytes);
    return { slots, counts, bytes: memory, keys: list, complete, at };
  });
}

/** How many keys each slot has on a server, by one SCAN of every database. Undefined above `maxKeys`. */
export function countKeysBySlot(
  server: Endpoint,
  signal: AbortSignal,
  maxKeys: number,
): Promise<Map<number, number> | undefined> {
  return withClient(server, { connectionName: 'quorate-count' }, async (client) => {
    const databases = parseKeyspace(parseInfo(await client.info('keyspace')));
    if ([...databases.values()].reduce((sum, keys) => sum + keys, 0) > maxKeys) return undefined;
    const counts = new Map<number, number>();
    for await (const { keys } of scanSlots(client, ALL_SLOTS, signal)) {
      for (const key of keys) {
        const slot = slotOfKey(key);
        counts.set(slot, (counts.get(slot) ?? 0) + 1);
      }
    }
    return counts;
  });
}
