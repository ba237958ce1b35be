import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { putOperation, type Operations } from '../../cluster/operations.js';
import type { FirstChange } from '../../cluster/idempotency.js';
import type { Claim, ProposalDraft, Proposals, Proposed } from '../../cluster/proposals.js';
import { collections as shared, isFinished } from '../../cluster/records.js';
import { refuse } from '../../common/refused.js';
import type { Condition } from '../../coordinator/types.js';
import { SLOT_COUNT } from '../slots.js';
import { Barrier, BarrierTimeoutError } from '../topology/barrier.js';
import type { FeatureLevels } from '../topology/feature-levels.js';
import { topologyCollections as collections, type KeysAtTarget } from '../topology/records.js';
import { formatSlots, slotWrites } from '../topology/slot-writes.js';
import {
  checkRange,
  groupConditions,
  refuseClaimed,
  requireSlots,
  type SlotChanges,
} from '../topology/slot-changes.js';
import type { Slot, Topology } from '../topology/topology.js';

export interface AssignSlots {
  readonly from: number;
  readonly to: number;
  /** Null makes them OFFLINE. */
  readonly group?: number | null | undefined;
  /** Also slots that have a group; their keys stay behind. */
  readonly force: boolean;
  /** Gives up what is under way at the old owners, and slots' moves that are paused. */
  readonly acceptDataLoss: boolean;
  readonly keysAtTarget: KeysAtTarget;
}

/** The answer to a repeated request. */
const startedAssignment = z.object({ operation: z.string() });

/** How much longer than its barrier an assignment is waited for: it may have a server's keys to look through. */
const PATIENCE_MS = 60_000;

/**
 * Changes of slots' owners that move no data. Each is an operation, carried out by the leader's `AssignmentRunner`, so
 * that the next leader finds it when this one is lost half-way; whoever asked for it waits here for its end.
 */
export class Assignments {
  /** Why those of this process failed, as whoever asked for them is told. */
  private readonly failures = new Map<string, unknown>();

  constructor(
    private readonly topology: Topology,
    private readonly proposals: Proposals,
    private readonly operations: Operations,
    private readonly slots: SlotChanges,
    private readonly features: FeatureLevels,
    private readonly barrierTimeoutMs: number,
  ) {}

  /** Creates the slots, all OFFLINE. With force, takes existing ones away from their groups. */
  init(
    { force, acceptDataLoss }: Pick<AssignSlots, 'force' | 'acceptDataLoss'>,
    actor: string,
  ): Promise<Proposed | null> {
    if (!force || !this.topology.hasSlots()) return this.slots.create(actor);
    const all = { from: 0, to: SLOT_COUNT - 1, group: null, force, acceptDataLoss };
    return this.carryOut({ ...all, keysAtTarget: 'KEEP' }, 'force', actor);
  }

  /**
   * Resolves when every proxy routes the slots as asked, or has held them since before they were changed. Refuses, and
   * leaves the slots as they were, when a proxy does not confirm that it holds them.
   */
  async assign(input: AssignSlots, actor: string, claim?: Claim): Promise<Proposed | null> {
    checkRange(input.from, input.to);
    return this.carryOut(input, 'from', actor, claim);
  }

  /** Waits for the end of an assignment that was started when it was asked for first. */
  assignedBefore({ proposed, answer }: FirstChange): Promise<Proposed> {
    return this.outcome(startedAssignment.parse(answer).operation, proposed);
  }

  /** False of an assignment that failed: it has left the slots as they were. */
  stands(answer: unknown): boolean {
    const { operation } = startedAssignment.parse(answer);
    return this.operations.get(operation)?.value.state !== 'FAILED';
  }

  private async carryOut(
    input: AssignSlots,
    slotsPath: string,
    actor: string,
    claim?: Claim,
  ): Promise<Proposed | null> {
    const id = randomUUID();
    const started = await this.proposals.run(() => this.draft(id, input, slotsPath, actor), claim);
    return started && this.outcome(id, started);
  }

  /** Called by the runner of an assignment, before it is stored that it failed. */
  noteFailure(id: string, error: unknown): void {
    this.failures.set(id, error);
  }

