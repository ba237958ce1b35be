import type { IWatchResponse } from 'etcd3';
import { errorMessage } from '../../common/errors.js';
import { pause } from '../../common/async.js';
import { CompactedError, CoordinatorUnavailableError } from '../errors.js';
import type { WatchBatch } from '../types.js';
import type { EtcdClient } from './client.js';
import type { EtcdEndpoints } from './endpoints.js';
import { explain, isAccessFailure } from './failures.js';
import type { Keyspace } from './keyspace.js';
import { WatchAssembly } from './watch-assembly.js';
import { WatchStream } from './watch-stream.js';

const RETRY_MS = 100;
const MAX_RETRY_MS = 2_000;

/**
 * Every change under a prefix after a revision, over as many connections as it takes.
 *
 * etcd3's own watcher resumes from the store's revision and so loses what was on its way; here the position
 * is the last revision that was handed out. etcd is asked to start *at* the position, not after it, and what
 * it repeats is dropped: a start exactly at the compacted revision would miss a deletion made there (etcd
 * before 3.5.15 forgets it), one before it is refused.
 */
export async function* followPrefix(
  endpoints: EtcdEndpoints,
  keyspace: Keyspace,
  prefix: string,
  afterRevision: bigint,
  signal: AbortSignal,
): AsyncGenerator<WatchBatch, void, undefined> {
  let position = afterRevision;
  let failures = 0;
  while (!signal.aborted) {
    const client = endpoints.client;
    let stream: WatchStream | undefined;
    try {
      const start = position > 0n ? position : 1n;
      stream = await WatchStream.open(client, keyspace.range(prefix), start, endpoints.callTimeoutMs);
      const assembly = new WatchAssembly(keyspace, position);
      for (;;) {
        const response = await stream.next(signal);
        if (response === undefined) throw new Error('etcd ended the watch');
        if (response.canceled) throw await refusal(endpoints, keyspace, response);
        failures = 0;
        for (const batch of assembly.accept(response)) {
          position = batch.revision;
          yield batch;
          if (signal.aborted) return;
        }
        const progress = progressOf(response);
        if (progress > position) position = progress;
      }
    } catch (error) {
      if (signal.aborted) return;
      const final = toFinal(error, client);
      if (final !== undefined) throw final;
      if (mayBeStaleToken(error)) await renewToken(endpoints, keyspace);
      endpoints.rotate(client);
      failures += 1;
      await pause(Math.min(RETRY_MS * 2 ** (failures - 1), MAX_RETRY_MS), signal);
    } finally {
      stream?.close();
    }
  }
}

/**
 * The revision that a notification of etcd's own accord vouches for: it is queued behind the events. Not so
 * an answer to a progress request (watch id -1), which overtakes them before etcd 3.4.25 and 3.5.8.
 */
function progressOf(response: IWatchResponse): bigint {
  const isNotification =
    response.events.length === 0 && !response.created && !response.fragment && response.watch_id !== '-1';
  return isNotification ? BigInt(response.header.revision) : 0n;
}

async function refusal(
  endpoints: EtcdEndpoints,
  keyspace: Keyspace,
  response: IWatchResponse,
): Promise<unknown> {
  if (response.compact_revision !== '0') return new CompactedError(BigInt(response.compact_revision));
  const reason = new Error(`etcd cancelled the watch: ${response.cancel_reason}`);
  return mayBeStaleToken(reason) ? ((await renewToken(endpoints, keyspace)) ?? reason) : reason;
}

/** A watch whose token has run out is told that it is not permitted. */
function mayBeStaleToken(error: unknown): boolean {
  return /permission denied|invalid auth token/.test(errorMessage(error));
}

/** A call renews the token, or tells what is really wrong: then it is the result. */
async function renewToken(endpoints: EtcdEndpoints, keyspace: Keyspace): Promise<unknown> {
  try {
    await endpoints.call((client) => client.kv.range({ ...keyspace.range(''), limit: 1, keys_only: true }));
    return undefined;
  } catch (error) {
    return error;
  }
}

/** What ends the watch, as waiting would not help; undefined when it would. */
function toFinal(error: unknown, client: EtcdClient): Error | undefined {
  if (error instanceof CompactedError) return error;
  if (!isAccessFailure(error)) return undefined;
  return new CoordinatorUnavailableError(`etcd refuses the watch (${client.endpoint}: ${explain(error)}).`, {
    cause: error,
  });
}
