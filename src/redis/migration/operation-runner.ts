import { errorMessage } from '../../common/errors.js';
import { putOperation, reportProgress, type Operation, type Operations } from '../../cluster/operations.js';
import type { Proposals } from '../../cluster/proposals.js';
import type { OperationState } from '../../cluster/records.js';
import type { Leadership } from '../../coordinator/leadership.js';
import type { Coordinator } from '../../coordinator/types.js';
import type { Logger } from '../../telemetry/logger.js';
import { BarrierTimeoutError, type Barrier } from '../topology/barrier.js';
import { moverName } from '../topology/fencing.js';
import { topologyCollections } from '../topology/records.js';
import type { Slot, Topology } from '../topology/topology.js';
import type { GroupLocks } from './group-locks.js';
import { countKeysBySlot, moveKeys } from './key-mover.js';
import { Throttle } from './limits.js';
import type { SlotMove } from './plan.js';
import { Progress } from './progress.js';
import { SlotTransitions } from './slot-transitions.js';
import { batchSteps, type StepBatch } from './steps.js';

export interface RunnerContext {
  readonly coordinator: Coordinator;
  readonly topology: Topology;
  readonly operations: Operations;
  readonly proposals: Proposals;
  readonly barrier: Barrier;
  readonly locks: GroupLocks;
  readonly leadership: Leadership;
  readonly memberName: string;
  readonly log: Logger;
  /** Makes sure that no mover of an older epoch can act on that group's master any more. */
  readonly fence: (group: number) => Promise<void>;
}

const PROGRESS_INTERVAL_MS = 1_000;
/** Above this a count would cost the source more than knowing the total is worth. */
const COUNT_LIMIT = 2_000_000;

/**
 * Carries out one move of slots until it is finished, paused or this member no longer leads.
 *
 * It keeps nothing that matters in memory: what to do next follows from the stored slots (`steps.ts`).
 * Anything that goes wrong pauses the operation with the reason; resuming it tries again from there.
 */
export class OperationRunner {
  private readonly moves: ReadonlyMap<number, SlotMove>;
  private readonly transitions: SlotTransitions;
  private readonly throttles = new Map<string, Throttle>();
  private progress: Progress | undefined;

  constructor(
    private readonly context: RunnerContext,
    private readonly id: string,
  ) {
    const plan = context.topology.view.get(topologyCollections.plans, id)?.value.moves ?? [];
    this.moves = new Map(plan.map(([slot, from, to]) => [slot, { slot, from, to }]));
    this.transitions = new SlotTransitions(context.topology, context.proposals, context.leadership, id);
  }

  /** Never rejects: what went wrong is written into the operation, or another leader takes over. */
  async run(): Promise<void> {
    const { leadership, log } = this.context;
    try {
      await this.setState('RUNNING', ['PENDING']);
      this.progress = await this.count();
      const ticker = setInterval(() => void this.report(), PROGRESS_INTERVAL_MS);
      try {
        await this.work();
      } finally {
        clearInterval(ticker);
        await this.report();
      }
    } catch (error) {
      if (!leadership.isHeld()) return;
      log.warn({ operation: this.id, reason: errorMessage(error) }, 'A move of slots was paused by an error');
      await this.setState('PAUSED', ['PENDING', 'RUNNING', 'CANCELLING'], errorMessage(error)).catch(
        (failure) => {
          log.error(
            { operation: this.id, reason: errorMessage(failure) },
            'Could not record why the move was paused',
          );
        },
      );
    }
  }

  private async work(): Promise<void> {
    for (;;) {
      const state = this.operation()?.value.state;
      if (state !== 'RUNNING' && state !== 'CANCELLING') return;
      const forward = state === 'RUNNING';
      const { slotsPerBatch } = this.context.topology.limits();
      const batches = batchSteps(this.claimedSlots(), this.moves, forward, slotsPerBatch);
      if (batches.length === 0) return this.finish(forward ? 'SUCCEEDED' : 'CANCELLED');
      await this.runRound(batches, forward, state);
    }
  }

  /** The first batch of every pair of groups, side by side; the rest is drafted anew afterwards. */
  private async runRound(
    batches: readonly StepBatch[],
    forward: boolean,
    state: OperationState,
  ): Promise<void> {
    const first = new Map<string, StepBatch>();
    for (const batch of batches) {
      const pair = [batch.from, batch.to].sort((a, b) => a - b).join('-');
      if (!first.has(pair)) first.set(pair, batch);
    }
    const failed = new AbortController();
    const interrupted = AbortSignal.any([failed.signal, this.context.leadership.signal]);
    const unwatch = this.context.topology.view.subscribe(() => {
      if (this.operation()?.value.state !== state) failed.abort(new Interrupted());
    });
    try {
      const results = await Promise.allSettled(
        [...first.values()].map((batch) =>
          this.context.locks
            .run([...new Set([batch.from, batch.to])], interrupted, () =>
              this.advance(batch, forward, interrupted),
            )
            .catch((error: unknown) => {
              if (!failed.signal.aborted) failed.abort(error);
              throw error;
            }),
        ),
      );
      for (const result of results) {
        if (result.status === 'rejected' && !(failed.signal.reason instanceof Interrupted))
          throw failed.signal.reason;
      }
    } finally {
      unwatch();
    }
  }

