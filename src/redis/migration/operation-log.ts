import { Backoff, delay } from '../../common/async.js';
import { errorMessage, QuorateError } from '../../common/errors.js';
import { putOperation, reportProgress, type Operation } from '../../cluster/operations.js';
import type { OperationState } from '../../cluster/records.js';
import { topologyCollections, type MovePlan } from '../topology/records.js';
import type { Paces } from './pace.js';
import type { Progress } from './progress.js';
import type { RunnerContext } from './runner-context.js';

/** What the leader writes down about one operation: its state, its progress, what went wrong. */
export class OperationLog {
  /** Set once the keys have been counted. */
  progress: Progress | undefined;
  /** What it holds back for, while it works. */
  paces: Paces | undefined;

  constructor(
    private readonly context: RunnerContext,
    private readonly id: string,
  ) {}

  get operation(): Operation | undefined {
    return this.context.operations.get(this.id);
  }

  get state(): OperationState | undefined {
    return this.operation?.value.state;
  }

  get plan(): MovePlan | undefined {
    return this.context.topology.view.get(topologyCollections.plans, this.id)?.value;
  }

  /** Goes from one of these states to another; leaves every other state as it is. */
  async setState(state: OperationState, from: readonly OperationState[], error?: string): Promise<void> {
    const { proposals, leadership } = this.context;
    await proposals.run(() => {
      if (!leadership.isHeld()) throw new QuorateError('NOT_LEADER', 'This member no longer leads.');
      const { operation } = this;
      if (!operation || !from.includes(operation.value.state)) return null;
      const finished = state === 'SUCCEEDED' || state === 'CANCELLED' || state === 'FAILED';
      const done = this.progress?.done ?? operation.value.done;
      const record = {
        ...operation.value,
        state,
        error: error ?? null,
        done,
        total: state === 'SUCCEEDED' ? done : (this.progress?.total ?? operation.value.total),
        rate: null,
        pace: null,
        finishedAt: finished ? new Date().toISOString() : null,
      };
      return {
        conditions: [leadership.condition, { key: `operations/${this.id}`, modRevision: operation.revision }],
        operations: [
          putOperation(this.id, record),
          ...(finished ? [{ delete: topologyCollections.plans.key(this.id) }] : []),
        ],
        action: {
          type: 'OPERATION_CHANGED',
          description: `${state}: ${operation.value.title}${error === undefined ? '' : `: ${error}`}`,
          target: `operation/${this.id}`,
          actor: 'quorate',
        },
      };
    });
  }

  /** Until it is recorded, the operation would be started again at once and run into the same error. */
  async recordFailure(reason: string): Promise<void> {
    const { leadership, log } = this.context;
    const backoff = new Backoff(100, 3_000);
    while (leadership.isHeld()) {
      try {
        await this.setState('PAUSED', ['PENDING', 'RUNNING', 'CANCELLING'], reason);
        return;
      } catch (error) {
        log.warn(
          { operation: this.id, reason: errorMessage(error) },
          'Could not record why a move of slots stopped',
        );
        await delay(backoff.next(), leadership.signal).catch(() => undefined);
      }
    }
  }

  /** Writes how far it has come, if that has changed. */
  async report(): Promise<void> {
    const { operation, progress } = this;
    if (!operation || !progress || !['RUNNING', 'CANCELLING'].includes(operation.value.state)) return;
    const { done, total } = progress;
    const pace = this.paces?.describe() ?? null;
    const { value } = operation;
    if (done === value.done && total === value.total && pace === (value.pace ?? null)) return;
    const { coordinator, leadership, log } = this.context;
    const now = { done, total, rate: progress.rate(), pace };
    await reportProgress(coordinator, operation, now, leadership.condition).catch((error: unknown) =>
      log.debug({ reason: errorMessage(error) }, 'Progress was not written'),
    );
  }
}
