import { pause, sharedAbortController } from '../../../src/common/async.js';
import { SessionLostError, type Session } from '../../../src/coordinator/index.js';
import type { CoordinatorLink } from './coordinator-link.js';
import type { CoordinatorServer } from './coordinator-server.js';

const RETRY_MS = 100;

/** A lease that its holder keeps alive, as one of etcd is: it ends here before it ends there, if clocks run evenly. */
export class SimulatedSession implements Session {
  private readonly ended = sharedAbortController();
  private expiresAt: number;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    readonly id: string,
    readonly ttlMs: number,
    sentAt: number,
    private readonly link: CoordinatorLink,
    private readonly server: CoordinatorServer,
  ) {
    this.expiresAt = this.validFrom(sentAt);
    this.arm();
    void this.keep();
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

  async close(): Promise<void> {
    this.lose('The session was closed.');
    await this.link.ask(() => this.server.endSession(this.id), false).catch(() => undefined);
  }

  private lose(reason: string): void {
    clearTimeout(this.timer);
    this.ended.abort(new SessionLostError(reason));
  }

  private validFrom(sentAt: number): number {
    return sentAt + this.ttlMs - Math.min(Math.max(500, this.ttlMs / 5), this.ttlMs / 2);
  }

  private arm(): void {
    clearTimeout(this.timer);
    const left = this.expiresAt - performance.now();
    this.timer = setTimeout(
      () => {
        if (performance.now() < this.expiresAt) this.arm();
        else this.lose(`The session ${this.id} was not confirmed in time.`);
      },
      Math.max(0, left) + 1,
    );
  }

  private async keep(): Promise<void> {
    let answered = true;
    for (;;) {
      await pause(answered ? this.ttlMs / 3 : RETRY_MS, this.signal);
      if (!this.isAlive()) break;
      answered = await this.renew(performance.now());
    }
    if (!this.signal.aborted) this.lose(`The session ${this.id} was not confirmed in time.`);
  }

  private async renew(sentAt: number): Promise<boolean> {
    try {
      const isThere = await this.link.ask(() => this.server.keepAlive(this.id), false);
      if (!isThere) this.lose(`The session ${this.id} has ended.`);
      else if (this.isAlive()) this.expiresAt = this.validFrom(sentAt);
      return true;
    } catch {
      return false;
    }
  }
}
