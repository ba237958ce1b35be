import type { EtcdClient } from './client.js';
import type { EtcdEndpoints } from './endpoints.js';

export interface GrantedLease {
  readonly id: string;
  readonly ttlMs: number;
  /** When the request that etcd answered was sent, on the monotonic clock: the TTL counts from no earlier. */
  readonly sentAt: number;
}

/** All that is needed of a lease to keep it alive. */
export interface KeptLease {
  readonly id: string;
  /** The time that the session asked for. */
  readonly ttlMs: number;
  /** The time that etcd granted. */
  readonly grantedMs: number;
}

/**
 * Until when a lease is certainly valid. etcd counts the TTL from when it handles a request, which is later than when the
 * request was sent: counted from the sending, and less a margin for clocks that run unevenly, it ends here before it
 * ends there.
 */
export function validFrom(sentAt: number, { ttlMs, grantedMs }: Omit<KeptLease, 'id'>): number {
  const margin = Math.min(Math.max(500, ttlMs / 5), ttlMs / 2);
  return sentAt + Math.min(ttlMs, grantedMs) - margin;
}

/** etcd counts in whole seconds; what it grants is never less than what was asked for. */
export async function grantLease(
  endpoints: EtcdEndpoints,
  ttlMs: number,
  signal?: AbortSignal,
): Promise<GrantedLease> {
  return endpoints.call(async (client) => {
    const sentAt = performance.now();
    const { ID, TTL } = await client.leaseClient.leaseGrant({ TTL: Math.max(1, Math.ceil(ttlMs / 1_000)) });
    return { id: ID, ttlMs: Number(TTL) * 1_000, sentAt };
  }, signal);
}

/**
 * One keep-alive on a stream of its own, so that each has a deadline and may go to another endpoint.
 * Resolves with the lease's new TTL in seconds; 0 or less means that the lease is gone.
 */
export async function keepAlive(client: EtcdClient, leaseId: string, timeoutMs: number): Promise<number> {
  const stream = await client.openKeepAlive(timeoutMs);
  try {
    stream.write({ ID: leaseId });
    for await (const response of stream) return Number(response.TTL);
    throw new Error('etcd ended the keep-alive stream without an answer.');
  } finally {
    stream.cancel();
  }
}

/** False when etcd says that there is no such lease. */
export async function leaseExists(endpoints: EtcdEndpoints, leaseId: string): Promise<boolean> {
  const { TTL } = await endpoints.call((client) => client.leaseClient.leaseTimeToLive({ ID: leaseId }));
  return Number(TTL) > 0;
}

/** Never throws: a lease that cannot be revoked runs out. */
export async function revokeLease(endpoints: EtcdEndpoints, leaseId: string): Promise<void> {
  // A single round: nobody should wait long to leave.
  await endpoints
    .call((client) => client.leaseClient.leaseRevoke({ ID: leaseId }), undefined, 0)
    .catch(() => undefined);
}
