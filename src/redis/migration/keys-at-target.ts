import { QuorateError } from '../../common/errors.js';
import { slotOfKey } from '../key-slot.js';
import type { Endpoint } from '../routing-table.js';
import { withClient } from '../server-client.js';
import { formatSlots } from '../topology/slot-writes.js';
import { scanSlots } from './key-scan.js';

/** How many keys one UNLINK removes: about 0.1 ms of the server's time. */
const KEYS_PER_UNLINK = 128;

/** A server holds keys of slots that it is only to get: from another life of it, and not what clients wrote last. */
export class KeysAtTargetError extends QuorateError {
  constructor(server: string, counts: ReadonlyMap<number, number>, advice: string) {
    const keys = sum(counts);
    super(
      'KEYS_AT_TARGET',
      `${server} holds ${keys} ${keys === 1 ? 'key' : 'keys'} of slots ${formatSlots([...counts.keys()])}, which it is ` +
        `only to get: they are from another life of it, and clients would be served them. ${advice}`,
    );
  }
}

/**
 * How many keys of each of these slots a server holds, in all its databases; slots without any are left out.
 *
 * @param restShare for how many times as long as it worked the server is left alone between two steps
 */
export function countKeysOf(
  server: Endpoint,
  slots: ReadonlySet<number>,
  signal: AbortSignal,
  restShare = 0,
): Promise<Map<number, number>> {
  return withClient(server, { connectionName: 'quorate-count', signal }, async (client) => {
    const counts = new Map<number, number>();
    for await (const { keys } of scanSlots(client, slots, signal, restShare)) {
      for (const key of keys) {
        const slot = slotOfKey(key);
        counts.set(slot, (counts.get(slot) ?? 0) + 1);
      }
    }
    return counts;
  });
}

export interface RemovalOptions {
  readonly server: Endpoint;
  /** Asked for each key right before it is removed. */
  readonly isDoomed: (slot: number) => boolean;
  /** Every slot of which some keys may be doomed. */
  readonly slots: ReadonlySet<number>;
  /** As movers are called: what it has sent and was not answered is cut off like theirs. */
  readonly connectionName: string;
  readonly mayAct: () => boolean;
  readonly signal: AbortSignal;
  readonly onRemoved?: (keys: number) => void;
}

/**
 * Removes keys from a server. When it rejects, an UNLINK may still be under way: the server must be fenced
 * (`fences.ts`) before it gets any of these slots.
 */
export function removeKeys(options: RemovalOptions): Promise<number> {
  const { server, slots, connectionName, signal } = options;
  return withClient(server, { connectionName, signal }, async (client) => {
    let removed = 0;
    for await (const { keys } of scanSlots(client, slots, signal)) {
      for (let i = 0; i < keys.length; i += KEYS_PER_UNLINK) {
        if (!options.mayAct()) throw new QuorateError('NOT_LEADER', 'This member no longer leads.');
        const doomed = keys.slice(i, i + KEYS_PER_UNLINK).filter((key) => options.isDoomed(slotOfKey(key)));
        if (doomed.length === 0) continue;
        const gone = await client.unlink(...doomed);
        removed += gone;
        options.onRemoved?.(gone);
      }
    }
    return removed;
  });
}

export function sum(counts: ReadonlyMap<number, number>): number {
  return [...counts.values()].reduce((total, keys) => total + keys, 0);
}
