import { QuorateError } from '../../common/errors.js';
import { formatBytes } from '../../common/format-bytes.js';
import { moverName } from '../connection-names.js';
import { countKeysOf, KeysAtTargetError, removeKeys } from './keys-at-target.js';
import { lookAtMaster, requireMaster, type MasterState } from './masters.js';
import { rehearse } from './rehearsal.js';
import type { RunnerContext } from './runner-context.js';

/** What a move may fill of a target's maxmemory: beyond that clients' own writes would be refused, or keys evicted. */
const USABLE = 0.9;

/** A server has no room for what is to move there. */
export class NoRoomError extends QuorateError {
  constructor({ address, usedMemory, maxMemory }: MasterState, bytes: number) {
    super(
      'NO_ROOM',
      `${address} uses ${formatBytes(usedMemory)} of ${formatBytes(maxMemory)} (maxmemory); the slots that are next take ${formatBytes(bytes)} more, ` +
        `and a move fills a server to ${USABLE * 100} % at the most. Raise maxmemory, or move fewer slots there.`,
    );
  }
}

/** What an operation has made sure of at the servers to which its slots move. */
export class Targets {
  private readonly clean = new Map<
    number,
    { readonly history: string; readonly slots: ReadonlySet<number> }
  >();
  private readonly rehearsed = new Set<string>();

  constructor(
    private readonly context: RunnerContext,
    private readonly discard: () => boolean,
  ) {}

  /**
   * Resolves once a target has been seen to be a master that can take keys of the source, and to hold none of these
   * slots'. Whoever asks has both groups to itself. A target that was started again is looked at anew: it may hold what
   * it held when it saved its data last.
   *
   * @param all slots of the operation that are still to go there
   */
  async prepare(from: number, to: number, all: ReadonlySet<number>, signal: AbortSignal): Promise<void> {
    const { topology } = this.context;
    const source = requireMaster(topology, from);
    const target = requireMaster(topology, to);
    const [origin, state] = await Promise.all([lookAtMaster(source, from), lookAtMaster(target, to)]);
    const pair = `${origin.history} ${state.history}`;
    if (!this.rehearsed.has(pair)) {
      await rehearse(source, target);
      this.rehearsed.add(pair);
    }
    const known = this.clean.get(to);
    if (known?.history === state.history && [...all].every((slot) => known.slots.has(slot))) return;
    const counts = await countKeysOf(target, all, signal);
    if (counts.size > 0) {
      if (!this.discard()) throw new KeysAtTargetError(target.address, counts, ADVICE);
      await this.remove(to, all, signal);
    }
    this.clean.set(to, { history: state.history, slots: all });
  }

  /** Refuses a batch for which a target has no room. */
  async requireRoom(to: number, bytes: number): Promise<void> {
    const state = await lookAtMaster(requireMaster(this.context.topology, to), to);
    if (state.maxMemory > 0 && state.usedMemory + bytes > state.maxMemory * USABLE)
      throw new NoRoomError(state, bytes);
  }

  /** What it has sent and was not answered is cut off by the fence that is raised before each batch. */
  private async remove(to: number, slots: ReadonlySet<number>, signal: AbortSignal): Promise<void> {
    const { topology, leadership, memberName } = this.context;
    await removeKeys({
      server: requireMaster(topology, to),
      slots,
      isDoomed: (slot) => slots.has(slot),
      connectionName: moverName(leadership.epoch, memberName),
      mayAct: () => leadership.isHeld(),
      signal,
    });
  }
}

const ADVICE =
  'Nothing has moved there. Cancel the operation and repeat it with discardAtTarget, which removes them first; or, if ' +
  'they are the right ones, give those slots to that group with assignSlots.';
