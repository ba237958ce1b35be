import { errorMessage } from '../../../common/errors.js';
import { isMigrateFeed } from '../../client-list.js';
import type { Endpoint } from '../../routing-table.js';
import { askOver } from './ask-over.js';
import { BackendError } from './backend-error.js';
import type { BackendConnection } from './connection.js';
import { converse, killClients } from './one-shot.js';

const CONVERSATION_TIMEOUT_MS = 5000;

export interface MigrateFeedsOptions {
  /** Opened with the table that announced the move, so that the cut works without a session. */
  readonly connectionTo: (target: Endpoint) => BackendConnection;
  readonly nextName: () => string;
  readonly mayOpen: () => boolean;
}

/**
 * Keeps a RESTORE that a source sent to a target, and gave up on, from arriving behind what clients have
 * written since.
 *
 * When MIGRATE times out, what it sent may still be in the network and be executed much later. The next
 * MIGRATE of the key succeeds, a client changes it at the target, then the old RESTORE puts the old value
 * back. Nobody but the source knows of every MIGRATE that failed, whoever sent it: it counts them
 * (`INFO errorstats`). So whoever has brought keys over asks for the count, on the same connection and behind
 * MIGRATE; if it is not the one that this proxy has seen dealt with, the connections by which the target is
 * being fed are killed there before the request goes to the target.
 */
export class MigrateFeeds {
  /** By source and target: the count of failures whose feeds are gone; absent as 0, where none can be. */
  private readonly dealtWith = new Map<string, number>();
  private readonly cutting = new Map<string, Promise<void>>();

  private readonly stopping = new AbortController();

  constructor(private readonly options: MigrateFeedsOptions) {}

  /** Whether no failure of the source is younger than the last cut at the target. */
  areCut(source: string, target: string, failures: number): boolean {
    return (this.dealtWith.get(pairOf(source, target)) ?? 0) === failures;
  }

  /** Resolves when no RESTORE of those failures can be executed any more. @throws BackendError */
  cut(source: string, target: Endpoint, failures: number): Promise<void> {
    const pair = pairOf(source, target.address);
    const key = `${pair} ${failures}`;
    let cut = this.cutting.get(key);
    if (cut === undefined) {
      cut = this.killFeeds(target)
        .then(() => void this.dealtWith.set(pair, failures))
        .finally(() => this.cutting.delete(key));
      this.cutting.set(key, cut);
    }
    return cut;
  }

  stop(): void {
    this.stopping.abort();
  }

  private async killFeeds(target: Endpoint): Promise<void> {
    try {
      await this.killOver(target).catch((error: unknown) => this.killAnew(target, error));
    } catch (error) {
      throw new BackendError(
        `an earlier MIGRATE to ${target.address} failed and may still be under way; it could not be cut off: ${errorMessage(error)}`,
      );
    }
  }

  private async killOver(target: Endpoint): Promise<void> {
    await killClients(askOver(this.options.connectionTo(target)), isMigrateFeed);
  }

  /** The connection may have been lost with a server that is back, and not be tried again for a while. */
  private async killAnew(target: Endpoint, reason: unknown): Promise<void> {
    const { nextName, mayOpen } = this.options;
    if (!mayOpen()) throw reason;
    await converse(target, nextName(), CONVERSATION_TIMEOUT_MS, this.stopping.signal, (ask) =>
      killClients(ask, isMigrateFeed),
    );
  }
}

function pairOf(source: string, target: string): string {
  return `${source} ${target}`;
}
