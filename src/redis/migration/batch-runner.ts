import { QuorateError } from '../../common/errors.js';
import { BarrierTimeoutError } from '../topology/barrier.js';
import { moverName } from '../topology/fencing.js';
import type { Slot } from '../topology/topology.js';
import { moveKeys } from './key-mover.js';
import type { Throttles } from './limits.js';
import type { OperationLog } from './operation-log.js';
import type { SlotMove } from './plan.js';
import type { RunnerContext } from './runner-context.js';
import { SlotTransitions } from './slot-transitions.js';
import type { StepBatch } from './steps.js';
import type { Surveys } from './surveys.js';

/** Takes batches of one operation's slots through their steps: hold, open, move the keys, arrive. */
export class BatchRunner {
  private readonly transitions: SlotTransitions;

  constructor(
    private readonly context: RunnerContext,
    id: string,
    private readonly record: OperationLog,
    private readonly moves: ReadonlyMap<number, SlotMove>,
    private readonly throttles: Throttles,
    private readonly surveys: Surveys,
  ) {
    this.transitions = new SlotTransitions(context.topology, context.proposals, context.leadership, id);
  }

  /** Takes a batch as far as it goes: held slots are never left held by a request to pause. */
  async advance(batch: StepBatch, forward: boolean, interrupted: AbortSignal): Promise<void> {
    const { kind, from, to } = batch;
    let { slots } = batch;
    if (kind === 'RELEASE') return void (await this.transitions.arrive(slots, from, false));
    if (kind === 'WITHDRAW') return this.withdraw(batch, false);
    // On both sides, and before the first request goes the new way: a mover's command that comes late would
    // overwrite what clients have changed since.
    await this.context.fences.raise(from);
    await this.context.fences.raise(to);
    if (kind === 'HOLD' && forward) await this.surveys.refresh(from, numbersOf(slots), interrupted);
    if (kind === 'HOLD') slots = await this.transitions.hold(slots, from, to);
    if (kind !== 'MOVE') slots = await this.open({ ...batch, slots }, forward);
    interrupted.throwIfAborted();
    await this.move(slots, from, to, forward, interrupted);
  }

  /** Back to what the slots were before they were held. No request has gone the new way yet. */
  async withdraw({ slots, from, to, split }: StepBatch, claimed: boolean): Promise<void> {
    if (split) await this.transitions.open(slots, to, from);
    else await this.transitions.arrive(slots, from, claimed);
  }

  /**
   * Has the hold confirmed by every proxy, then lets requests bring their keys over. A proxy that does not
   * confirm stops the change, not the traffic: the slots go back to where they were.
   *
   * Nobody sends MIGRATE for these slots in between: what an earlier one may still have under way, in either
   * direction, is cut off now.
   */
  private async open(batch: StepBatch, forward: boolean): Promise<readonly Slot[]> {
    const { barrier, leadership, fences } = this.context;
    try {
      await barrier.wait(newest(batch.slots), leadership.signal);
    } catch (error) {
      if (error instanceof BarrierTimeoutError) await this.withdraw(batch, forward);
      throw error;
    }
    await Promise.all([fences.cutFeeds(batch.from), fences.cutFeeds(batch.to)]);
    return this.transitions.open(batch.slots, batch.from, batch.to);
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
    const numbers = numbersOf(slots);
    const move = this.moves.get(numbers[0] as number);
    const wanted = to === (forward ? move?.to : move?.from);
    // Keys on their way back were counted when they set out.
    const progress = forward && wanted ? this.record.progress?.batch(numbers) : undefined;
    try {
      await moveKeys({
        source,
        target,
        slots: new Set(numbers),
        known: this.surveys.latest(from)?.keys ?? null,
        connectionName: moverName(leadership.epoch, memberName),
        mayAct: () => leadership.isHeld(),
        // On the way back keys go home, however large they have become.
        maxKeyBytes: () => (forward && wanted ? topology.limits().maxKeyBytes : Number.POSITIVE_INFINITY),
        throttle: this.throttles.of(source.address),
        signal: interrupted,
        onMoved: (moved) => progress?.moved(moved),
      });
      progress?.finish();
    } catch (error) {
      fences.lower(source.address);
      progress?.abandon();
      throw error;
    }
    // Nothing is left to be brought over, so that nobody looks for late copies any more after this.
    await fences.cutFeeds(to);
    const arrived = await this.transitions.arrive(slots, to, !wanted);
    await barrier.wait(newest(arrived), leadership.signal);
  }
}

function numbersOf(slots: readonly Slot[]): number[] {
  return slots.map((slot) => slot.number);
}

/** The revision that a barrier for these slots waits for. */
export function newest(slots: readonly Slot[]): bigint {
  return slots.reduce((max, slot) => (slot.revision > max ? slot.revision : max), 0n);
}
