import { createHash, randomUUID } from 'node:crypto';
import { pause, Semaphore, sharedAbortController } from '../async.js';
import type { EtcdEndpoints } from './endpoints.js';
import { isLeaseGone } from './failures.js';
import { grantLease, keepAlive, revokeLease } from './lease.js';

/**
 * A key of this process alone, used by one transaction at a time. Every transaction is conditional on the
 * lane's mod revision and writes the lane, so that what became of it can be read from the lane afterwards.
 */
export interface Lane {
  readonly key: Buffer;
  readonly leaseId: string;
  /** The revision of our last write to it: nobody else writes it. */
  modRevision: string;
}

interface LaneLease {
  readonly id: string;
  /** On the monotonic clock: until then the lease certainly lives. */
  validUntil: number;
}

const MAX_LANES = 64;
const REMOVE_RETRY_MS = 1_000;
const LEASE_TTL_MS = 3_600_000;
/** A lane is taken into use only when its lease outlives the transaction by far. */
const MIN_REMAINING_MS = 300_000;

/**
 * The lanes of this process. They hang on one long lease, so that a process that dies leaves nothing for ever,
 * and lie outside the cluster's root, so that nobody who reads or watches it sees them.
 */
export class Lanes {
  private readonly prefix: string;
  private readonly stopped = sharedAbortController();
  private readonly permits = new Semaphore(MAX_LANES);
  private readonly free: Lane[] = [];
  private opened = 0;
  private lease: Promise<LaneLease> | undefined;
  private current: LaneLease | undefined;

  constructor(
    private readonly endpoints: EtcdEndpoints,
    root: string,
  ) {
    const cluster = createHash('sha256').update(root).digest('hex').slice(0, 16);
    this.prefix = `/quorate/.proposals/${cluster}/${randomUUID()}/`;
  }

  /** Waits for its turn when too many transactions are under way. */
  async acquire(signal?: AbortSignal): Promise<Lane> {
    await this.permits.acquire(this.stopped.signal, ...(signal === undefined ? [] : [signal]));
    try {
      return this.reusable() ?? (await this.open());
    } catch (error) {
      this.permits.release();
      throw error;
    }
  }

  release(lane: Lane): void {
    this.free.push(lane);
    this.permits.release();
  }

  /**
   * Instead of `release`, after an outcome that stayed unknown. The lane is deleted as soon as etcd can be
   * reached: a transaction that the network still holds back is refused from then on.
   */
  discard(lane: Lane): void {
    this.permits.release();
    void this.remove(lane);
  }

  /** etcd says that the lease of this lane is gone: so are all lanes on it. */
  leaseLost(leaseId: string): void {
    if (this.current?.id !== leaseId) return;
    this.current = undefined;
    this.lease = undefined;
  }

  /** Removes every lane from etcd, if it can be reached. */
  async stop(): Promise<void> {
    this.stopped.abort(new Error('The coordinator is stopped.'));
    if (this.current !== undefined) await revokeLease(this.endpoints, this.current.id);
  }

  private reusable(): Lane | undefined {
    for (let lane = this.free.pop(); lane !== undefined; lane = this.free.pop()) {
      if (lane.leaseId === this.current?.id && isFresh(this.current)) return lane;
    }
    return undefined;
  }

  /**
   * Each attempt takes a key of its own: the outcome of a failed one does not matter, even if it is written
   * late. The key exists before its first transaction, as a mod revision never comes back but absence may.
   */
  private async open(): Promise<Lane> {
    for (;;) {
      const lease = await this.liveLease();
      try {
        return await this.endpoints.call(async (client) => {
          this.opened += 1;
          const key = Buffer.from(this.prefix + String(this.opened));
          const { header } = await client.kv.put({ key, value: Buffer.from('open'), lease: lease.id });
          return { key, leaseId: lease.id, modRevision: header.revision };
        });
      } catch (error) {
        if (!isLeaseGone(error)) throw error;
        this.leaseLost(lease.id);
      }
    }
  }

  private async remove({ key }: Lane): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      try {
        await this.endpoints.call((client) => client.kv.deleteRange({ key }), signal);
        return;
      } catch {
        // The caller knows already that etcd is away; when this process stops, the lease takes the lane along.
        await pause(REMOVE_RETRY_MS, signal);
      }
    }
  }

  private async liveLease(): Promise<LaneLease> {
    if (this.current !== undefined && !isFresh(this.current)) this.leaseLost(this.current.id);
    this.lease ??= this.grant();
    const granted = this.lease;
    try {
      return await granted;
    } catch (error) {
      if (this.lease === granted) this.lease = undefined;
      throw error;
    }
  }

  private async grant(): Promise<LaneLease> {
    const { id, ttlMs, sentAt } = await grantLease(this.endpoints, LEASE_TTL_MS);
    const lease: LaneLease = { id, validUntil: sentAt + ttlMs };
    this.current = lease;
    void this.keep(lease);
    return lease;
  }

  private async keep(lease: LaneLease): Promise<void> {
    let wait = LEASE_TTL_MS / 3;
    for (;;) {
      await pause(wait, this.stopped.signal);
      if (this.stopped.signal.aborted || this.current !== lease) return;
      const sentAt = performance.now();
      try {
        const ttl = await this.endpoints.call((client) =>
          keepAlive(client, lease.id, this.endpoints.callTimeoutMs),
        );
        if (ttl > 0) lease.validUntil = sentAt + ttl * 1_000;
        else this.leaseLost(lease.id);
        wait = LEASE_TTL_MS / 3;
      } catch {
        // The lanes stay in use while the lease is fresh; after that they are opened anew.
        wait = MIN_REMAINING_MS / 10;
      }
    }
  }
}

function isFresh(lease: LaneLease): boolean {
  return performance.now() + MIN_REMAINING_MS < lease.validUntil;
}
