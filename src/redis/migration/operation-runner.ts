import { Backoff, delay } from '../../common/async.js';
import { errorMessage, QuorateError } from '../../common/errors.js';
import type { OperationState } from '../../cluster/records.js';
import { BarrierTimeoutError } from '../topology/barrier.js';
import { moverName } from '../topology/fencing.js';
import type { Slot } from '../topology/topology.js';
import { countKeysBySlot, moveKeys } from './key-mover.js';
import { Throttle } from './limits.js';
import { OperationLog } from './operation-log.js';
import type { SlotMove } from './plan.js';
import { Progress } from './progress.js';
import type { RunnerContext } from './runner-context.js';
import { SlotTransitions } from './slot-transitions.js';
import { batchSteps, withdrawals, type StepBatch } from './steps.js';

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
  private readonly record: OperationLog;
  private readonly throttles = new Map<string, Throttle>();

  constructor(
    private readonly context: RunnerContext,
    private readonly id: string,
  ) {
    this.record = new OperationLog(context, id);
    const moves = this.record.plan?.moves ?? [];
    this.moves = new Map(moves.map(([slot, from, to]) => [slot, { slot, from, to }]));
    this.transitions = new SlotTransitions(context.topology, context.proposals, context.leadership, id);
  }

  /** Never rejects: what went wrong is written into the operation, or another leader takes over. */
  async run(): Promise<void> {
    const { leadership, log } = this.context;
    if (this.record.state === 'PAUSED') return this.letGo();
    try {
      await this.record.setState('RUNNING', ['PENDING']);
      if (this.record.plan?.returning === true) await this.record.setState('CANCELLING', ['RUNNING']);
      this.record.progress = await this.count();
      const ticker = setInterval(() => void this.record.report(), PROGRESS_INTERVAL_MS);
      try {
        await this.work();
      } finally {
        clearInterval(ticker);
        await this.record.report();
      }
    } catch (error) {
      if (!leadership.isHeld()) return;
      log.warn(
        { operation: this.id, reason: errorMessage(error) },
        'A move of slots was stopped by an error',
      );
      await this.record.recordFailure(errorMessage(error));
    }
  }

  /** While an operation rests, no request waits for its next step. */
  private async letGo(): Promise<void> {
    const { leadership, log } = this.context;
    const backoff = new Backoff(100, 3_000);
    const holds = (): boolean => this.claimedSlots().some((slot) => slot.status === 'PRE_MIGRATE');
    while (leadership.isHeld() && this.record.state === 'PAUSED' && holds()) {
      try {
        for (const batch of withdrawals(this.claimedSlots(), this.moves)) await this.withdraw(batch, true);
      } catch (error) {
        log.warn(
          { operation: this.id, reason: errorMessage(error) },
          'Slots of a paused move are still held',
        );
      }
      if (holds()) await delay(backoff.next(), leadership.signal).catch(() => undefined);
    }
  }

  private async work(): Promise<void> {
    for (;;) {
      const { state } = this.record;
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
      if (this.record.state !== state) failed.abort(new Interrupted());
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
      // What failed on a way that is no longer wanted is met again, if it still matters.
      if (this.record.state !== state) return;
      if (results.some((result) => result.status === 'rejected')) throw failed.signal.reason;
    } finally {
      unwatch();
    }
  }

  /** Takes a batch as far as it goes: held slots are never left held by a request to pause. */
  private async advance(batch: StepBatch, forward: boolean, interrupted: AbortSignal): Promise<void> {
    const { kind, from, to } = batch;
    let { slots } = batch;
    if (kind === 'RELEASE') return void (await this.transitions.arrive(slots, from, false));
    if (kind === 'WITHDRAW') return this.withdraw(batch, false);
    // On both sides, and before the first request goes the new way: a mover's command that comes late would
    // overwrite what clients have changed since.
    await this.context.fences.raise(from);
    await this.context.fences.raise(to);
    if (kind === 'HOLD') slots = await this.transitions.hold(slots, from, to);
    if (kind !== 'MOVE') slots = await this.open({ ...batch, slots }, forward);
    interrupted.throwIfAborted();
    await this.move(slots, from, to, forward, interrupted);
  }

  /**
   * Has the hold confirmed by every proxy, then lets requests bring their keys over. A proxy that does not
   * confirm stops the change, not the traffic: the slots go back to where they were.
   */
  private async open(batch: StepBatch, forward: boolean): Promise<readonly Slot[]> {
    const { barrier, leadership } = this.context;
    try {
      await barrier.wait(newest(batch.slots), leadership.signal);
    } catch (error) {
      if (error instanceof BarrierTimeoutError) await this.withdraw(batch, forward);
      throw error;
    }
    return this.transitions.open(batch.slots, batch.from, batch.to);
  }

  /** Back to what the slots were before they were held. No request has gone the new way yet. */
  private async withdraw({ slots, from, to, split }: StepBatch, claimed: boolean): Promise<void> {
    if (split) await this.transitions.open(slots, to, from);
    else await this.transitions.arrive(slots, from, claimed);
  }

  private async move(
    slots: readonly Slot[],
    from: number,
    to: number,
    forward: boolean,
    interrupted: AbortSignal,
  ): Promise<void> {
    const { barrier, leadership, topology, memberName, fences } = this.context;
    await barrier.wait(newest(slots), leadership.signal);
    interrupted.throwIfAborted();
    const source = topology.masterEndpoint(from);
    const target = topology.masterEndpoint(to);
    if (!source || !target) throw new QuorateError('NO_MASTER', `Group ${source ? to : from} has no master.`);
    const numbers = slots.map((slot) => slot.number);
    const move = this.moves.get(numbers[0] as number);
    const wanted = to === (forward ? move?.to : move?.from);
    // Keys on their way back were counted when they set out.
    const progress = forward && wanted ? this.record.progress?.batch(numbers) : undefined;
    try {
      await moveKeys({
        source,
        target,
        slots: new Set(numbers),
        connectionName: moverName(leadership.epoch, memberName),
        mayAct: () => leadership.isHeld(),
        throttle: this.throttleOf(source.address),
        signal: interrupted,
        onMoved: (moved) => progress?.moved(moved),
      });
      progress?.finish();
    } catch (error) {
      fences.lower(source.address);
      progress?.abandon();
      throw error;
    }
    const arrived = await this.transitions.arrive(slots, to, !wanted);
    await barrier.wait(newest(arrived), leadership.signal);
  }

  private async finish(state: OperationState): Promise<void> {
    const slots = [...this.moves.keys()].flatMap((number) => this.context.topology.slot(number) ?? []);
    await this.context.barrier.wait(newest(slots), this.context.leadership.signal);
    await this.record.setState(state, ['RUNNING', 'CANCELLING']);
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
    return new Progress(this.doneBefore(counts), counts);
  }

  /** Keys that an earlier run counted and that are no longer at the source have moved, whoever moved them. */
  private doneBefore(left: ReadonlyMap<number, number> | null): number {
    const { done, total } = this.record.operation?.value ?? { done: 0, total: null };
    if (left === null || total === null || this.record.state !== 'RUNNING') return done;
    return Math.max(done, total - [...left.values()].reduce((sum, keys) => sum + keys, 0));
  }

  private claimedSlots(): Slot[] {
    return this.context.topology.slots().filter((slot) => slot.operation === this.id);
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
class Interrupted extends QuorateError {
  constructor() {
    super('INTERRUPTED', 'The operation was paused or cancelled.');
  }
}

function newest(slots: readonly Slot[]): bigint {
  return slots.reduce((max, slot) => (slot.revision > max ? slot.revision : max), 0n);
}
