import { Backoff, delay } from '../../common/async.js';
import type { Operations } from '../../cluster/operations.js';
import type { OperationRecord } from '../../cluster/records.js';
import type { Proposals } from '../../cluster/proposals.js';
import type { Leadership } from '../../coordinator/leadership.js';
import type { Coordinator } from '../../coordinator/types.js';
import type { Logger } from '../../telemetry/logger.js';
import { Barrier } from '../topology/barrier.js';
import type { ServerMonitor } from '../topology/monitor.js';
import type { ProxyMonitor } from '../topology/proxy-monitor.js';
import { clientsOfServer } from '../topology/request-statistics.js';
import type { Topology } from '../topology/topology.js';
import { AssignmentRunner } from './assignment-runner.js';
import type { Assignments } from './assignments.js';
import { Fences } from './fences.js';
import { ForeignKeyWatch } from './foreign-key-watch.js';
import type { ForeignKeys } from './foreign-keys.js';
import { GroupLocks } from './group-locks.js';
import { OperationRunner } from './operation-runner.js';
import type { RunnerContext } from './runner-context.js';

export interface MigratorOptions {
  readonly coordinator: Coordinator;
  readonly topology: Topology;
  readonly operations: Operations;
  readonly proposals: Proposals;
  readonly memberName: string;
  readonly proxyMonitor: ProxyMonitor;
  readonly serverMonitor: ServerMonitor;
  readonly barrierTimeoutMs: number;
  readonly assignments: Assignments;
  readonly foreignKeys: ForeignKeys;
  readonly log: Logger;
}

/** The leader's duty in the sharded Redis: carries out every move of slots that has been planned. */
export class Migrator {
  constructor(private readonly options: MigratorOptions) {}

  /** Runs until leadership is lost; all of its own work has ended when it resolves. */
  async run(leadership: Leadership): Promise<void> {
    const { topology, operations } = this.options;
    const context: RunnerContext = {
      ...this.options,
      leadership,
      clientsOf: (server) => clientsOfServer(this.options.proxyMonitor, server),
      onAssignmentFailed: (id, error) => this.options.assignments.noteFailure(id, error),
      barrier: new Barrier(topology, this.options.barrierTimeoutMs),
      locks: new GroupLocks(() => topology.limits().parallelPairs),
      cleaning: new Set(),
      fences: new Fences(topology, leadership, this.options.proposals),
    };
    const running = new Map<string, Promise<void>>();
    const startDue = (): void => {
      if (!leadership.isHeld()) return;
      for (const { id, value } of operations.list(['PENDING', 'RUNNING', 'CANCELLING', 'PAUSED'])) {
        if (running.has(id)) continue;
        const runner = runnerOf(context, id, value);
        if (!runner) continue;
        const work = runner.run().finally(() => {
          running.delete(id);
          startDue();
        });
        running.set(id, work);
      }
    };
    const unwatch = topology.view.subscribe(startDue);
    try {
      await this.showsOwnEpoch(leadership);
      startDue();
      this.options.foreignKeys.attach(context);
      await new ForeignKeyWatch(this.options).run(leadership);
    } finally {
      unwatch();
      this.options.foreignKeys.detach();
      await Promise.allSettled(running.values());
    }
  }

  /** The work of earlier leaders must be in the view before anything is decided from it. */
  private async showsOwnEpoch(leadership: Leadership): Promise<void> {
    const backoff = new Backoff(50, 1_000);
    while (leadership.isHeld() && this.options.topology.view.revision < leadership.epoch) {
      await delay(backoff.next(), leadership.signal).catch(() => undefined);
    }
  }
}

/** Who carries an operation out; undefined when nobody here does, or it rests. */
function runnerOf(
  context: RunnerContext,
  id: string,
  { kind, state }: OperationRecord,
): AssignmentRunner | OperationRunner | undefined {
  switch (kind) {
    case 'ASSIGN_SLOTS':
      return state === 'PAUSED' ? undefined : new AssignmentRunner(context, id);
    case 'MOVE_SLOTS':
    case 'REBALANCE':
      if (state === 'PAUSED' && !holdsRequests(context.topology, id)) return undefined;
      return new OperationRunner(context, id);
    case 'PROMOTE':
    case 'RESYNC_GROUP':
    case 'JOIN_MEMBER':
      return undefined;
  }
}

/** Whether requests wait for an operation's next step. */
function holdsRequests(topology: Topology, id: string): boolean {
  return topology.slots().some((slot) => slot.operation === id && slot.status === 'PRE_MIGRATE');
}
