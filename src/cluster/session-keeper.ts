import { EventEmitter } from 'node:events';
import { Backoff, delay, raceAbort } from '../common/async.js';
import { errorMessage } from '../common/errors.js';
import { throughOutages } from '../coordinator/patience.js';
import type { Coordinator, Session } from '../coordinator/types.js';
import type { Logger } from '../telemetry/logger.js';

/** Puts this process's records under a fresh session. Rejects to have it tried again later. */
export type Register = (session: Session, signal: AbortSignal) => Promise<void>;

/**
 * Keeps one registered session for as long as the process runs: whenever it is lost, a new one is opened
 * and the process registered again.
 */
export class SessionKeeper {
  private readonly stopping = new AbortController();
  private readonly events = new EventEmitter();
  private session: Session | undefined;
  private loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly coordinator: Coordinator,
    private readonly ttlMs: number,
    private readonly register: Register,
    private readonly log: Logger,
  ) {
    this.events.setMaxListeners(0);
  }

  /**
   * Resolves once registered for the first time, under another session when one ends meanwhile. Rejects when that
   * fails for another reason than an outage of the coordinator.
   */
  async start(): Promise<void> {
    await throughOutages(() => this.open(), {
      signal: this.stopping.signal,
      onOutage: (error) => this.warnOfFailure(error),
    });
    this.loop = this.keep();
  }

  /** Ends the session at the coordinator. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('This process is stopping.'));
    await this.loop;
    await this.session?.close();
  }

  /** Whether this process has a session that the coordinator cannot have ended yet. */
  isAlive(): boolean {
    return this.session?.isAlive() ?? false;
  }

  /** Until when `isAlive()` stays true if nothing is heard any more, on the clock of `performance.now()`. */
  get validUntil(): number {
    return this.session?.validUntil ?? 0;
  }

  /** The live session, as soon as there is one. */
  async current(signal: AbortSignal): Promise<Session> {
    while (!this.session?.isAlive()) {
      let onOpened: () => void = () => undefined;
      const opened = new Promise<void>((resolve) => (onOpened = resolve));
      this.events.once('opened', onOpened);
      try {
        await raceAbort(opened, signal);
      } finally {
        this.events.off('opened', onOpened);
      }
    }
    return this.session;
  }

  private async open(): Promise<void> {
    const session = await this.coordinator.openSession(this.ttlMs, { signal: this.stopping.signal });
    try {
      await this.register(session, this.stopping.signal);
    } catch (error) {
      await session.close();
      throw error;
    }
    this.session = session;
    this.events.emit('opened');
  }

  private async keep(): Promise<void> {
    const signal = this.stopping.signal;
    const backoff = new Backoff(200, 3_000);
    while (!signal.aborted) {
      const session = this.session;
      if (session?.isAlive()) {
        await raceAbort(new Promise<never>(() => undefined), session.signal, signal).catch(() => undefined);
        continue;
      }
      this.log.warn('The session with the coordinator was lost; registering again');
      try {
        await session?.close();
        await this.open();
        backoff.reset();
        this.log.info('Registered again');
      } catch (error) {
        if (signal.aborted) return;
        this.session = undefined;
        this.warnOfFailure(error);
        await delay(backoff.next(), signal).catch(() => undefined);
      }
    }
  }

  private warnOfFailure(error: unknown): void {
    this.log.warn({ reason: errorMessage(error) }, 'Could not register; trying again');
  }
}