  private draft(id: string, input: AssignSlots, slotsPath: string, actor: string): ProposalDraft | null {
    requireSlots(this.topology);
    this.features.require(2, 'Assigning slots');
    const group = input.group ?? null;
    const slots = this.topology
      .slots(input.from, input.to)
      .filter((slot) => slot.group !== group || slot.operation !== null);
    const taken = this.takenFrom(slots, input.acceptDataLoss, slotsPath);
    const online = slots.filter((slot) => slot.status !== 'OFFLINE').map((slot) => slot.number);
    if (online.length > 0 && !input.force) {
      refuse(
        'PRECONDITION_FAILED',
        'force',
        `Slots ${formatSlots(online)} belong to a group and may hold data, which would stay behind. Move them ` +
          'with moveSlots, or force the assignment.',
      );
    }
    const target = groupConditions(this.topology, group === null ? [] : [group], 'group');
    if (slots.length === 0) return null;
    const writes = slotWrites(
      this.topology,
      new Map(slots.map((slot) => [slot.number, { ...valueOf(slot), operation: id }])),
    );
    const where = group === null ? 'no group' : `group ${group}`;
    const how = input.acceptDataLoss ? ', forced, accepting the loss of data' : input.force ? ', forced' : '';
    const title = `Assign slots ${formatSlots(slots.map(({ number }) => number))} to ${where}${how}`;
    return {
      conditions: [...writes.conditions, ...target, ...taken.conditions],
      operations: [
        ...writes.operations,
        ...taken.touched,
        {
          put: collections.assignments.key(id),
          value: collections.assignments.encode({
            group,
            keysAtTarget: input.keysAtTarget,
            acceptDataLoss: input.acceptDataLoss,
            before: slots.map((slot) => ({ number: slot.number, slot: valueOf(slot) })),
          }),
        },
        putOperation(id, {
          kind: 'ASSIGN_SLOTS',
          state: 'PENDING',
          title,
          done: 0,
          total: slots.length,
          unit: 'slots',
          rate: null,
          error: null,
          returning: false,
          startedBy: actor,
          startedAt: new Date().toISOString(),
          finishedAt: null,
        }),
      ],
      action: { type: 'OPERATION_CHANGED', description: title, target: `operation/${id}`, actor },
      answer: { operation: id } satisfies z.infer<typeof startedAssignment>,
    };
  }

  /**
   * Slots are taken only from an operation that rests, by whoever accepts that its data are lost: with a source or a
   * target that never comes back there is no other way out. The operation cannot go on meanwhile: its record is written
   * anew here, and `operationOf` below keeps it from being resumed.
   */
  private takenFrom(slots: readonly Slot[], acceptDataLoss: boolean, field: string) {
    if (!acceptDataLoss) refuseClaimed(slots, field);
    const conditions: Condition[] = [];
    const touched = [];
    for (const id of new Set(slots.flatMap(({ operation }) => operation ?? []))) {
      const operation = this.operations.get(id);
      if (!operation || isFinished(operation.value.state)) continue;
      if (operation.value.state !== 'PAUSED') {
        refuseClaimed(
          slots.filter((slot) => slot.operation === id),
          field,
        );
      }
      conditions.push({ key: shared.operations.key(id), modRevision: operation.revision });
      touched.push(putOperation(id, operation.value));
    }
    return { conditions, touched };
  }

  private async outcome(id: string, started: Proposed): Promise<Proposed> {
    const patience = AbortSignal.timeout(this.barrierTimeoutMs + PATIENCE_MS);
    const operation = () => this.operations.get(id);
    const rests = (): boolean => {
      const state = operation()?.value.state;
      return state === undefined || state === 'PAUSED' || isFinished(state);
    };
    await this.topology.view.until(rests, patience).catch(() => undefined);
    const failure = this.failures.get(id);
    this.failures.delete(id);
    if (failure instanceof Error) throw failure;
    const { value, revision } = operation() ?? {};
    if (value?.state !== 'SUCCEEDED' || revision === undefined) {
      return refuse(
        'TIMEOUT',
        null,
        `${value?.title ?? 'The assignment'} has not come about yet; operation ${id} says how it is.`,
      );
    }
    await this.confirmed(revision);
    return { ...started, revision };
  }

  /** Proxies that are late hold the slots meanwhile; they have confirmed that, and nothing can go wrong by it. */
  private async confirmed(revision: bigint): Promise<void> {
    const barrier = new Barrier(this.topology, this.barrierTimeoutMs);
    await barrier.wait(revision, new AbortController().signal).catch((error: unknown) => {
      if (!(error instanceof BarrierTimeoutError)) throw error;
    });
  }
}

/** The assignment, if any, that has taken slots from an operation and may have to give them back. */
export function assignmentFrom(topology: Topology, operation: string): string | undefined {
  return topology.view
    .list(collections.assignments)
    .find(({ value }) => value.before.some(({ slot }) => slot.operation === operation))?.id;
}

function valueOf({ status, group, targetGroup, operation, changedAt }: Slot) {
  return { status, group, targetGroup, operation, changedAt };
}
