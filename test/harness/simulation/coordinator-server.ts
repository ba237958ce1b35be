import {
  CompactedError,
  InvalidRequestError,
  SessionLostError,
  type Change,
  type CommitResult,
  type Condition,
  type KeyValue,
  type Snapshot,
  type Transaction,
  type WatchBatch,
} from '../../../src/coordinator/index.js';
import type { World } from './world.js';

interface ServerSession {
  readonly ttlMs: number;
  expiresAt: number;
}

/** The one store that all simulated coordinators are clients of. What is asked of it happens at once. */
export class CoordinatorServer {
  private readonly entries = new Map<string, KeyValue>();
  private readonly sessions = new Map<string, ServerSession>();
  private readonly followers = new Set<() => void>();
  private history: WatchBatch[] = [];
  private current = 1n;
  private compacted = 0n;
  private sessionCount = 0;

  constructor(private readonly world: World) {}

  get revision(): bigint {
    return this.current;
  }

  /** Called after each change; answers how to end that. */
  onChange(call: () => void): () => void {
    this.followers.add(call);
    return () => this.followers.delete(call);
  }

  get(key: string): KeyValue | undefined {
    return this.entries.get(key);
  }

  read(prefix: string): Snapshot {
    const entries = [...this.entries.values()].filter(({ key }) => key.startsWith(prefix));
    return { revision: this.current, entries: entries.sort((a, b) => compareKeys(a.key, b.key)) };
  }

  commit({ conditions, operations }: Transaction): CommitResult {
    for (const operation of operations)
      if ('put' in operation && operation.session && !this.sessions.has(operation.session.id))
        throw new SessionLostError('The session of a key to be written has ended.');
    if (!conditions.every((condition) => this.holds(condition)))
      return { committed: false, revision: this.current };
    const revision = this.current + 1n;
    const changes: Change[] = [];
    for (const operation of operations) {
      if ('put' in operation)
        changes.push(this.put(operation.put, operation.value, operation.session?.id, revision));
      else if ('delete' in operation) this.delete([operation.delete], revision, changes);
      else
        this.delete(
          this.read(operation.deletePrefix).entries.map(({ key }) => key),
          revision,
          changes,
        );
    }
    this.finish(revision, changes);
    return { committed: true, revision, raftTerm: 1n };
  }

  /** Those behind a revision, up to another one. */
  historyBetween(after: bigint, last: bigint): WatchBatch[] {
    if (after < this.compacted) throw new CompactedError(this.compacted);
    return this.history.filter(({ revision }) => revision > after && revision <= last);
  }

  compact(revision: bigint): void {
    if (revision > this.current) throw new InvalidRequestError(`Revision ${revision} is in the future.`);
    if (revision <= this.compacted) return;
    this.compacted = revision;
    this.history = this.history.filter((batch) => batch.revision > revision || batch.revision === revision);
    this.notify();
  }

  openSession(ttlMs: number): string {
    const id = `session-${++this.sessionCount}`;
    this.sessions.set(id, { ttlMs, expiresAt: this.world.now + ttlMs });
    this.watchOver(id);
    return id;
  }

  /** False when the session has ended. */
  keepAlive(id: string): boolean {
    const session = this.sessions.get(id);
    if (!session) return false;
    session.expiresAt = this.world.now + session.ttlMs;
    return true;
  }

  /** Ends a session, its keys with it, whatever its holder knows of that. */
  endSession(id: string): void {
    if (!this.sessions.delete(id)) return;
    this.world.note(`coordinator ${id} ends`);
    const keys = [...this.entries.values()].filter(({ sessionId }) => sessionId === id).map(({ key }) => key);
    if (keys.length === 0) return;
    const changes: Change[] = [];
    this.delete(keys.sort(compareKeys), this.current + 1n, changes);
    this.finish(this.current + 1n, changes);
  }

  openSessions(): string[] {
    return [...this.sessions.keys()];
  }

  private watchOver(id: string): void {
    const session = this.sessions.get(id);
    if (!session) return;
    this.world.later(session.expiresAt - this.world.now, null, () => {
      if (session.expiresAt <= this.world.now) this.endSession(id);
      else this.watchOver(id);
    });
  }

  private holds(condition: Condition): boolean {
    const entry = this.entries.get(condition.key);
    return 'modRevision' in condition
      ? (entry?.modRevision ?? 0n) === condition.modRevision
      : (entry?.createRevision ?? 0n) === condition.createRevision;
  }

  private put(key: string, value: string, sessionId: string | undefined, revision: bigint): Change {
    const createRevision = this.entries.get(key)?.createRevision ?? revision;
    const entry = { key, value, createRevision, modRevision: revision };
    this.entries.set(key, sessionId === undefined ? entry : { ...entry, sessionId });
    return { type: 'put', ...entry };
  }

  private delete(keys: readonly string[], revision: bigint, changes: Change[]): void {
    for (const key of keys)
      if (this.entries.delete(key)) changes.push({ type: 'delete', key, modRevision: revision });
  }

  private finish(revision: bigint, changes: readonly Change[]): void {
    this.current = revision;
    if (changes.length > 0) this.history.push({ revision, changes });
    for (const { type, key } of changes) this.world.note(`coordinator ${revision} ${type} ${key}`);
    this.notify();
  }

  private notify(): void {
    for (const call of [...this.followers]) call();
  }
}

function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
