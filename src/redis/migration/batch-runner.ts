import { BarrierTimeoutError } from '../topology/barrier.js';
import { moverName } from '../connection-names.js';
import type { Slot } from '../topology/topology.js';
import { GroupSize } from './group-size.js';
import { groupsOf, requireGroupsFree } from './groups-in-use.js';
import { moveKeys, moveListedKeys } from './key-mover.js';
import { lookAtMaster, requireMaster, requireSameHistory, type MasterState } from './masters.js';
import type { KeyMove } from './migrate-keys.js';
import type { Throttles } from './limits.js';
import type { OperationLog } from './operation-log.js';
import type { Pace, Paces } from './pace.js';
import type { PlannedMove } from './plan.js';
import type { BatchProgress } from './progress.js';
import { rehearse } from './rehearsal.js';
import type { RunnerContext } from './runner-context.js';
import { numbersOf, SlotTransitions, type SlotMove } from './slot-transitions.js';
import type { MoveStep } from './steps.js';
import { isFresh, type Surveys } from './surveys.js';
import type { Targets } from './targets.js';

/** How many slots set out together; each time costs two barriers, and holds the requests for so many slots. */
const SLOTS_TOGETHER = 32;
/** While the source has clients that are to be spared. */
const SPARING_SLOTS_TOGETHER = 16;

/** Takes batches of one operation's slots through their steps: hold, open, move the keys, arrive; or turn round. */
export class BatchRunner {
  private readonly transitions: SlotTransitions;
  private readonly sizes = new Map<string, GroupSize>();

  constructor(
    private readonly context: RunnerContext,
    private readonly id: string,
    private readonly record: OperationLog,
    private readonly moves: ReadonlyMap<number, PlannedMove>,
    private readonly throttles: Throttles,
    private readonly surveys: Surveys,
    private readonly targets: Targets,
    private readonly paces: Paces,
  ) {
    this.transitions = new SlotTransitions(context.topology, context.proposals, context.leadership, id);
  }

  /** Takes a batch as far as it goes: held slots are never left held by a request to pause. */
  async advance(batch: MoveStep, forward: boolean, interrupted: AbortSignal): Promise<void> {
    const { kind, from, to, slots } = batch;
    if (kind === 'RELEASE') return this.release(slots, from);
    if (kind === 'WITHDRAW') return this.withdraw(batch, false);
    if (kind === 'REVERSE') return this.reverse([batch], forward);
    // On both sides, and before the first request goes the new way: a mover's command that comes late would
    // overwrite what clients have changed since.
    await this.context.fences.raise(from);
    await this.context.fences.raise(to);
    if (kind === 'HOLD' && forward) {
      await this.prepare(from, to, interrupted);
      await this.surveys.complete(from, numbersOf(slots), interrupted);
      await this.targets.requireRoom(to, this.surveys.bytesOf(from, numbersOf(slots)));
    }
    await this.move(batch, forward, interrupted);
  }

  /** Makes sure that the slots which are still to go from one group to the other can. Both groups are the caller's. */
  async prepare(from: number, to: number, interrupted: AbortSignal): Promise<void> {
    const { topology, fences } = this.context;
    const waiting = [...this.moves.values()].filter((move) => {
      const slot = topology.slot(move.slot);
      return move.from === from && move.to === to && slot?.operation === this.id && slot.status === 'ONLINE';
    });
    requireGroupsFree(topology, [from, to], this.id);
    await fences.raise(to);
    await this.targets.prepare(from, to, new Set(waiting.map(({ slot }) => slot)), interrupted);
  }

  private async rehearse(from: number, to: number): Promise<void> {
    const { topology } = this.context;
    await rehearse(requireMaster(topology, from), requireMaster(topology, to));
  }

  private look(groups: readonly number[]): Promise<MasterState[]> {
    return Promise.all(
      groups.map((group) => lookAtMaster(requireMaster(this.context.topology, group), group)),
    );
  }

  /** What was being removed at the target, and was not answered, must not come late when others move slots there. */
  private async release(slots: readonly Slot[], group: number): Promise<void> {
    if (this.record.plan?.discardAtTarget === true) {
      for (const to of new Set(slots.map(({ number }) => this.moves.get(number)?.to))) {
        if (to !== undefined && to !== group) await this.context.fences.raise(to);
      }
    }
    await this.transitions.arrive(slots, group, false);
  }

  /** Back to what the slots were before they were held. No request has gone the new way yet. */
  async withdraw({ slots, from, to, split }: MoveStep, claimed: boolean): Promise<void> {
    if (split) await this.transitions.open([{ slots, from: to, to: from }]);
    else await this.transitions.arrive(slots, from, claimed);
  }

