import type { Operations } from '../../cluster/operations.js';
import type { Proposed } from '../../cluster/proposals.js';
import { errorMessage } from '../../common/errors.js';
import { refuse } from '../../common/refused.js';
import { topologyCollections as collections } from '../topology/records.js';
import { formatSlots } from '../topology/slot-writes.js';
import type { Slot, Topology } from '../topology/topology.js';
import { FunctionsMissingError, requireFunctions } from './functions.js';
import { lookAtMaster, NotMasterError } from './masters.js';
import type { PlannedMove } from './plan.js';
import { rehearse, RehearsalError } from './rehearsal.js';

export type Direction = 'FORWARD' | 'BACK';

/** What an operator may ask of moves of slots, with what has to be known before it is promised. */
export class Moves {
  constructor(
    private readonly topology: Topology,
    private readonly operations: Operations,
  ) {}

  /**
   * Refuses a plan that could not be carried out, before anybody pays for it: for each pair of groups a server that is no
   * master, a target that cannot take what the source sends, or one that lacks functions which clients call at the source.
   */
  async rehearse(moves: readonly PlannedMove[]): Promise<void> {
    const pairs = new Map(moves.map((move) => [`${move.from}-${move.to}`, move]));
    for (const { from, to } of pairs.values()) {
      const [source, target] = [this.topology.masterEndpoint(from), this.topology.masterEndpoint(to)];
      if (!source || !target) continue;
      try {
        await Promise.all([lookAtMaster(source, from), lookAtMaster(target, to)]);
        await rehearse(source, target);
        await requireFunctions(source, target);
      } catch (error) {
        const isRefusal = [RehearsalError, NotMasterError, FunctionsMissingError].some(
          (each) => error instanceof each,
        );
        refuse(isRefusal ? 'PRECONDITION_FAILED' : 'UNREACHABLE', [], errorMessage(error), {
          cause: error,
        });
      }
    }
  }

  /** Goes on the way that it went, or the one that is asked for. */
  async resume(id: string, direction: Direction | null | undefined, actor: string): Promise<Proposed | null> {
    if (direction === 'FORWARD') return this.operations.resumeForward(id, actor);
    const isReturning =
      this.operations.get(id)?.value.returning === true ||
      this.topology.view.get(collections.plans, id)?.value.returning === true;
    if (direction === 'BACK' || isReturning) return this.operations.cancel(id, actor);
    return this.operations.resume(id, actor);
  }

  /** Refuses when the keys that have moved cannot go back: cancelling would leave clients without them. */
  async cancel(id: string, actor: string): Promise<Proposed | null> {
    const moving = this.topology
      .slots()
      .filter((slot) => slot.operation === id && slot.status === 'MIGRATE' && slot.targetGroup !== null);
    for (const slots of byWay(moving)) await this.requireWayBack(id, slots);
    return this.operations.cancel(id, actor);
  }

  private async requireWayBack(id: string, slots: readonly Slot[]): Promise<void> {
    const [first] = slots;
    if (!first || first.group === null || first.targetGroup === null) return;
    const home = this.topology.masterEndpoint(first.group);
    const away = this.topology.masterEndpoint(first.targetGroup);
    if (!home || !away) return;
    try {
      await rehearse(away, home);
    } catch (error) {
      // A server that cannot be reached now may be soon; what one does not take, it never will.
      if (!(error instanceof RehearsalError) || /IOERR/.test(error.message)) return;
      refuse(
        'PRECONDITION_FAILED',
        'id',
        `Operation ${id} cannot be cancelled any more, because there is no way back: ${error.message}. Slots ` +
          `${formatSlots(slots.map(({ number }) => number))} have keys in both groups, and clients are served them. Let it ` +
          'go on forward (resumeOperation), or pause it.',
        { cause: error },
      );
    }
  }
}

function byWay(slots: readonly Slot[]): Slot[][] {
  const ways = new Map<string, Slot[]>();
  for (const slot of slots) {
    const way = `${slot.group}-${slot.targetGroup}`;
    ways.set(way, [...(ways.get(way) ?? []), slot]);
  }
  return [...ways.values()];
}
