import type { Operations } from '../../cluster/operations.js';
import type { Proposals } from '../../cluster/proposals.js';
import type { Leadership } from '../../coordinator/leadership.js';
import type { Coordinator } from '../../coordinator/types.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Barrier } from '../topology/barrier.js';
import type { Topology } from '../topology/topology.js';
import type { Fences } from './fences.js';
import type { GroupLocks } from './group-locks.js';
import type { LookAtClients } from './pace.js';

/** What all moves of one leadership share. */
export interface RunnerContext {
  readonly coordinator: Coordinator;
  readonly topology: Topology;
  readonly operations: Operations;
  readonly proposals: Proposals;
  readonly barrier: Barrier;
  readonly locks: GroupLocks;
  readonly fences: Fences;
  /** Groups of which keys are being removed: no assignment gives them a slot meanwhile. */
  readonly cleaning: Set<number>;
  readonly leadership: Leadership;
  readonly memberName: string;
  readonly clientsOf: LookAtClients;
  /** Told why an assignment failed, before that is stored. */
  readonly onAssignmentFailed: (id: string, error: unknown) => void;
  readonly log: Logger;
}
