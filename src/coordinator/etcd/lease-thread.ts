import { parentPort, workerData } from 'node:worker_threads';
import { pause } from '../../common/async.js';
import { EtcdEndpoints } from './endpoints.js';
import type { ThreadData, ToProcess, ToThread } from './lease-keeper.js';
import { keepAlive, validFrom, type KeptLease } from './lease.js';
import type { EtcdTlsOptions } from './options.js';
import { SharedMoment } from './steady-clock.js';

/**
 * The thread that keeps a process' leases alive. No query and no loop in the process' own thread can starve it; it
 * renews only while that thread turns its event loop, so that a process that hangs is not held for alive.
 */
const RETRY_MS = 100;

const { options, callTimeoutMs, signOfLife: signBuffer, silenceMs } = workerData as ThreadData;
const endpoints = new EtcdEndpoints(
  { ...options, ...(options.tls && { tls: asBuffers(options.tls) }) },
  callTimeoutMs,
);
const signOfLife = new SharedMoment(signBuffer);
const kept = new Map<string, AbortController>();

/** Between threads, buffers become arrays of bytes. */
function asBuffers(tls: EtcdTlsOptions): EtcdTlsOptions {
  const entries = Object.entries(tls as Record<string, Uint8Array>);
  return Object.fromEntries(entries.map(([name, bytes]) => [name, Buffer.from(bytes)]));
}

function emit(message: ToProcess): void {
  parentPort!.postMessage(message);
}

function processTurns(): boolean {
  return performance.now() - signOfLife.value < silenceMs;
}

async function keep(lease: KeptLease, validUntil: SharedMoment, signal: AbortSignal): Promise<void> {
  const interval = lease.ttlMs / 3;
  let wait = interval;
  for (;;) {
    // A lease that took long to be granted, because etcd was just coming back, say, is nearly over when it begins.
    const left = validUntil.value - performance.now();
    await pause(Math.min(wait, Math.max(0, left) / 2), signal);
    if (signal.aborted || performance.now() >= validUntil.value) return;
    wait = RETRY_MS;
    if (processTurns() && (await renew(lease, validUntil, interval, signal))) wait = interval;
  }
}

/** False when it should be tried again soon, at another endpoint. */
async function renew(
  lease: KeptLease,
  validUntil: SharedMoment,
  interval: number,
  signal: AbortSignal,
): Promise<boolean> {
  const { client } = endpoints;
  const sentAt = performance.now();
  try {
    const ttl = await keepAlive(client, lease.id, Math.min(interval, callTimeoutMs));
    if (signal.aborted) return true;
    if (ttl <= 0) {
      forget(lease.id);
      emit({ lost: lease.id });
    } else if (performance.now() < validUntil.value) {
      validUntil.value = validFrom(sentAt, lease);
    }
    return true;
  } catch {
    endpoints.rotate(client);
    return false;
  }
}

function forget(id: string): void {
  kept.get(id)?.abort();
  kept.delete(id);
}

parentPort!.on('message', (message: ToThread) => {
  if ('forget' in message) return forget(message.forget);
  const { lease, validUntil } = message.keep;
  const ending = new AbortController();
  kept.set(lease.id, ending);
  void keep(lease, new SharedMoment(validUntil), ending.signal);
});
emit({ ready: true });
