import type { Change, Condition, WriteOperation } from '../types.js';
import type { Entry, RevisionRecord } from './records.js';
import type { Store } from './store.js';

/**
 * The store as it will be once the transactions evaluated so far are written: what the next transaction of
 * the same group is judged against.
 */
export class PendingView {
  private readonly overlay = new Map<string, Entry | undefined>();

  constructor(private readonly store: Store) {}

  async holds(conditions: readonly Condition[]): Promise<boolean> {
    const entries = await this.entries(conditions.map((condition) => condition.key));
    return conditions.every((condition) => {
      const entry = entries.get(condition.key);
      return 'modRevision' in condition
        ? (entry?.modRevision ?? 0n) === condition.modRevision
        : (entry?.createRevision ?? 0n) === condition.createRevision;
    });
  }

  /** Applies the operations to the view and returns what is to be written. */
  async apply(operations: readonly WriteOperation[], revision: bigint): Promise<RevisionRecord> {
    const changes: Change[] = [];
    const sessions = new Map<string, string>();
    const touched = operations.flatMap((operation) =>
      'put' in operation ? [operation.put] : 'delete' in operation ? [operation.delete] : [],
    );
    const entries = await this.entries(touched);

    for (const operation of operations) {
      if ('deletePrefix' in operation) {
        for (const key of await this.keysUnder(operation.deletePrefix)) this.delete(key, revision, changes);
      } else if ('delete' in operation) {
        if (entries.get(operation.delete) !== undefined) this.delete(operation.delete, revision, changes);
      } else {
        const key = operation.put;
        const createRevision = entries.get(key)?.createRevision ?? revision;
        const sessionId = operation.session?.id ?? null;
        const entry: Entry = { value: operation.value, createRevision, modRevision: revision, sessionId };
        this.overlay.set(key, entry);
        if (sessionId !== null) sessions.set(key, sessionId);
        changes.push({ type: 'put', key, value: entry.value, createRevision, modRevision: revision });
      }
    }
    return { revision, changes, sessions };
  }

  /** The keys among `candidates`, and among those written in this group, that belong to one of the sessions. */
  async keysOfSessions(sessionIds: ReadonlySet<string>, candidates: readonly string[]): Promise<string[]> {
    const entries = await this.entries([...new Set([...candidates, ...this.overlay.keys()])]);
    return [...entries]
      .filter(([, entry]) => entry?.sessionId != null && sessionIds.has(entry.sessionId))
      .map(([key]) => key)
      .sort(compareKeys);
  }

  private delete(key: string, revision: bigint, changes: Change[]): void {
    this.overlay.set(key, undefined);
    changes.push({ type: 'delete', key, modRevision: revision });
  }

  private async entries(keys: readonly string[]): Promise<Map<string, Entry | undefined>> {
    const stored = keys.filter((key) => !this.overlay.has(key));
    const entries = stored.length === 0 ? new Map() : await this.store.entries(stored);
    for (const key of keys) if (this.overlay.has(key)) entries.set(key, this.overlay.get(key));
    return entries;
  }

  private async keysUnder(prefix: string): Promise<string[]> {
    const keys = new Set(await this.store.keysUnder(prefix));
    for (const [key, entry] of this.overlay) {
      if (!key.startsWith(prefix)) continue;
      if (entry === undefined) keys.delete(key);
      else keys.add(key);
    }
    return [...keys].sort(compareKeys);
  }
}

/** Keys are ordered by their bytes, as LevelDB and etcd do; JavaScript orders by UTF-16 units. */
function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