  /**
   * Sends slots that have keys in both groups the other way, all of them together: while some still went on, servers
   * would send keys to each other (`groups-in-use.ts`).
   */
  async reverse(batches: readonly MoveStep[], forward: boolean): Promise<void> {
    const { barrier, leadership, fences } = this.context;
    for (const group of groupsOf(batches)) await fences.raise(group);
    for (const { from, to } of batches) await this.rehearse(from, to);
    // Stored as on their way back, in either direction: that tells whoever finds them held that they have keys in both.
    const asBack = (slotMove: SlotMove): SlotMove =>
      forward ? { slots: slotMove.slots, from: slotMove.to, to: slotMove.from } : slotMove;
    const held = await this.transitions.holdAgain(batches.map(asBack));
    const slotMoves = batches.map(({ from, to, slots }) => ({ from, to, slots: among(held, slots) }));
    const back = slotMoves.map(({ from, to, slots }) => ({ from: to, to: from, slots }));
    const open = await this.open(slotMoves, () => this.transitions.open(back));
    await barrier.wait(newest(open), leadership.signal);
  }

  /**
   * Has the hold confirmed by every proxy, then lets requests bring their keys over. A proxy that does not
   * confirm stops the change, not the traffic: the slots go back to where they were.
   *
   * Nobody sends MIGRATE for these slots in between: what an earlier one may still have under way, in either
   * direction, is cut off now.
   */
  private async open(slotMoves: readonly SlotMove[], undo: () => Promise<unknown>): Promise<readonly Slot[]> {
    const { barrier, leadership, fences } = this.context;
    try {
      await barrier.wait(newest(slotMoves.flatMap(({ slots }) => slots)), leadership.signal);
    } catch (error) {
      if (error instanceof BarrierTimeoutError) await undo();
      throw error;
    }
    const groups = groupsOf(slotMoves);
    await Promise.all(groups.map((group) => fences.cutMigrateConnections(group, groups)));
    return this.transitions.open(slotMoves);
  }

  private async move(batch: MoveStep, forward: boolean, interrupted: AbortSignal): Promise<void> {
    const { barrier, leadership, fences } = this.context;
    const { from, to, kind } = batch;
    const numbers = numbersOf(batch.slots);
    const planned = this.moves.get(numbers[0] as number);
    const wanted = to === (forward ? planned?.to : planned?.from);
    // Keys on their way back were counted when they set out.
    const progress = forward && wanted ? this.record.progress?.batch(numbers) : undefined;
    const settings = this.settings(batch, forward && wanted, progress, interrupted);
    const known = this.surveys.latest(from);
    const before = await this.look([from, to]);
    const opened: Slot[] = [];
    try {
      for (const slots of kind === 'HOLD' ? this.parts(batch.slots, settings.pace) : [batch.slots]) {
        interrupted.throwIfAborted();
        const open = await this.beginMove({ ...batch, slots });
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
    await fences.cutMigrateConnections(to, [from]);
    const now = await this.look([from, to]);
    [from, to].forEach((group, i) => requireSameHistory(before[i]!, now[i]!, group));
    const arrived = await this.transitions.arrive(opened, to, !wanted);
    await barrier.wait(newest(arrived), leadership.signal);
  }

  /**
   * The slots that set out together. A request for a key that has not moved yet costs much more than any other, so
   * few slots are in that state at a time; the scan that proves that nothing is left is for the whole batch.
   */
  private *parts(slots: readonly Slot[], pace: Pace): Generator<readonly Slot[]> {
    for (let i = 0; i < slots.length;) {
      const together = pace.spares ? SPARING_SLOTS_TOGETHER : SLOTS_TOGETHER;
      yield slots.slice(i, i + together);
      i += together;
    }
  }

  /** Until every proxy knows that it has to bring keys over. */
  private async beginMove(batch: MoveStep): Promise<readonly Slot[]> {
    const { barrier, leadership } = this.context;
    let { slots } = batch;
    if (batch.kind === 'HOLD') slots = await this.transitions.hold(batch);
    if (batch.kind !== 'MOVE') {
      const slotMove = { ...batch, slots };
      slots = await this.open([slotMove], () => this.withdraw(slotMove, true));
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
    { slots, from, to }: MoveStep,
    limited: boolean,
    progress: BatchProgress | undefined,
    signal: AbortSignal,
  ): KeyMove {
    const { leadership, topology, memberName } = this.context;
    const source = requireMaster(topology, from);
    const target = requireMaster(topology, to);
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
      pace: this.paces.of(source.address),
      signal,
      onMoved: (moved) => progress?.moved(moved),
    };
  }
}

/** Slots as they were left by the last step. */
function among(held: readonly Slot[], slots: readonly Slot[]): Slot[] {
  const numbers = new Set(numbersOf(slots));
  return held.filter(({ number }) => numbers.has(number));
}

/** The revision that a barrier for these slots waits for. */
export function newest(slots: readonly Slot[]): bigint {
  return slots.reduce((max, slot) => (slot.revision > max ? slot.revision : max), 0n);
}
