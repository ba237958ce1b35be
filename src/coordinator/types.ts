/**
 * The coordinator: the one place where anything is decided (docs/architecture.md, section "The coordinator").
 *
 * Keys and values are UTF-8 strings. A key is relative to the cluster's own root; the implementations add
 * and strip their root. Revisions are those of etcd: one 64-bit counter for the whole store, raised by every
 * committed transaction, and all changes of one transaction carry the same one.
 */

export interface KeyValue {
  readonly key: string;
  readonly value: string;
  /** Revision at which the key was created (deleted keys that come back get a new one). */
  readonly createRevision: bigint;
  /** Revision of the key's last change. */
  readonly modRevision: bigint;
  /** The session that the key vanishes with, if it was last put with one. */
  readonly sessionId?: string;
}

/** A consistent picture of a prefix: nothing that committed at or before `revision` is missing. */
export interface Snapshot {
  readonly revision: bigint;
  /** Ascending by key. */
  readonly entries: readonly KeyValue[];
}

/**
 * What must hold at the moment of commit. `modRevision: 0n` and `createRevision: 0n` both mean that the key
 * must not exist.
 */
export type Condition =
  | { readonly key: string; readonly modRevision: bigint }
  | { readonly key: string; readonly createRevision: bigint };

export type WriteOperation =
  /** With a session the key is deleted by the coordinator when that session ends. */
  | { readonly put: string; readonly value: string; readonly session?: Session }
  | { readonly delete: string }
  | { readonly deletePrefix: string };

export interface Transaction {
  /** All of them must hold, or nothing is written. At most 120. */
  readonly conditions: readonly Condition[];
  /** Applied at one revision, all or none. No key twice. At most 120. */
  readonly operations: readonly WriteOperation[];
}

/** `committed: false` means that a condition did not hold and that nothing was or ever will be written. */
export type CommitResult =
  | {
      readonly committed: true;
      readonly revision: bigint;
      /**
       * The raft term that committed it; null where there is no raft (embedded), and when the answer was lost
       * and the transaction was found to have been committed.
       */
      readonly raftTerm: bigint | null;
    }
  | { readonly committed: false; readonly revision: bigint };

export type Change =
  | {
      readonly type: 'put';
      readonly key: string;
      readonly value: string;
      readonly createRevision: bigint;
      readonly modRevision: bigint;
    }
  | { readonly type: 'delete'; readonly key: string; readonly modRevision: bigint };

/** All changes of one revision under the watched prefix; batches are ordered and none is split or repeated. */
export interface WatchBatch {
  readonly revision: bigint;
  readonly changes: readonly Change[];
}

/** A lease with a holder. Keys put with it vanish when it ends. */
export interface Session {
  readonly id: string;
  readonly ttlMs: number;
  /**
   * False from the moment at which the coordinator may have ended the session: TTL minus a margin after the
   * last successful keep-alive was *sent*, on the monotonic clock. Computed at the call, so a process that
   * was stopped and goes on learns it before any timer has fired.
   */
  isAlive(): boolean;
  /**
   * Until when `isAlive()` stays true if nothing is heard any more, on the clock of `performance.now()`; 0 once
   * it has turned false, Infinity when only `close()` ends the session.
   */
  readonly validUntil: number;
  /** Aborted, with a SessionLostError as reason, as soon as `isAlive()` turns false or on `close()`. */
  readonly signal: AbortSignal;
  /** Ends the session at the coordinator now, deleting its keys. Idempotent; never throws. */
  close(): Promise<void>;
}

export interface CoordinatorMember {
  readonly id: string;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
  readonly isLeader: boolean;
}

export interface CoordinatorStatus {
  /** Whether a read with the consent of a majority was answered. */
  readonly reachable: boolean;
  /** Why it was not, for each endpoint; null when it was. */
  readonly reason: string | null;
  /** Alarms that are raised at it, e.g. `NOSPACE`; writes are refused meanwhile. */
  readonly alarms: readonly string[];
  /** The newest revision that it said itself this time, 0n when it said none: less than is known after it was restored. */
  readonly answeredRevision: bigint;
  /** The newest revision known here. */
  readonly revision: bigint;
  readonly members: readonly CoordinatorMember[];
}

export interface WatchOptions {
  /** Changes after this revision are delivered, from history if need be; it is not itself included. */
  readonly afterRevision: bigint;
  readonly signal?: AbortSignal;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface Coordinator {
  readonly kind: 'ETCD' | 'EMBEDDED';
  readonly endpoints: readonly string[];
  /** Connects or opens; rejects with a CoordinatorUnavailableError that names the endpoint and the reason. */
  start(): Promise<void>;
  /** Ends every watch and session of this client. Idempotent. */
  stop(): Promise<void>;
  /** Linearizable. Errors: CoordinatorUnavailableError. */
  read(prefix: string, options?: CallOptions): Promise<Snapshot>;
  /** Linearizable. */
  get(key: string, options?: CallOptions): Promise<KeyValue | undefined>;
  /**
   * Errors: CoordinatorUnavailableError when it is certain that nothing was written,
   * OutcomeUnknownError when that could not be found out in time, SessionLostError when a put names a session
   * that has ended and InvalidRequestError for a transaction that breaks its own rules (both: nothing was
   * written). An abort of the signal stops the wait for the transaction's turn; once it is on its way it is
   * finished.
   */
  commit(transaction: Transaction, options?: CallOptions): Promise<CommitResult>;
  /**
   * Ordered and gap-free across reconnects and changes of leader. Ends by throwing CompactedError when the
   * history it needs is gone; the caller reads anew. Ends quietly when the signal aborts or the coordinator
   * stops. While the coordinator is away it waits and goes on by itself; a CoordinatorUnavailableError ends it
   * when the coordinator denies access.
   */
  watch(prefix: string, options: WatchOptions): AsyncIterableIterator<WatchBatch>;
  openSession(ttlMs: number, options?: CallOptions): Promise<Session>;
  /** Never throws: what cannot be reached is said so in the answer. */
  status(): Promise<CoordinatorStatus>;
  /** Forgets history before `revision`: watches that need it get CompactedError. */
  compact(revision: bigint): Promise<void>;
}
