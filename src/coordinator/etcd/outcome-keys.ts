import { createHash, randomUUID } from 'node:crypto';
import { pause, sharedAbortController } from '../../common/async.js';
import { Semaphore } from '../../common/semaphore.js';
import type { EtcdEndpoints } from './endpoints.js';
import { isLeaseGone } from './failures.js';
import { grantLease, keepAlive, revokeLease } from './lease.js';

/**
 * A key of this process alone, used by one transaction at a time. Every transaction is conditional on the mod revision of
 * its outcome key and writes that key. So what became of the transaction can be read from the key afterwards.
 */
export interface OutcomeKey {
  readonly key: Buffer;
  readonly leaseId: string;
  /** The revision of our last write to it: nobody else writes it. */
  modRevision: string;
}

interface KeyLease {
  readonly id: string;
  /** On the monotonic clock: until then the lease certainly lives. */
  validUntil: number;
}

const MAX_KEYS = 64;
const REMOVE_RETRY_MS = 1_000;
const LEASE_TTL_MS = 3_600_000;
/** An outcome key is taken into use only when its lease outlives the transaction by far. */
const MIN_REMAINING_MS = 300_000;

/**
 * The outcome keys of this process. They hang on one long lease, so that a process that dies leaves nothing for ever,
 * and lie outside the cluster's root, so that nobody who reads or watches it sees them.
 */
export class OutcomeKeys {
  private readonly prefix: string;
  private readonly stopped = sharedAbortController();
  private readonly permits = new Semaphore(MAX_KEYS);
  private readonly free: OutcomeKey[] = [];
  private opened = 0;
  private lease: Promise<KeyLease> | undefined;
  private current: KeyLease | undefined;

  constructor(
    private readonly endpoints: EtcdEndpoints,
    root: string,
  ) {
    const cluster = createHash('sha256').update(root).digest('hex').slice(0, 16);
    this.prefix = `/quorate/.proposals/${cluster}/${randomUUID()}/`;
  }

  /** Waits for its turn when too many transactions are under way. */
  async acquire(signal?: AbortSignal): Promise<OutcomeKey> {
    await this.permits.acquire(this.stopped.signal, ...(signal === undefined ? [] : [signal]));
    try {
      return this.reusable() ?? (await this.open());
    } catch (error) {
      this.permits.release();
      throw error;
    }
  }

  release(outcomeKey: OutcomeKey): void {
    this.free.push(outcomeKey);
    this.permits.release();
  }

  /**
   * Instead of `release`, after an outcome that stayed unknown. The outcome key is deleted as soon as etcd can be
   * reached: a transaction that the network still holds back is refused from then on.
   */
  discard(outcomeKey: OutcomeKey): void {
    this.permits.release();
    void this.remove(outcomeKey);
  }

  /** etcd says that the lease of this outcome key is gone: so are all outcome keys on it. */
  leaseLost(leaseId: string): void {
    if (this.current?.id !== leaseId) return;
    this.current = undefined;
    this.lease = undefined;
  }

  /** Removes every outcome key from etcd, if it can be reached. */
  async stop(): Promise<void> {
    this.stopped.abort(new Error('The coordinator is stopped.'));
    if (this.current !== undefined) await revokeLease(this.endpoints, this.current.id);
  }

  private reusable(): OutcomeKey | undefined {
    for (let outcomeKey = this.free.pop(); outcomeKey !== undefined; outcomeKey = this.free.pop()) {
      if (outcomeKey.leaseId === this.current?.id && isFresh(this.current)) return outcomeKey;
    }
    return undefined;
  }

  /**
   * Each attempt takes a key of its own: the outcome of a failed one does not matter, even if it is written
   * late. The key exists before its first transaction, as a mod revision never comes back but absence may.
   */
  private async open(): Promise<OutcomeKey> {
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

  private async remove({ key }: OutcomeKey): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      try {
        await this.endpoints.call((client) => client.kv.deleteRange({ key }), signal);
        return;
      } catch {
        // The caller knows already that etcd is away; when this process stops, the lease takes the outcome key along.
        await pause(REMOVE_RETRY_MS, signal);
      }
    }
  }

  private async liveLease(): Promise<KeyLease> {
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

  private async grant(): Promise<KeyLease> {
    const { id, ttlMs, sentAt } = await grantLease(this.endpoints, LEASE_TTL_MS);
    const lease: KeyLease = { id, validUntil: sentAt + ttlMs };
    this.current = lease;
    void this.keep(lease);
    return lease;
  }

  private async keep(lease: KeyLease): Promise<void> {
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
        // The outcome keys stay in use while the lease is fresh; after that they are opened anew.
        wait = MIN_REMAINING_MS / 10;
      }
    }
  }
}

function isFresh(lease: KeyLease): boolean {
  return performance.now() + MIN_REMAINING_MS < lease.validUntil;
}
