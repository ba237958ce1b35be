import type { RoutingTable } from '../routing-table.js';
import type { SlowRequest } from './slow-log.js';
import type { Tally } from './stats.js';

/** Called with a revision from which on no request goes by an older table. */
export type AppliedListener = (revision: bigint) => void;

/** What carries the users' requests, in this process or in several: see ProxyServer, of which it is the outside. */
export interface DataPlane {
  /** The newest revision in force, as {@link onApplied} reported it; 0 before the first. */
  readonly appliedRevision: bigint;
  start(): Promise<void>;
  /** @returns whether no command of it can reach a server any more; false when some were never answered */
  stop(): Promise<boolean>;
  apply(table: RoutingTable): void;
  /** @returns a function that removes the listener */
  onApplied(listener: AppliedListener): () => void;
  /** A sentence that says what keeps the newest table from being in force; null when nothing does. */
  waitingFor(): string | null;
  tally(): Tally;
  /** The last requests that took long, the newest first. */
  slowLog(): SlowRequest[];
}
