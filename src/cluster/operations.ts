import { refuse } from '../common/refused.js';
import type { Condition, Coordinator, WriteOperation } from '../coordinator/types.js';
import type { Stored } from './collection.js';
import type { Proposals, Proposed } from './proposals.js';
import { collections, isFinished, type OperationRecord, type OperationState } from './records.js';
import type { StateView } from './view.js';

export type Operation = Stored<OperationRecord>;

/** Whether `cancel` would take it now. */
export function isCancellable(operation: OperationRecord): boolean {
  return isSteerable(operation) && ['PENDING', 'RUNNING', 'PAUSED'].includes(operation.state);
}

/** Kinds of long work that can be stopped half-way and undone or left in a whole state. */
function isSteerable({ kind }: OperationRecord): boolean {
  return kind === 'MOVE_SLOTS' || kind === 'REBALANCE';
}

/** Long work as everybody sees it: listing, and the requests to pause, resume and cancel. */
export class Operations {
  constructor(
    private readonly view: StateView,
    private readonly proposals: Proposals,
    /** Another operation that has to end before this one may be resumed or cancelled. */
    private readonly waitsFor: (id: string) => string | undefined,
  ) {}

  get(id: string): Operation | undefined {
    return this.view.get(collections.operations, id);
  }

  /** Newest first. */
  list(states?: readonly OperationState[]): Operation[] {
    return this.view
      .list(collections.operations)
      .filter((operation) => !states || states.includes(operation.value.state))
      .sort((a, b) => (a.createRevision > b.createRevision ? -1 : 1));
  }

  pause(id: string, actor: string): Promise<Proposed | null> {
    return this.request(id, actor, 'PAUSED', ['PENDING', 'RUNNING'], 'Paused');
  }

  resume(id: string, actor: string): Promise<Proposed | null> {
    return this.request(id, actor, 'RUNNING', ['PAUSED'], 'Resumed');
  }

  /** Goes on with its work, also if it was being undone. */
  resumeForward(id: string, actor: string): Promise<Proposed | null> {
    return this.request(id, actor, 'RUNNING', ['PAUSED', 'CANCELLING'], 'Resumed, forward');
  }

  cancel(id: string, actor: string): Promise<Proposed | null> {
    return this.request(id, actor, 'CANCELLING', ['PENDING', 'RUNNING', 'PAUSED'], 'Cancelling');
  }

  private request(
    id: string,
    actor: string,
    state: OperationState,
    from: readonly OperationState[],
    verb: string,
  ): Promise<Proposed | null> {
    return this.proposals.run(() => {
      const operation = this.get(id);
      if (!operation) return refuse('NOT_FOUND', 'id', `There is no operation ${id}.`);
      const { value } = operation;
      if (!from.includes(value.state)) {
        refuse(
          isFinished(value.state) ? 'GONE' : 'PRECONDITION_FAILED',
          'id',
          `Operation ${id} is ${value.state}; this works on one that is ${from.join(' or ')}.`,
        );
      }
      if (!isSteerable(value)) {
        refuse(
          'UNSUPPORTED',
          'id',
          `An operation of kind ${value.kind} can be neither paused nor cancelled.`,
        );
      }
      const returning = state === 'CANCELLING' || (state === 'PAUSED' && value.returning);
      const other = this.waitsFor(id);
      if (other !== undefined) {
        refuse('IN_USE', 'id', `Operation ${other} has taken slots from ${id}; wait for its end.`);
      }
      return {
        conditions: [{ key: collections.operations.key(id), modRevision: operation.revision }],
        operations: [putOperation(id, { ...value, state, returning, error: null, rate: null, pace: null })],
        action: {
          type: 'OPERATION_CHANGED',
          description: `${verb}: ${value.title}`,
          target: `operation/${id}`,
          actor,
        },
      };
    });
  }
}

export function putOperation(id: string, record: OperationRecord): WriteOperation {
  return { put: collections.operations.key(id), value: collections.operations.encode(record) };
}

/**
 * Writes progress without an entry in the feed: counting up is not a change anybody made. Gives way to
 * every other change of the record, so that a request to pause is never overwritten. False when it did.
 */
export async function reportProgress(
  coordinator: Coordinator,
  operation: Operation,
  progress: Pick<OperationRecord, 'done' | 'total' | 'rate' | 'pace'>,
  leader: Condition,
): Promise<boolean> {
  const result = await coordinator.commit({
    conditions: [leader, { key: collections.operations.key(operation.id), modRevision: operation.revision }],
    operations: [putOperation(operation.id, { ...operation.value, ...progress })],
  });
  return result.committed;
}
