import { delay } from '../common/async.js';
import { errorMessage } from '../common/errors.js';
import type { Leadership } from '../coordinator/leadership.js';
import type { Coordinator } from '../coordinator/types.js';
import type { Logger } from '../telemetry/logger.js';
import { collections } from './records.js';
import type { StateView } from './view.js';

/** A leader makes a change of its own when none was seen for so long. */
const INTERVAL_MS = 5_000;
/** So many changes may be missed before it is said that none can be made. */
export const SILENCE_MS = 3 * INTERVAL_MS + 1_000;
/** How old the history is that the coordinator may forget. Nobody who watches is that far behind. */
const HISTORY_MS = 600_000;

const KEY = collections.heartbeats.key('leader');

/**
 * Proof that changes can be made: sessions live on and reads are answered while a coordinator refuses every write (a full
 * disk, an alarm, a user without rights), so neither proves it. While nothing else changes, the leader changes a record,
 * and every member sees in its view whether that arrives.
 */
export class CommitProof {
  private failure: string | null = null;

  constructor(
    private readonly coordinator: Coordinator,
    private readonly view: StateView,
    private readonly log: Logger,
  ) {}

  /** Why this member's last change failed, when it leads; else null. */
  get lastFailure(): string | null {
    return this.failure;
  }

  /** A duty of the leader; ends with leadership. Never rejects. */
  async keep(leadership: Leadership): Promise<void> {
    let kept = { revision: 0n, at: performance.now() };
    let newest = 0n;
    while (leadership.isHeld()) {
      await delay(INTERVAL_MS / 5, leadership.signal).catch(() => undefined);
      if (!leadership.isHeld()) break;
      if (this.view.quietMs >= INTERVAL_MS) newest = (await this.prove(leadership)) ?? newest;
      if (performance.now() - kept.at > HISTORY_MS) {
        await this.forget(kept.revision);
        kept = { revision: newest, at: performance.now() };
      }
    }
    this.failure = null;
  }

  private async prove(leadership: Leadership): Promise<bigint | undefined> {
    try {
      const value = collections.heartbeats.encode({ at: new Date().toISOString() });
      const result = await this.coordinator.commit({
        conditions: [leadership.condition],
        operations: [{ put: KEY, value }],
      });
      this.failure = result.committed ? null : 'another member leads, or the coordinator lost what it knew';
      return result.committed ? result.revision : undefined;
    } catch (error) {
      const reason = errorMessage(error);
      if (this.failure !== reason) this.log.error({ reason }, 'The coordinator takes no changes');
      this.failure = reason;
      return undefined;
    }
  }

  private async forget(revision: bigint): Promise<void> {
    if (revision === 0n) return;
    await this.coordinator.compact(revision).catch((error: unknown) => {
      this.log.warn({ reason: errorMessage(error) }, "The coordinator's history could not be compacted");
    });
  }
}
