import type { KeyValue, Snapshot } from '../types.js';
import type { EtcdEndpoints } from './endpoints.js';
import { isCompacted, isFutureRevision } from './failures.js';
import type { Keyspace } from './keyspace.js';

/** Keys per message. */
const PAGE = 256;

/**
 * All keys under a prefix as they were at one revision: that of the first page, at which the others are asked
 * for too. Every page is a linearizable read.
 */
export async function readPrefix(
  endpoints: EtcdEndpoints,
  keyspace: Keyspace,
  prefix: string,
  signal?: AbortSignal,
): Promise<Snapshot> {
  for (;;) {
    try {
      return await readPages(endpoints, keyspace, prefix, signal);
    } catch (error) {
      // The pinned revision was compacted between two pages: a new one is there to be read.
      if (!isCompacted(error) && !isFutureRevision(error)) throw error;
    }
  }
}

async function readPages(
  endpoints: EtcdEndpoints,
  keyspace: Keyspace,
  prefix: string,
  signal: AbortSignal | undefined,
): Promise<Snapshot> {
  const range = keyspace.range(prefix);
  const entries: KeyValue[] = [];
  let key = range.key;
  let revision: string | undefined;
  for (;;) {
    const request = { ...range, key, limit: PAGE, ...(revision === undefined ? {} : { revision }) };
    const page = await endpoints.call((client) => client.kv.range(request), signal);
    revision ??= page.header.revision;
    for (const kv of page.kvs) entries.push(keyspace.keyValue(kv));
    const last = page.kvs.at(-1);
    if (!page.more || last === undefined) return { revision: BigInt(revision), entries };
    key = Buffer.concat([last.key, Buffer.from([0])]);
  }
}

export async function readKey(
  endpoints: EtcdEndpoints,
  keyspace: Keyspace,
  key: string,
  signal?: AbortSignal,
): Promise<KeyValue | undefined> {
  const answer = await endpoints.call((client) => client.kv.range({ key: keyspace.key(key) }), signal);
  const [kv] = answer.kvs;
  return kv === undefined ? undefined : keyspace.keyValue(kv);
}
