import { delay } from '../../common/async.js';
import { checkExpectedRevision, type Proposed } from '../../cluster/proposals.js';
import { refuse } from '../../common/refused.js';
import type { Endpoint } from '../routing-table.js';
import { SLOT_COUNT } from '../slots.js';
import { groupChanged, requireGroup } from '../topology/group-writes.js';
import { moverName } from '../connection-names.js';
import { topologyCollections as collections } from '../topology/records.js';
import { formatSlots } from '../topology/slot-writes.js';
import type { Topology } from '../topology/topology.js';
import { countKeysOf, removeKeys, sum } from './keys-at-target.js';
import { lookAtMaster } from './masters.js';
import type { RunnerContext } from './runner-context.js';

/** How long a request to remove them may take, in milliseconds. */
const REMOVAL_TIMEOUT_MS = 45_000;

export interface RemoveForeignKeys {
  readonly group: number;
  readonly dryRun: boolean;
  readonly expectedRevision?: bigint | null | undefined;
}

export interface ForeignKeysRemoved {
  readonly keys: number;
  readonly slots: readonly number[];
  /** Null when nothing was to be removed. */
  readonly proposed: Proposed | null;
}

/**
 * Keys that a master holds of slots which its group does not own: from an old snapshot, from a slot that was assigned
 * elsewhere by force, or from another use of the server. Nobody is served them, until the group gets those slots.
 */
export class ForeignKeys {
  private context: RunnerContext | undefined;

  constructor(private readonly topology: Topology) {}

  /** From now on this member leads, with what all its moves share. */
  attach(context: RunnerContext): void {
    this.context = context;
  }

  detach(): void {
    this.context = undefined;
  }

  /** Removes them, or with `dryRun` only counts them. To be called where the leader is. */
  remove(input: RemoveForeignKeys, actor: string): Promise<ForeignKeysRemoved> {
    const { context } = this;
    if (!context)
      return refuse('CONFLICT', null, 'This member has just begun to lead, or no longer leads; try again.');
    const group = requireGroup(this.topology, input.group, 'group');
    checkExpectedRevision(input.expectedRevision, group.revision, `Group ${input.group}`);
    const server = this.topology.masterEndpoint(input.group);
    if (!server) refuse('PRECONDITION_FAILED', 'group', `Group ${input.group} has no server.`);
    const signal = AbortSignal.any([context.leadership.signal, AbortSignal.timeout(REMOVAL_TIMEOUT_MS)]);
    return context.locks.run([input.group], signal, () =>
      this.removeAt(context, server, input, actor, signal),
    );
  }

  private async removeAt(
    context: RunnerContext,
    server: Endpoint,
    { group, dryRun }: RemoveForeignKeys,
    actor: string,
    signal: AbortSignal,
  ): Promise<ForeignKeysRemoved> {
    await lookAtMaster(server, group);
    const slots = this.foreignTo(group);
    const counts = await countKeysOf(server, slots, signal);
    const found = { keys: sum(counts), slots: [...counts.keys()].sort((a, b) => a - b), proposed: null };
    if (dryRun || found.keys === 0) return found;
    const { leadership, memberName, fences, cleaning } = context;
    const assigned = this.topology.view
      .list(collections.assignments)
      .find(({ value }) => value.group === group);
    if (assigned)
      refuse('IN_USE', 'group', `Operation ${assigned.id} gives slots to group ${group}; wait for its end.`);
    // From here on until nothing is under way any more, no assignment gives the group a slot.
    cleaning.add(group);
    try {
      await fences.raise(group);
      const keys = await removeKeys({
        server,
        slots,
        isDoomed: (slot) => this.foreignTo(group).has(slot),
        connectionName: moverName(leadership.epoch, memberName),
        mayAct: () => leadership.isHeld(),
        signal,
      });
      cleaning.delete(group);
      return {
        keys,
        slots: found.slots,
        proposed: await this.record(context, server, group, keys, found.slots, actor),
      };
    } catch (error) {
      void this.release(context, group);
      throw error;
    }
  }

  /** An UNLINK that was not answered may come late: until it cannot any more, the group gets no slot by assignment. */
  private async release({ leadership, fences, cleaning }: RunnerContext, group: number): Promise<void> {
    while (leadership.isHeld()) {
      const isRaised = await fences.raise(group).then(
        () => true,
        () => this.topology.masterEndpoint(group) === undefined,
      );
      if (isRaised) return void cleaning.delete(group);
      await delay(1_000, leadership.signal).catch(() => undefined);
    }
  }

  private record(
    { proposals, leadership }: RunnerContext,
    server: Endpoint,
    group: number,
    keys: number,
    slots: readonly number[],
    actor: string,
  ): Promise<Proposed | null> {
    const what = `Removed ${keys} keys of slots ${formatSlots(slots)}, which group ${group} does not own, from ${server.address}`;
    return proposals.run(() => ({
      conditions: [leadership.condition],
      // They are counted anew.
      operations: [{ delete: collections.foreignKeys.key(String(group)) }],
      action: groupChanged(this.topology, group, what, actor),
    }));
  }

  private foreignTo(group: number): Set<number> {
    const own = new Set(this.topology.slotsOf(group).map(({ number }) => number));
    return new Set(Array.from({ length: SLOT_COUNT }, (_, slot) => slot).filter((slot) => !own.has(slot)));
  }
}
