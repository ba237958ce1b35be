import { sharedAbortController } from '../../common/async.js';
import { SessionLostError } from '../errors.js';
import type { Session } from '../types.js';
import type { EtcdEndpoints } from './endpoints.js';
import type { LeaseKeeper } from './lease-keeper.js';
import { grantLease, revokeLease, validFrom, type GrantedLease } from './lease.js';
import { SharedMoment } from './steady-clock.js';

/** A lease that is kept alive by a thread of this process, see lease-keeper.ts. */
export class EtcdSession implements Session {
  private readonly ended = sharedAbortController();
  /** The thread moves it on. */
  private readonly sharedExpiry = new SharedMoment();
  /** The expiry as it was read last. */
  private expiresAt: number;
  private timer: NodeJS.Timeout | undefined;
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly endpoints: EtcdEndpoints,
    private readonly keeper: LeaseKeeper,
    private readonly lease: GrantedLease,
    readonly ttlMs: number,
  ) {
    const kept = { id: lease.id, ttlMs, grantedMs: lease.ttlMs };
    this.expiresAt = validFrom(lease.sentAt, kept);
    this.sharedExpiry.value = this.expiresAt;
    keeper.keep(kept, this.sharedExpiry, (reason) =>
      this.lose(`The session ${lease.id} is over: ${reason}.`),
    );
    this.arm();
  }

  static async open(
    endpoints: EtcdEndpoints,
    keeper: LeaseKeeper,
    ttlMs: number,
    signal?: AbortSignal,
  ): Promise<EtcdSession> {
    await keeper.ready();
    return new EtcdSession(endpoints, keeper, await grantLease(endpoints, ttlMs, signal), ttlMs);
  }

  get id(): string {
    return this.lease.id;
  }

  get signal(): AbortSignal {
    return this.ended.signal;
  }

  isAlive(): boolean {
    if (this.ended.signal.aborted) return false;
    const now = performance.now();
    return now < this.expiresAt || now < this.readExpiry();
  }

  get validUntil(): number {
    if (this.ended.signal.aborted) return 0;
    const expiresAt = this.readExpiry();
    return performance.now() < expiresAt ? expiresAt : 0;
  }

  close(): Promise<void> {
    this.lose('The session was closed.');
    this.closing ??= revokeLease(this.endpoints, this.id);
    return this.closing;
  }

  /** Ends the session here, because etcd said that the lease is gone. */
  lose(reason: string): void {
    clearTimeout(this.timer);
    this.keeper.forget(this.id);
    this.ended.abort(new SessionLostError(reason));
  }

  private readExpiry(): number {
    return (this.expiresAt = this.sharedExpiry.value);
  }

  /**
   * Aborts the signal when the time is up, also in a process that was stopped and goes on. `isAlive()` does not rely on
   * it: timers fire late.
   */
  private arm(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(
      () => {
        if (performance.now() < this.readExpiry()) this.arm();
        else this.lose(`etcd has not confirmed the session ${this.id} in time.`);
      },
      Math.max(0, this.readExpiry() - performance.now()) + 1,
    ).unref();
  }
}
