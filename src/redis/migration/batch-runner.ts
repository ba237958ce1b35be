import { QuorateError } from '../../common/errors.js';
import { BarrierTimeoutError } from '../topology/barrier.js';
import { moverName } from '../topology/fencing.js';
import type { Slot } from '../topology/topology.js';
import { GroupSize } from './group-size.js';
import { groupsOf } from './groups-in-use.js';
import { moveKeys, moveListedKeys } from './key-mover.js';
import type { MoveBatch } from './migrate-keys.js';
import type { Throttles } from './limits.js';
import type { OperationLog } from './operation-log.js';
import type { SlotMove } from './plan.js';
import type { BatchProgress } from './progress.js';
import type { RunnerContext } from './runner-context.js';
import { numbersOf, SlotTransitions, type Way } from './slot-transitions.js';
import type { StepBatch } from './steps.js';
import { isFresh, type Surveys } from './surveys.js';

/** How many slots set out together; each time costs two barriers, and holds the requests for so many slots. */
const SLOTS_TOGETHER = 32;

/** Takes batches of one operation's slots through their steps: hold, open, move the keys, arrive; or turn round. */
export class BatchRunner {
  private readonly transitions: SlotTransitions;
  private readonly sizes = new Map<string, GroupSize>();

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
    const { kind, from, to, slots } = batch;
    if (kind === 'RELEASE') return void (await this.transitions.arrive(slots, from, false));
    if (kind === 'WITHDRAW') return this.withdraw(batch, false);
    if (kind === 'TURN') return this.turn([batch]);
    // On both sides, and before the first request goes the new way: a mover's command that comes late would
    // overwrite what clients have changed since.
    await this.context.fences.raise(from);
    await this.context.fences.raise(to);
    if (kind === 'HOLD' && forward) await this.surveys.complete(from, numbersOf(slots), interrupted);
    await this.move(batch, forward, interrupted);
  }

  /** Back to what the slots were before they were held. No request has gone the new way yet. */
  async withdraw({ slots, from, to, split }: StepBatch, claimed: boolean): Promise<void> {
    if (split) await this.transitions.open([{ slots, from: to, to: from }]);
    else await this.transitions.arrive(slots, from, claimed);
  }

  /**
   * Sends slots that have keys in both groups back, all of them together: while some still went forward, servers would
   * send keys to each other (`groups-in-use.ts`).
   */
  async turn(batches: readonly StepBatch[]): Promise<void> {
    const { barrier, leadership, fences } = this.context;
    for (const group of groupsOf(batches)) await fences.raise(group);
    const held = await this.transitions.holdAgain(batches);
    const ways = batches.map(({ from, to }) => ({ from, to, slots: among(held, from, to) }));
    const back = ways.map(({ from, to, slots }) => ({ from: to, to: from, slots }));
    const open = await this.open(ways, () => this.transitions.open(back));
    await barrier.wait(newest(open), leadership.signal);
  }

  /**
   * Has the hold confirmed by every proxy, then lets requests bring their keys over. A proxy that does not
   * confirm stops the change, not the traffic: the slots go back to where they were.
   *
   * Nobody sends MIGRATE for these slots in between: what an earlier one may still have under way, in either
   * direction, is cut off now.
   */
  private async open(ways: readonly Way[], undo: () => Promise<unknown>): Promise<readonly Slot[]> {
    const { barrier, leadership, fences } = this.context;
    try {
      await barrier.wait(newest(ways.flatMap(({ slots }) => slots)), leadership.signal);
    } catch (error) {
      if (error instanceof BarrierTimeoutError) await undo();
      throw error;
    }
    const groups = groupsOf(ways);
    await Promise.all(groups.map((group) => fences.cutFeeds(group, groups)));
    return this.transitions.open(ways);
  }

  private async move(batch: StepBatch, forward: boolean, interrupted: AbortSignal): Promise<void> {
    const { barrier, leadership, fences } = this.context;
    const { from, to, kind } = batch;
    const numbers = numbersOf(batch.slots);
    const planned = this.moves.get(numbers[0] as number);
    const wanted = to === (forward ? planned?.to : planned?.from);
    // Keys on their way back were counted when they set out.
    const progress = forward && wanted ? this.record.progress?.batch(numbers) : undefined;
    const settings = this.settings(batch, forward && wanted, progress, interrupted);
    const known = this.surveys.latest(from);
    const opened: Slot[] = [];
    try {
      for (const slots of kind === 'HOLD' ? inParts(batch.slots) : [batch.slots]) {
        interrupted.throwIfAborted();
        const open = await this.setOut({ ...batch, slots });
        opened.push(...open);
        interrupted.throwIfAborted();
        const part = { ...settings, slots: new Set(numbersOf(open)) };
        if (known) await moveListedKeys(part, known.keys, isFresh(known));
      }
      await moveKeys(settings);
      progress?.finish();
    } catch (error) {
      progress?.abandon();
      throw error;
    }
    // Nothing is left to be brought over, so that nobody looks for late copies any more after this.
    await fences.cutFeeds(to, [from]);
    const arrived = await this.transitions.arrive(opened, to, !wanted);
    await barrier.wait(newest(arrived), leadership.signal);
  }

  /** Until every proxy knows that it has to bring keys over. */
  private async setOut(batch: StepBatch): Promise<readonly Slot[]> {
    const { barrier, leadership } = this.context;
    let { slots } = batch;
    if (batch.kind === 'HOLD') slots = await this.transitions.hold(batch);
    if (batch.kind !== 'MOVE') {
      const way = { ...batch, slots };
      slots = await this.open([way], () => this.withdraw(way, true));
    }
    await barrier.wait(newest(slots), leadership.signal);
    return slots;
  }

  private sizeAt(source: string): GroupSize {
    let size = this.sizes.get(source);
    if (!size) this.sizes.set(source, (size = new GroupSize()));
    return size;
  }

  private settings(
    { slots, from, to }: StepBatch,
    limited: boolean,
    progress: BatchProgress | undefined,
    signal: AbortSignal,
  ): MoveBatch {
    const { leadership, topology, memberName } = this.context;
    const source = topology.masterEndpoint(from);
    const target = topology.masterEndpoint(to);
    if (!source || !target) throw new QuorateError('NO_MASTER', `Group ${source ? to : from} has no master.`);
    return {
      source,
      target,
      slots: new Set(numbersOf(slots)),
      size: this.sizeAt(source.address),
      connectionName: moverName(leadership.epoch, memberName),
      mayAct: () => leadership.isHeld(),
      // On the way back keys go home, however large they have become.
      maxKeyBytes: () => (limited ? topology.limits().maxKeyBytes : Number.POSITIVE_INFINITY),
      throttle: this.throttles.of(source.address),
      signal,
      onMoved: (moved) => progress?.moved(moved),
    };
  }
}

/**
 * The slots that set out together. A request for a key that has not moved yet costs much more than any other, so
 * few slots are in that state at a time; the scan that proves that nothing is left is for the whole batch.
 */
function* inParts(slots: readonly Slot[]): Generator<readonly Slot[]> {
  for (let i = 0; i < slots.length; i += SLOTS_TOGETHER) yield slots.slice(i, i + SLOTS_TOGETHER);
}

/** Those that go from one of the groups to the other. */
function among(slots: readonly Slot[], from: number, to: number): Slot[] {
  return slots.filter((slot) => slot.group === from && slot.targetGroup === to);
}

/** The revision that a barrier for these slots waits for. */
export function newest(slots: readonly Slot[]): bigint {
  return slots.reduce((max, slot) => (slot.revision > max ? slot.revision : max), 0n);
}
