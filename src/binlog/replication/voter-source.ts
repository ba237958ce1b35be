import type { Condition } from '../../coordinator/types.js';

/** Who votes, and what must hold in a transaction for that to be so still. */
export interface Voters {
  readonly ids: readonly string[];
  readonly condition: Condition;
}

/** The membership as the journal needs it. */
export interface VoterSource {
  voters(): Voters;
  /** Resolves when it is as new as the coordinator was at the call. */
  refresh(signal: AbortSignal): Promise<void>;
  /** Called when the voters may have changed; answers how to end that. */
  onChange(listener: () => void): () => void;
}
