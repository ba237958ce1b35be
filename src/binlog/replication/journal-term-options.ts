import type { Coordinator } from '../../coordinator/types.js';
import type { Leadership } from '../../coordinator/leadership.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Journal } from '../journal/journal.js';
import type { CatchUpLimit } from './catch-up.js';
import type { VoterSource } from './voter-source.js';

export interface JournalTermOptions {
  readonly coordinator: Coordinator;
  readonly leadership: Leadership;
  readonly journal: Journal;
  /** This member's id in the membership. */
  readonly memberId: string;
  readonly voterSource: VoterSource;
  readonly catchUpLimit: CatchUpLimit;
  /** Fetches what is committed up to the offset, and lacks here, from one of its holders. */
  readonly fetch: (to: number, holders: readonly string[]) => Promise<void>;
  readonly log: Logger;
}
