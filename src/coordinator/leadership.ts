import type { CallOptions, Condition, Coordinator, Session } from './types.js';

/** Held by exactly one session at a time. */
export interface Leadership {
  /** The create revision of the key: grows with every change of hands. */
  readonly epoch: bigint;
  /** Put this on every write made as leader: the write fails once another holds the key. */
  readonly condition: Condition;
  /** Aborted when the session is lost, on resign, and when the key is seen to be gone or another's. */
  readonly signal: AbortSignal;
  /** False as soon as the session may have ended; ask before each step taken as leader. */
  isHeld(): boolean;
  /** Gives the key up (only if it is still ours). Idempotent. */
  resign(): Promise<void>;
}

/** Waits until the key is ours. Rejects when the signal aborts or the session ends. */
export type Campaign = (
  coordinator: Coordinator,
  key: string,
  value: string,
  session: Session,
  options?: CallOptions,
) => Promise<Leadership>;