  /** Takes a batch as far as it goes: held slots are never left held by a request to pause. */
  private async advance(batch: StepBatch, forward: boolean, interrupted: AbortSignal): Promise<void> {
    const { from, to, split } = batch;
    let slots = batch.slots;
    switch (batch.kind) {
      case 'RELEASE':
      case 'WITHDRAW':
        await this.transitions.arrive(slots, from, false);
        return;
      case 'HOLD':
        await this.transitions.hold(slots, from, to);
        slots = this.refresh(slots);
        await this.open(slots, from, to, split, forward);
        slots = this.refresh(slots);
        break;
      case 'OPEN':
        await this.open(slots, from, to, split, forward);
        slots = this.refresh(slots);
        break;
      case 'MOVE':
        break;
    }
    interrupted.throwIfAborted();
    await this.move(slots, from, to, forward, interrupted);
  }

  /**
   * Has the hold confirmed by every proxy, then lets requests bring their keys over. A proxy that does not
   * confirm stops the change, not the traffic: the slots go back to where they were.
   */
  private async open(
    slots: readonly Slot[],
    from: number,
    to: number,
    split: boolean,
    forward: boolean,
  ): Promise<void> {
    const { barrier, leadership } = this.context;
    try {
      await barrier.wait(newest(slots), leadership.signal);
    } catch (error) {
      if (!(error instanceof BarrierTimeoutError)) throw error;
      if (split) await this.transitions.open(slots, to, from);
      else await this.transitions.arrive(slots, from, forward);
      throw error;
    }
    await this.transitions.open(slots, from, to);
  }

  private async move(
    slots: readonly Slot[],
    from: number,
    to: number,
    forward: boolean,
    interrupted: AbortSignal,
  ): Promise<void> {
    const { barrier, leadership, topology, memberName } = this.context;
    await barrier.wait(newest(slots), leadership.signal);
    interrupted.throwIfAborted();
    await this.context.fence(from);
    const source = topology.masterEndpoint(from);
    const target = topology.masterEndpoint(to);
    if (!source || !target) throw new Error(`Group ${source ? to : from} has no master.`);
    const numbers = slots.map((slot) => slot.number);
    const progress = this.progress?.batch(numbers);
    try {
      await moveKeys({
        source,
        target,
        slots: new Set(numbers),
        connectionName: moverName(leadership.epoch, memberName),
        mayAct: () => leadership.isHeld(),
        throttle: this.throttleOf(source.address),
        signal: interrupted,
        onMoved: (keys) => progress?.moved(keys),
      });
      progress?.finish();
    } catch (error) {
      progress?.abandon();
      throw error;
    }
    const move = this.moves.get(numbers[0] as number);
    const wanted = to === (forward ? move?.to : move?.from);
    const arrived = await this.transitions.arrive(slots, to, !wanted);
    await barrier.wait(arrived.revision, leadership.signal);
  }

  private async finish(state: OperationState): Promise<void> {
    const slots = [...this.moves.keys()].flatMap((number) => this.context.topology.slot(number) ?? []);
    await this.context.barrier.wait(newest(slots), this.context.leadership.signal);
    await this.setState(state, ['RUNNING', 'CANCELLING']);
  }

  private async setState(
    state: OperationState,
    from: readonly OperationState[],
    error?: string,
  ): Promise<void> {
    const { proposals, leadership } = this.context;
    await proposals.run(() => {
      if (!leadership.isHeld()) throw new Error('This member no longer leads.');
      const operation = this.operation();
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

  private async report(): Promise<void> {
    const operation = this.operation();
    if (!operation || !this.progress || !['RUNNING', 'CANCELLING'].includes(operation.value.state)) return;
    const { done, total } = this.progress;
    if (done === operation.value.done && total === operation.value.total) return;
    const progress = { done, total, rate: this.progress.rate() };
    await reportProgress(
      this.context.coordinator,
      operation,
      progress,
      this.context.leadership.condition,
    ).catch((error: unknown) =>
      this.context.log.debug({ reason: errorMessage(error) }, 'Progress was not written'),
    );
  }

  private async count(): Promise<Progress> {
    const { topology, leadership } = this.context;
    const slots = this.claimedSlots();
    let counts: Map<number, number> | null = new Map();
    for (const group of new Set(slots.map((slot) => slot.group))) {
      const master = group === null ? undefined : topology.masterEndpoint(group);
      // A server that cannot be asked is no reason to stop here: releasing slots does not need it, and the
      // step that does will say what is wrong.
      const ofServer =
        master && (await countKeysBySlot(master, leadership.signal, COUNT_LIMIT).catch(() => undefined));
      if (!ofServer) {
        counts = null;
        break;
      }
      for (const slot of slots)
        if (slot.group === group) counts.set(slot.number, ofServer.get(slot.number) ?? 0);
    }
    return new Progress(
      this.operation()?.value.done ?? 0,
      counts,
      slots.map((slot) => slot.number),
    );
  }

  private operation(): Operation | undefined {
    return this.context.operations.get(this.id);
  }

  private claimedSlots(): Slot[] {
    return this.context.topology.slots().filter((slot) => slot.operation === this.id);
  }

  private refresh(slots: readonly Slot[]): Slot[] {
    return slots.flatMap((slot) => this.context.topology.slot(slot.number) ?? []);
  }

  private throttleOf(address: string): Throttle {
    let throttle = this.throttles.get(address);
    if (!throttle) {
      throttle = new Throttle(() => this.context.topology.limits());
      this.throttles.set(address, throttle);
    }
    return throttle;
  }
}

/** Somebody paused or cancelled the operation: its steps stop, and that is no failure. */
class Interrupted extends Error {}

function newest(slots: readonly Slot[]): bigint {
  return slots.reduce((max, slot) => (slot.revision > max ? slot.revision : max), 0n);
}
