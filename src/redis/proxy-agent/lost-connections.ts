import { Backoff, delay, raceAbort } from '../../common/async.js';
import { errorMessage } from '../../common/errors.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Endpoint } from '../routing-table.js';
import { killEverywhere } from '../topology/fencing.js';

export interface LostConnectionsOptions {
  /** Every server that may have such connections, as soon as that is known for certain. */
  readonly servers: (signal: AbortSignal) => Promise<readonly Endpoint[]>;
  /** Whether what such connections may still change at a server can be read by anybody. */
  readonly matters: (address: string) => boolean;
  /** Called when none is left. */
  readonly onCut: () => void;
  readonly log: Logger;
}

interface Lost {
  readonly whose: string;
  readonly isTheirs: (connection: string) => boolean;
}

/**
 * Connections to servers whose process ended, or gave them up, with commands under way: what they sent may
 * still be executed, so nothing may be acknowledged on behalf of the proxy's name before they have been killed on
 * every server that matters. Tries again and again until that is certain.
 */
export class LostConnections {
  private readonly stopping = new AbortController();
  private readonly lost = new Set<Lost>();
  private failure = '';
  private started = false;
  private loop: Promise<void> | null = null;

  constructor(private readonly options: LostConnectionsOptions) {}

  /** A sentence about those that are left; null when there are none. */
  get reason(): string | null {
    if (this.lost.size === 0) return null;
    const whose = [...this.lost].map((each) => each.whose).join(' and ');
    return this.failure === ''
      ? `it has not yet cut the connections of ${whose}`
      : `it cannot cut the connections of ${whose}: ${this.failure}`;
  }

  /**
   * @param whose whom they belonged to, for people
   * @param isTheirs whether a connection of that name is one of them; must hold for no connection that lives
   */
  add(whose: string, isTheirs: (connection: string) => boolean): void {
    this.lost.add({ whose, isTheirs });
    if (this.started) this.loop ??= this.cutAll();
  }

  /** Before this nothing is cut. */
  start(): void {
    this.started = true;
    if (this.lost.size > 0) this.loop ??= this.cutAll();
  }

  /** Waits until none is left, or for so long, and does nothing more then. */
  async stop(timeoutMs: number): Promise<void> {
    const timeout = AbortSignal.timeout(timeoutMs);
    await raceAbort(this.loop ?? Promise.resolve(), timeout).catch(() => undefined);
    this.started = false;
    this.stopping.abort(new Error('The proxy is stopping.'));
    await this.loop;
  }

  private async cutAll(): Promise<void> {
    const { signal } = this.stopping;
    const backoff = new Backoff(100, 3_000);
    while (this.lost.size > 0 && !signal.aborted) {
      const batch = [...this.lost];
      this.failure = await this.cut(batch, signal);
      if (this.failure === '') {
        for (const each of batch) this.lost.delete(each);
        continue;
      }
      const whose = batch.map((each) => each.whose);
      this.options.log.warn({ whose, reason: this.failure }, 'Lost connections cannot be cut yet');
      await delay(backoff.next(), signal).catch(() => undefined);
    }
    this.loop = null;
    if (this.lost.size === 0) this.options.onCut();
  }

  /** What went wrong; empty when it is certain that no such connection is left. */
  private async cut(batch: readonly Lost[], signal: AbortSignal): Promise<string> {
    try {
      const servers = await this.options.servers(signal);
      const doomed = (connection: string): boolean => batch.some(({ isTheirs }) => isTheirs(connection));
      const failures = await killEverywhere(servers, doomed, signal);
      return [...failures].flatMap(([address, why]) => (this.options.matters(address) ? why : [])).join('; ');
    } catch (error) {
      return errorMessage(error);
    }
  }
}
