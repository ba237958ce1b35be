import { mkdir } from 'node:fs/promises';
import { ClassicLevel } from 'classic-level';
import { errorMessage } from '../../common/errors.js';
import { CoordinatorUnavailableError } from '../errors.js';
import type { KeyValue, Snapshot, WatchBatch } from '../types.js';
import {
  decodeChanges,
  decodeEntry,
  encodeChanges,
  encodeEntry,
  type Entry,
  type RevisionRecord,
} from './records.js';

/** A store starts at the revision that an empty etcd starts at. */
const FIRST_REVISION = 1n;

const KEY = 'k:';
const HISTORY = 'h:';
const SESSION = 's:';
const REVISION = 'm:revision';
const COMPACTED = 'm:compacted';

type Batch = (
  | { readonly type: 'put'; readonly key: string; readonly value: string }
  | { readonly type: 'del'; readonly key: string }
)[];

/**
 * The layout on disk, one LevelDB:
 *
 * - `k:<key>` the key's current entry;
 * - `h:<revision, 20 digits>` the changes of a revision;
 * - `s:<key>` the session that owns the key;
 * - `m:revision`, `m:compacted` the newest revision and the one before which history is forgotten.
 *
 * All records of a group of transactions are written by one synced LevelDB batch, which LevelDB applies
 * whole or not at all. What a read sees is therefore always synced, and always ends at a revision boundary.
 */
export class Store {
  private readonly db: ClassicLevel;
  private current = FIRST_REVISION;
  private compacted = 0n;

  constructor(private readonly directory: string) {
    this.db = new ClassicLevel(directory);
  }

  /** The newest revision that is on disk. */
  get revision(): bigint {
    return this.current;
  }

  /** A watch can start after this revision, or after any later one. */
  get compactRevision(): bigint {
    return this.compacted;
  }

  /** Rejects with a CoordinatorUnavailableError that names the directory. */
  async open(): Promise<void> {
    try {
      await mkdir(this.directory, { recursive: true, mode: 0o700 });
      await this.db.open();
      this.current = BigInt((await this.db.get(REVISION)) ?? FIRST_REVISION);
      this.compacted = BigInt((await this.db.get(COMPACTED)) ?? 0n);
    } catch (error) {
      throw new CoordinatorUnavailableError(this.explain(error), { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.db.close();
  }

  /** Opens anew after a failed write: LevelDB refuses every write after one that it could not sync. */
  async reopen(): Promise<void> {
    await this.db.close();
    await this.open();
  }

  async get(key: string): Promise<KeyValue | undefined> {
    const text = await this.guard(() => this.db.get(KEY + key));
    return text === undefined ? undefined : toKeyValue(key, decodeEntry(text));
  }

  async entries(keys: readonly string[]): Promise<Map<string, Entry | undefined>> {
    const texts = await this.guard(() => this.db.getMany(keys.map((key) => KEY + key)));
    return new Map(
      keys.map((key, index) => {
        const text = texts[index];
        return [key, text === undefined ? undefined : decodeEntry(text)];
      }),
    );
  }

  async keysUnder(prefix: string): Promise<string[]> {
    return this.guard(async () => {
      const keys: string[] = [];
      for await (const stored of this.db.keys({ gte: KEY + prefix })) {
        if (!stored.startsWith(KEY + prefix)) break;
        keys.push(stored.slice(KEY.length));
      }
      return keys;
    });
  }

  async read(prefix: string): Promise<Snapshot> {
    return this.guard(async () => {
      const snapshot = this.db.snapshot();
      try {
        const revision = BigInt((await this.db.get(REVISION, { snapshot })) ?? FIRST_REVISION);
        const entries: KeyValue[] = [];
        for await (const [stored, text] of this.db.iterator({ gte: KEY + prefix, snapshot })) {
          if (!stored.startsWith(KEY + prefix)) break;
          entries.push(toKeyValue(stored.slice(KEY.length), decodeEntry(text)));
        }
        return { revision, entries };
      } finally {
        await snapshot.close();
      }
    });
  }

  /** At most `limit` revisions after `after`, oldest first. */
  async history(after: bigint, limit: number): Promise<WatchBatch[]> {
    return this.guard(async () => {
      const batches: WatchBatch[] = [];
      const range = { gt: historyKey(after), lt: `${HISTORY}:`, limit };
      for await (const [stored, text] of this.db.iterator(range)) {
        const revision = BigInt(stored.slice(HISTORY.length));
        batches.push({ revision, changes: decodeChanges(text, revision) });
      }
      return batches;
    });
  }

  /** Keys that belong to a session, with its id. */
  async sessionKeys(): Promise<Map<string, string>> {
    return this.guard(async () => {
      const keys = new Map<string, string>();
      for await (const [stored, sessionId] of this.db.iterator({ gte: SESSION, lt: 's;' })) {
        keys.set(stored.slice(SESSION.length), sessionId);
      }
      return keys;
    });
  }

  /** Resolves once all records are synced. Rejects with LevelDB's error: then they may be on disk or not. */
  async append(records: readonly RevisionRecord[], revision: bigint): Promise<void> {
    const batch: Batch = [{ type: 'put', key: REVISION, value: String(revision) }];
    for (const record of records) appendRecord(batch, record);
    await this.db.batch(batch, { sync: true });
    this.current = revision;
  }

  /** Forgets history before `revision`. */
  async compact(revision: bigint): Promise<void> {
    if (revision <= this.compacted) return;
    // Raised before anything is deleted: a reader that finds a hole sees by this number why.
    this.compacted = revision;
    await this.guard(async () => {
      await this.db.put(COMPACTED, String(revision), { sync: true });
      await this.db.clear({ gte: HISTORY, lt: historyKey(revision) });
    });
  }

  private async guard<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw new CoordinatorUnavailableError(this.explain(error), { cause: error });
    }
  }

  private explain(error: unknown): string {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    if (cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED') {
      return `The embedded coordinator's directory ${this.directory} is in use by another process; stop it, or choose another data directory.`;
    }
    return `The embedded coordinator in ${this.directory} cannot be used: ${errorMessage(cause)}.`;
  }
}

function appendRecord(batch: Batch, record: RevisionRecord): void {
  for (const change of record.changes) {
    if (change.type === 'delete') {
      batch.push({ type: 'del', key: KEY + change.key }, { type: 'del', key: SESSION + change.key });
      continue;
    }
    const sessionId = record.sessions.get(change.key) ?? null;
    batch.push({ type: 'put', key: KEY + change.key, value: encodeEntry({ ...change, sessionId }) });
    batch.push(
      sessionId === null
        ? { type: 'del', key: SESSION + change.key }
        : { type: 'put', key: SESSION + change.key, value: sessionId },
    );
  }
  if (record.changes.length > 0) {
    batch.push({ type: 'put', key: historyKey(record.revision), value: encodeChanges(record.changes) });
  }
}

/** Revisions are 64-bit: twenty digits keep them in numeric order. */
function historyKey(revision: bigint): string {
  return HISTORY + String(revision).padStart(20, '0');
}

function toKeyValue(key: string, entry: Entry): KeyValue {
  return {
    key,
    value: entry.value,
    createRevision: entry.createRevision,
    modRevision: entry.modRevision,
    ...(entry.sessionId === null ? {} : { sessionId: entry.sessionId }),
  };
}
