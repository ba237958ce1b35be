import { errorMessage } from '../../common/errors.js';
import { Notifier } from '../../common/notifier.js';
import { CoordinatorUnavailableError, OutcomeUnknownError, SessionLostError } from '../errors.js';
import type { CommitResult, Transaction } from '../types.js';
import { PendingView } from './evaluation.js';
import type { RevisionRecord } from './records.js';
import type { Store } from './store.js';

/** Deletes every key of these sessions; takes a revision of its own, if there are any. */
interface EndSessions {
  readonly endSessions: ReadonlySet<string>;
}

interface Pending {
  readonly request: Transaction | EndSessions;
  readonly resolve: (result: CommitResult) => void;
  readonly reject: (error: Error) => void;
}

/** Bounds the size of one LevelDB batch. */
const MAX_GROUP = 256;

/**
 * Writes transactions one group after the other: what arrives while a sync is under way forms the next group.
 *
 * Within a group transactions are evaluated in order of arrival, each at a revision of its own, each seeing
 * the effects of those before it. No result leaves before the group is synced, not even a refusal: it may
 * rest on an effect of the same group.
 */
export class Transactor {
  /** Notified after every group that is on disk. */
  readonly committed = new Notifier();

  private readonly queue: Pending[] = [];
  private readonly sessionKeys = new Map<string, string>();
  private running: Promise<void> | undefined;
  private broken = false;

  constructor(
    private readonly store: Store,
    private readonly historyRevisions: bigint,
  ) {}

  /** Deletes what sessions of an earlier process have left: their holder is gone. */
  async start(): Promise<void> {
    for (const [key, sessionId] of await this.store.sessionKeys()) this.sessionKeys.set(key, sessionId);
    const orphaned = new Set(this.sessionKeys.values());
    if (orphaned.size > 0) await this.submit({ endSessions: orphaned });
  }

  submit(request: Transaction | EndSessions): Promise<CommitResult> {
    return new Promise((resolve, reject) => {
      this.queue.push({ request, resolve, reject });
      this.running ??= this.run();
    });
  }

  /** Resolves when nothing is queued or under way. */
  async drain(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    // Everything submitted in this turn of the event loop joins the first group.
    await Promise.resolve();
    while (this.queue.length > 0) await this.writeGroup(this.queue.splice(0, MAX_GROUP));
    this.running = undefined;
  }

  private async writeGroup(group: readonly Pending[]): Promise<void> {
    const settle: (() => void)[] = [];
    try {
      if (this.broken) await this.repair();
      const records = await this.evaluate(group, settle);
      const revision = records.at(-1)?.revision;
      if (revision !== undefined) {
        await this.write(records, revision);
        this.committed.notify();
      }
    } catch (error) {
      for (const pending of group) pending.reject(error as Error);
      return;
    }
    for (const answer of settle) answer();
    await this.forgetOldHistory();
  }

  private async evaluate(group: readonly Pending[], settle: (() => void)[]): Promise<RevisionRecord[]> {
    const view = new PendingView(this.store);
    const records: RevisionRecord[] = [];
    let revision = this.store.revision;
    for (const { request, resolve, reject } of group) {
      const transaction = await this.toTransaction(request, view);
      const ended = transaction.operations.find(
        (operation) => 'put' in operation && operation.session?.isAlive() === false,
      );
      if (ended !== undefined) {
        settle.push(() => reject(new SessionLostError('The session of a key to be written has ended.')));
      } else if ('endSessions' in request && transaction.operations.length === 0) {
        const seenAt = revision;
        settle.push(() => resolve({ committed: true, revision: seenAt, raftTerm: null }));
      } else if (await view.holds(transaction.conditions)) {
        revision += 1n;
        const committedAt = revision;
        records.push(await view.apply(transaction.operations, revision));
        settle.push(() => resolve({ committed: true, revision: committedAt, raftTerm: null }));
      } else {
        const seenAt = revision;
        settle.push(() => resolve({ committed: false, revision: seenAt }));
      }
    }
    return records;
  }

  private async toTransaction(request: Transaction | EndSessions, view: PendingView): Promise<Transaction> {
    if (!('endSessions' in request)) return request;
    const candidates = [...this.sessionKeys]
      .filter(([, id]) => request.endSessions.has(id))
      .map(([key]) => key);
    const keys = await view.keysOfSessions(request.endSessions, candidates);
    return { conditions: [], operations: keys.map((key) => ({ delete: key })) };
  }

  private async write(records: readonly RevisionRecord[], revision: bigint): Promise<void> {
    try {
      await this.store.append(records, revision);
    } catch (error) {
      this.broken = true;
      await this.repair().catch((repairError: unknown) => {
        throw new OutcomeUnknownError(
          `A write to the embedded coordinator failed (${errorMessage(error)}), and so did reading it back: ${errorMessage(repairError)}`,
          { cause: error },
        );
      });
      if (this.store.revision < revision) {
        throw new CoordinatorUnavailableError(
          `The embedded coordinator could not write to its directory: ${errorMessage(error)}. Nothing was changed.`,
          { cause: error },
        );
      }
    }
    for (const record of records) this.trackSessions(record);
  }

  /** Reads from disk how far the failed write came; one group is one LevelDB batch, so all of it or nothing. */
  private async repair(): Promise<void> {
    await this.store.reopen();
    this.broken = false;
  }

  private trackSessions(record: RevisionRecord): void {
    for (const change of record.changes) {
      const sessionId = change.type === 'put' ? record.sessions.get(change.key) : undefined;
      if (sessionId === undefined) this.sessionKeys.delete(change.key);
      else this.sessionKeys.set(change.key, sessionId);
    }
  }

  private async forgetOldHistory(): Promise<void> {
    const kept = this.store.revision - this.store.compactRevision;
    // A tenth more than asked for is kept for a while, so that not every commit deletes.
    if (kept <= this.historyRevisions + this.historyRevisions / 10n) return;
    try {
      await this.store.compact(this.store.revision - this.historyRevisions);
      this.committed.notify();
    } catch {
      // The next write meets the same disk and reports what is wrong with it to someone who waits for it.
      this.broken = true;
    }
  }
}
