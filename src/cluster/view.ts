import { Backoff, delay, raceAbort, sharedAbortController } from '../common/async.js';
import { errorMessage } from '../common/errors.js';
import { CompactedError } from '../coordinator/errors.js';
import { throughOutages } from '../coordinator/patience.js';
import type { Change, Coordinator, Snapshot } from '../coordinator/types.js';
import type { Logger } from '../telemetry/logger.js';
import type { Collection, Stored } from './collection.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a view holds collections of any records
export type AnyCollection = Collection<any>;

export interface ViewChange {
  readonly collection: AnyCollection;
  readonly id: string;
  readonly before: Stored<unknown> | undefined;
  readonly after: Stored<unknown> | undefined;
}

/** A record that this version cannot read. The view has its last readable value, or none. */
export interface UnreadableRecord {
  readonly key: string;
  readonly collection: AnyCollection;
  readonly revision: bigint;
  readonly reason: string;
}

/** What one revision changed; after a resync, what many changed together. */
export interface ViewBatch {
  readonly revision: bigint;
  readonly changes: readonly ViewChange[];
}

/**
 * The state of the cluster in memory, kept by one watch.
 *
 * Invariants: it passes through the coordinator's revisions in order and never goes back; within one call
 * of a listener every record belongs to the same revision; a record that cannot be decoded keeps its last readable
 * value and is listed as unreadable: whoever decides by it must not.
 */
export class StateView {
  private readonly records = new Map<AnyCollection, Map<string, Stored<unknown>>>();
  private readonly broken = new Map<string, UnreadableRecord>();
  private readonly listeners = new Set<(batch: ViewBatch) => void>();
  private readonly stopped = sharedAbortController();
  private currentRevision = 0n;
  private changedAt = performance.now();
  private running: Promise<void> | undefined;

  constructor(
    private readonly coordinator: Coordinator,
    private readonly collections: readonly AnyCollection[],
    private readonly log: Logger,
  ) {
    for (const collection of collections) this.records.set(collection, new Map());
  }

  get revision(): bigint {
    return this.currentRevision;
  }

  /** How long no change has come, in milliseconds. */
  get quietMs(): number {
    return performance.now() - this.changedAt;
  }

  /** Reads everything once, through outages of the coordinator, and then follows. Rejects when it is refused. */
  async start(): Promise<void> {
    const first = await throughOutages(() => this.coordinator.read(''), {
      signal: this.stopped.signal,
      onOutage: (error) =>
        this.log.warn(
          { reason: errorMessage(error) },
          'Could not read the state of the cluster; trying again',
        ),
    });
    this.load(first);
    this.running = this.follow();
  }

  async stop(): Promise<void> {
    this.stopped.abort(new Error('The view has been stopped.'));
    await this.running;
  }

  get<T>(collection: Collection<T>, id: string | number): Stored<T> | undefined {
    return this.map(collection).get(String(id));
  }

  list<T>(collection: Collection<T>): Stored<T>[] {
    return [...this.map(collection).values()];
  }

  /** Records of these collections, or of all, whose newest value this version cannot read. */
  unreadable(collections: readonly AnyCollection[] = this.collections): UnreadableRecord[] {
    return [...this.broken.values()].filter(({ collection }) => collections.includes(collection));
  }

  /** Called once per revision, after the whole revision is in the view. Returns the way to end it. */
  subscribe(listener: (batch: ViewBatch) => void): () => void {
    // The same function may be given twice, and each of the two ended by itself.
    const own = (batch: ViewBatch): void => listener(batch);
    this.listeners.add(own);
    return () => void this.listeners.delete(own);
  }

  /** Resolves once everything up to `revision` is in the view. */
  async waitFor(revision: bigint, ...signals: readonly AbortSignal[]): Promise<void> {
    await this.until(() => this.currentRevision >= revision, ...signals);
  }

