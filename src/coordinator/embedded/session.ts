import { sharedAbortController } from '../../common/async.js';
import { SessionLostError } from '../errors.js';
import type { Session } from '../types.js';

/** A session of the only process there is: it ends when it is closed, or with the process. */
export class EmbeddedSession implements Session {
  private readonly controller = sharedAbortController();
  private closing: Promise<void> | undefined;

  constructor(
    readonly id: string,
    readonly ttlMs: number,
    private readonly end: () => Promise<void>,
  ) {}

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  isAlive(): boolean {
    return !this.controller.signal.aborted;
  }

  get validUntil(): number {
    return this.isAlive() ? Infinity : 0;
  }

  close(): Promise<void> {
    this.controller.abort(new SessionLostError('The session was closed.'));
    // Keys that cannot be deleted now are deleted when the directory is opened the next time.
    this.closing ??= this.end().catch(() => undefined);
    return this.closing;
  }
}
