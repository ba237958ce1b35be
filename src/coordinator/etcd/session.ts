import { pause, sharedAbortController } from '../async.js';
import { SessionLostError } from '../errors.js';
import type { Session } from '../types.js';
import type { EtcdEndpoints } from './endpoints.js';
import { grantLease, keepAlive, revokeLease, type GrantedLease } from './lease.js';

const RETRY_MS = 100;

/**
 * A lease that is kept alive by this process.
 *
 * etcd counts the TTL from when it handles a keep-alive, which is later than when it was sent: counted from
 * the sending, and less a margin for clocks that run unevenly, the session ends here before it ends there.
 */
export class EtcdSession implements Session {
  private readonly ended = sharedAbortController();
  private expiresAt: number;
  private timer: NodeJS.Timeout | undefined;
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly endpoints: EtcdEndpoints,
    private readonly lease: GrantedLease,
    readonly ttlMs: number,
  ) {
    this.expiresAt = this.validFrom(lease.sentAt);
    this.arm();
    void this.keep();
  }

  static async open(endpoints: EtcdEndpoints, ttlMs: number, signal?: AbortSignal): Promise<EtcdSession> {
    return new EtcdSession(endpoints, await grantLease(endpoints, ttlMs, signal), ttlMs);
  }

  get id(): string {
    return this.lease.id;
  }

  get signal(): AbortSignal {
    return this.ended.signal;
  }

  isAlive(): boolean {
    return !this.ended.signal.aborted && performance.now() < this.expiresAt;
  }

  get validUntil(): number {
    return this.isAlive() ? this.expiresAt : 0;
  }

  close(): Promise<void> {
    this.lose('The session was closed.');
    this.closing ??= revokeLease(this.endpoints, this.id);
    return this.closing;
  }

  /** Ends the session here, because etcd said that the lease is gone. */
  lose(reason: string): void {
    clearTimeout(this.timer);
    this.ended.abort(new SessionLostError(reason));
  }

  private validFrom(sentAt: number): number {
    const margin = Math.min(Math.max(500, this.ttlMs / 5), this.ttlMs / 2);
    return sentAt + Math.min(this.ttlMs, this.lease.ttlMs) - margin;
  }

  /** Aborts the signal when the time is up. `isAlive()` does not rely on it: timers fire late. */
  private arm(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(
      () => {
        if (performance.now() < this.expiresAt) this.arm();
        else this.lose(`etcd has not confirmed the session ${this.id} in time.`);
      },
      Math.max(0, this.expiresAt - performance.now()) + 1,
    ).unref();
  }

  private async keep(): Promise<void> {
    const interval = this.ttlMs / 3;
    let answered = true;
    for (;;) {
      // What took long to be granted, because etcd was just coming back, say, is nearly over when it begins.
      const soon = Math.min(interval, Math.max(0, this.expiresAt - performance.now()) / 2);
      await pause(answered ? soon : RETRY_MS, this.signal);
      if (!this.isAlive()) break;
      answered = await this.renew(performance.now(), interval);
    }
    // In a process that was stopped and goes on, the timer may not have fired yet.
    if (!this.signal.aborted) this.lose(`etcd has not confirmed the session ${this.id} in time.`);
  }

  /** False when it should be tried again soon, at another endpoint. */
  private async renew(sentAt: number, interval: number): Promise<boolean> {
    const client = this.endpoints.client;
    try {
      const ttl = await keepAlive(client, this.id, Math.min(interval, this.endpoints.callTimeoutMs));
      if (ttl <= 0) {
        this.lose(`etcd has ended the session ${this.id}.`);
      } else if (this.isAlive()) {
        this.expiresAt = this.validFrom(sentAt);
      }
      return true;
    } catch {
      this.endpoints.rotate(client);
      return false;
    }
  }
}