  /** Resolves as soon as the predicate holds; it is asked now and after each revision. */
  async until(predicate: () => boolean, ...signals: readonly AbortSignal[]): Promise<void> {
    if (predicate()) return;
    let end: () => void = () => undefined;
    const reached = new Promise<void>((resolve, reject) => {
      end = this.subscribe(() => {
        try {
          if (predicate()) resolve();
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
    try {
      await raceAbort(reached, this.stopped.signal, ...signals);
    } finally {
      end();
    }
  }

  /**
   * Resolves once the view is as new as the coordinator was at this call for the given keys. The revision
   * of the whole store is no measure for that: others may write to it outside of this cluster's root.
   */
  async catchUp(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    for (const key of keys) {
      const collection = this.collectionOf(key);
      if (!collection) continue;
      const id = key.slice(collection.prefix.length);
      const shown = (): bigint | undefined => this.map<unknown>(collection).get(id)?.createRevision;
      const before = shown();
      const entry = await this.coordinator.get(key, signal ? { signal } : {});
      // Another record of the same key, made since, is also proof that the deletion has been seen.
      const seen = entry
        ? () => this.currentRevision >= entry.modRevision
        : () => before === undefined || shown() !== before;
      await this.until(seen, ...(signal ? [signal] : []));
    }
  }

  private async follow(): Promise<void> {
    const signal = this.stopped.signal;
    const backoff = new Backoff(100, 5_000);
    while (!signal.aborted) {
      try {
        const changes = this.coordinator.watch('', { afterRevision: this.currentRevision, signal });
        for await (const batch of changes) {
          backoff.reset();
          this.apply(batch.revision, batch.changes);
        }
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.log.warn({ reason: errorMessage(error) }, 'The watch on the coordinator broke; reading anew');
        try {
          if (!(error instanceof CompactedError)) await delay(backoff.next(), signal);
          this.resync(await this.coordinator.read('', { signal }));
        } catch (again) {
          if (signal.aborted) return;
          this.log.warn({ reason: errorMessage(again) }, 'The coordinator cannot be read; trying again');
          await delay(backoff.next(), signal).catch(() => undefined);
        }
      }
    }
  }

  private load(snapshot: Snapshot): void {
    for (const entry of snapshot.entries)
      this.put(entry.key, entry.value, entry.createRevision, entry.modRevision);
    this.currentRevision = snapshot.revision;
  }

  private resync(snapshot: Snapshot): void {
    const present = new Set(snapshot.entries.map((entry) => entry.key));
    const changes: ViewChange[] = [];
    for (const collection of this.collections) {
      for (const id of [...this.map(collection).keys()]) {
        if (!present.has(collection.key(id))) push(changes, this.remove(collection.key(id)));
      }
    }
    for (const key of this.broken.keys()) if (!present.has(key)) this.broken.delete(key);
    const entries = [...snapshot.entries].sort((a, b) => (a.modRevision < b.modRevision ? -1 : 1));
    for (const entry of entries) {
      push(changes, this.put(entry.key, entry.value, entry.createRevision, entry.modRevision));
    }
    this.publish(snapshot.revision, changes);
  }

  private apply(revision: bigint, changes: readonly Change[]): void {
    const seen: ViewChange[] = [];
    for (const change of changes) {
      const applied =
        change.type === 'put'
          ? this.put(change.key, change.value, change.createRevision, change.modRevision)
          : this.remove(change.key);
      push(seen, applied);
    }
    this.publish(revision, seen);
  }

  private publish(revision: bigint, changes: readonly ViewChange[]): void {
    this.currentRevision = revision;
    this.changedAt = performance.now();
    for (const listener of [...this.listeners]) {
      // One that was ended by another while this batch was handed out hears no more of it.
      if (!this.listeners.has(listener)) continue;
      try {
        listener({ revision, changes });
      } catch (error) {
        this.log.error({ err: error, revision: String(revision) }, 'A follower of the view failed');
      }
    }
  }

  private put(key: string, text: string, createRevision: bigint, revision: bigint): ViewChange | undefined {
    const collection = this.collectionOf(key);
    if (!collection) return undefined;
    const id = key.slice(collection.prefix.length);
    const map = this.map(collection);
    const before = map.get(id);
    if (before?.revision === revision) return undefined;
    try {
      const after = { id, value: collection.decode(key, text), revision, createRevision };
      map.set(id, after);
      this.broken.delete(key);
      return { collection, id, before, after };
    } catch (error) {
      const reason = errorMessage(error);
      if (this.broken.get(key)?.revision !== revision)
        this.log.error({ key, reason }, 'A record is left as it was last readable');
      this.broken.set(key, { key, collection, revision, reason });
      return undefined;
    }
  }

  private remove(key: string): ViewChange | undefined {
    const collection = this.collectionOf(key);
    if (!collection) return undefined;
    const id = key.slice(collection.prefix.length);
    const map = this.map(collection);
    const before = map.get(id);
    this.broken.delete(key);
    return map.delete(id) ? { collection, id, before, after: undefined } : undefined;
  }

  private collectionOf(key: string): AnyCollection | undefined {
    return this.collections.find((collection) => key.startsWith(collection.prefix));
  }

  private map<T>(collection: Collection<T>): Map<string, Stored<T>> {
    const map = this.records.get(collection);
    if (!map) throw new Error(`The view does not hold the collection ${collection.prefix}.`);
    return map as Map<string, Stored<T>>;
  }
}

function push(list: ViewChange[], change: ViewChange | undefined): void {
  if (change) list.push(change);
}
