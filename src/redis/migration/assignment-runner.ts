import { Backoff, delay } from '../../common/async.js';
import { errorMessage, QuorateError } from '../../common/errors.js';
import { refuse, RefusedError, type Field, type RefusalCode } from '../../common/refused.js';
import { putOperation } from '../../cluster/operations.js';
import type { ProposalDraft } from '../../cluster/proposals.js';
import type { OperationState } from '../../cluster/records.js';
import type { Condition, WriteOperation } from '../../coordinator/types.js';
import { BarrierTimeoutError } from '../topology/barrier.js';
import { moverName } from '../connection-names.js';
import {
  topologyCollections as collections,
  type AssignmentRecord,
  type SlotRecord,
} from '../topology/records.js';
import { formatSlots, slotWrites } from '../topology/slot-writes.js';
import { groupConditions } from '../topology/slot-changes.js';
import type { Slot } from '../topology/topology.js';
import { newest } from './batch-runner.js';
import { countKeysOf, KeysAtTargetError, removeKeys } from './keys-at-target.js';
import type { RunnerContext } from './runner-context.js';
import { requireMaster } from './masters.js';

/** How long keys of the slots are looked for at their new owner, in milliseconds. */
const LOOK_TIMEOUT_MS = 45_000;

type Target = Omit<SlotRecord, 'changedAt'>;

/**
 * Carries out one change of slots' owners that moves no data.
 *
 * A proxy that is not in touch would go on sending requests to the old owner, while the others send theirs to the new
 * one: two proxies that write one slot at two groups. So the slots are held first, every proxy confirms that it has
 * nothing of them in flight and holds them, and only then do they belong to the new owner; a proxy that learns of that
 * late holds them until then. Slots that were OFFLINE are routed by nobody and need no hold: they became so under one.
 *
 * What comes next follows from the stored slots alone, so whoever leads next resumes it.
 */
export class AssignmentRunner {
  private readonly connectionName: string;

  constructor(
    private readonly context: RunnerContext,
    private readonly id: string,
  ) {
    this.connectionName = moverName(context.leadership.epoch, context.memberName);
  }

  /** Never rejects: what went wrong is written into the operation, or another leader takes over. */
  async run(): Promise<void> {
    const { leadership, log } = this.context;
    const backoff = new Backoff(200, 5_000);
    while (leadership.isHeld() && this.isUnfinished()) {
      try {
        await this.work();
        return;
      } catch (error) {
        if (!leadership.isHeld()) return;
        log.warn(
          { operation: this.id, reason: errorMessage(error) },
          'An assignment of slots was stopped by an error',
        );
        if (this.mayGiveUp()) {
          this.context.onAssignmentFailed(this.id, asRefusal(error));
          await this.undo(errorMessage(error)).catch((undoing: unknown) =>
            log.warn({ operation: this.id, reason: errorMessage(undoing) }, 'It could not be undone yet'),
          );
        } else {
          await this.note(errorMessage(error)).catch(() => undefined);
        }
        if (this.isUnfinished()) await delay(backoff.next(), leadership.signal).catch(() => undefined);
      }
    }
  }

  private async work(): Promise<void> {
    const { plan } = this;
    if (!plan) return;
    if (!this.slots().some(isHeld)) {
      await this.prepareTarget(plan);
      if (this.slots().some(({ status }) => status !== 'OFFLINE')) await this.hold(plan);
    }
    const { barrier, leadership, fences } = this.context;
    const held = this.slots().filter(isHeld);
    if (held.length > 0) await barrier.wait(newest(held), leadership.signal);
    // What a move that was given up had under way must not arrive behind what clients write at the new owner.
    const sources = plan.before.flatMap(({ slot }) =>
      slot.targetGroup === plan.group ? (slot.group ?? []) : [],
    );
    if (plan.group !== null && sources.length > 0)
      await fences.cutMigrateConnections(plan.group, [...new Set(sources)]);
    await this.finish(plan);
  }

  /** The new owner has no command of earlier moves under way, and no keys of these slots unless they are wanted. */
  private async prepareTarget({ group, keysAtTarget, before }: AssignmentRecord): Promise<void> {
    const { locks, fences, leadership, topology, cleaning } = this.context;
    if (group === null) return;
    if (cleaning.has(group)) {
      refuse('IN_USE', 'group', `Keys are being removed from group ${group} at this moment; try again soon.`);
    }
    const server = requireMaster(topology, group);
    // Where keys of the slots have been until now, they are the slots' own.
    const strange = before.filter(({ slot }) => slot.group !== group && slot.targetGroup !== group);
    const slots = new Set(strange.map(({ number }) => number));
    const isTaken = before.some(({ slot }) => slot.operation !== null);
    const isWatched = keysAtTarget !== 'KEEP' && slots.size > 0;
    await fences.raiseAgainstEarlier(group);
    if (!isTaken && !isWatched && !topology.isAbandoned(server.address)) return;
    const signal = AbortSignal.any([leadership.signal, AbortSignal.timeout(LOOK_TIMEOUT_MS)]);
    await locks.run([group], signal, async () => {
      await fences.raise(group);
      if (!isWatched) return;
      const counts = await countKeysOf(server, slots, signal);
      if (counts.size === 0) return;
      if (keysAtTarget === 'REFUSE') throw new KeysAtTargetError(server.address, counts, ADVICE);
      const { connectionName } = this;
      const mayAct = (): boolean => leadership.isHeld();
      const isDoomed = (slot: number): boolean => slots.has(slot);
      await removeKeys({ server, slots, isDoomed, connectionName, mayAct, signal }).catch(
        async (error: unknown) => {
          await this.fencedForCertain(group);
          throw error;
        },
      );
    });
  }

  /** An UNLINK that was not answered may come late: the slots stay claimed until it cannot any more. */
  private async fencedForCertain(group: number): Promise<void> {
    const { leadership, fences } = this.context;
    const backoff = new Backoff(200, 5_000);
    while (leadership.isHeld()) {
      try {
        return await fences.raise(group);
      } catch (error) {
        await this.note(errorMessage(error)).catch(() => undefined);
        await delay(backoff.next(), leadership.signal).catch(() => undefined);
      }
    }
  }

  /** With the loss of data accepted, in the same transaction gives up what is under way at the old owners. */
  private async hold({ group, acceptDataLoss }: AssignmentRecord): Promise<void> {
    const { topology } = this.context;
    await this.write((slots) => {
      const served = slots.filter(({ status }) => status !== 'OFFLINE');
      const abandoned = acceptDataLoss ? this.abandon(served, group) : { conditions: [], operations: [] };
      return {
        type: 'SLOT_PREMIGRATE',
        what: `Holding slots that are to belong to ${nameOf(group)}`,
        changes: served.map((slot) => [
          slot.number,
          { status: 'PRE_MIGRATE', group: slot.group, targetGroup: group, operation: this.id },
        ]),
        conditions: [...this.targetConditions(group), ...abandoned.conditions],
        operations: abandoned.operations,
        state: { state: 'RUNNING' },
        receivers: topology.activeProxies().map(({ record }) => record.id),
      };
    });
  }

  private abandon(slots: readonly Slot[], kept: number | null) {
    const { topology } = this.context;
    const bySlot = new Map<string, number[]>();
    for (const slot of slots) {
      for (const group of new Set([slot.group, slot.targetGroup])) {
        const master = group === null || group === kept ? undefined : topology.masterEndpoint(group);
        if (master) bySlot.set(master.address, [...(bySlot.get(master.address) ?? []), slot.number]);
      }
    }
    const conditions: Condition[] = [];
    const operations: WriteOperation[] = [];
    for (const [address, numbers] of bySlot) {
      const listed = topology.view.get(collections.abandoned, address);
      const key = collections.abandoned.key(address);
      const record = {
        slots: [...new Set([...(listed?.value.slots ?? []), ...numbers])].sort((a, b) => a - b),
        operation: this.id,
        since: new Date().toISOString(),
      };
      conditions.push({ key, modRevision: listed?.revision ?? 0n });
      operations.push({ put: key, value: collections.abandoned.encode(record) });
    }
    return { conditions, operations };
  }

  private async finish({ group }: AssignmentRecord): Promise<void> {
    await this.write((slots) => ({
      type: slots.length === 1 ? 'SLOT_CHANGED' : 'MULTI_SLOT_CHANGED',
      what: `Slots belong to ${nameOf(group)}`,
      changes: slots.map((slot) => [
        slot.number,
        { status: group === null ? 'OFFLINE' : 'ONLINE', group, targetGroup: null, operation: null },
      ]),
      conditions: this.targetConditions(group),
      operations: [{ delete: collections.assignments.key(this.id) }],
      state: { state: 'SUCCEEDED' },
      receivers: this.context.topology.activeProxies().map(({ record }) => record.id),
    }));
  }

  /** Back to what the slots were. They were held at the most, so that no request has gone another way. */
  private async undo(error: string): Promise<void> {
    const before = new Map(this.plan?.before.map(({ number, slot }) => [number, slot]));
    await this.write((slots) => ({
      type: slots.length === 1 ? 'SLOT_CHANGED' : 'MULTI_SLOT_CHANGED',
      what: 'Slots stay as they were',
      changes: slots.map((slot) => [slot.number, before.get(slot.number) as Target]),
      conditions: [],
      operations: [{ delete: collections.assignments.key(this.id) }],
      state: { state: 'FAILED', error },
      receivers: this.context.topology.activeProxies().map(({ record }) => record.id),
    }));
  }

  /** Says why it waits, without an entry in the feed for each attempt. */
  private async note(error: string): Promise<void> {
    const { operations, coordinator, leadership } = this.context;
    const operation = operations.get(this.id);
    if (!operation || operation.value.error === error) return;
    await coordinator.commit({
      conditions: [leadership.condition, { key: `operations/${this.id}`, modRevision: operation.revision }],
      operations: [putOperation(this.id, { ...operation.value, error })],
    });
  }

  private async write(draft: (slots: readonly Slot[]) => Step): Promise<void> {
    const { topology, proposals, leadership, operations } = this.context;
    await proposals.run((): ProposalDraft | null => {
      if (!leadership.isHeld()) throw new QuorateError('NOT_LEADER', 'This member no longer leads.');
      const slots = this.slots();
      const operation = operations.get(this.id);
      if (slots.length === 0 || !operation) return null;
      const step = draft(slots);
      const writes = slotWrites(topology, new Map(step.changes));
      const isDone = step.state.state !== 'RUNNING';
      const record = {
        ...operation.value,
        error: null,
        ...step.state,
        done: step.state.state === 'SUCCEEDED' ? (operation.value.total ?? 0) : 0,
        finishedAt: isDone ? new Date().toISOString() : null,
      };
      return {
        conditions: [
          leadership.condition,
          { key: `operations/${this.id}`, modRevision: operation.revision },
          ...writes.conditions,
          ...step.conditions,
        ],
        operations: [...writes.operations, ...step.operations, putOperation(this.id, record)],
        action: {
          type: step.type,
          description: `${step.what}: ${formatSlots(step.changes.map(([number]) => number))}`,
          target: `operation/${this.id}`,
          actor: operation.value.startedBy,
          receivers: step.receivers,
        },
      };
    });
  }

  private targetConditions(group: number | null): Condition[] {
    return groupConditions(this.context.topology, group === null ? [] : [group], 'group');
  }

  /**
   * Once the loss of data is accepted and the slots are held, there is no way back: requests at the old owners are no
   * longer waited for. It goes on until every proxy has confirmed, or has been fenced.
   */
  private mayGiveUp(): boolean {
    return this.plan?.acceptDataLoss !== true || !this.slots().some(isHeld);
  }

  private isUnfinished(): boolean {
    const state = this.context.operations.get(this.id)?.value.state;
    return state === 'PENDING' || state === 'RUNNING';
  }

  private get plan(): AssignmentRecord | undefined {
    return this.context.topology.view.get(collections.assignments, this.id)?.value;
  }

  private slots(): Slot[] {
    return this.context.topology.slots().filter((slot) => slot.operation === this.id);
  }
}

const ADVICE =
  'Nothing was changed. Repeat with keysAtTarget DISCARD to remove them first, or KEEP to serve them.';

interface Step {
  readonly type: 'SLOT_PREMIGRATE' | 'SLOT_CHANGED' | 'MULTI_SLOT_CHANGED';
  readonly what: string;
  readonly changes: readonly (readonly [number, Target])[];
  readonly conditions: readonly Condition[];
  readonly operations: readonly WriteOperation[];
  readonly state: { readonly state: OperationState; readonly error?: string };
  readonly receivers: readonly string[];
}

/** Only the operation's own slots are asked: held by it. */
function isHeld({ status }: Slot): boolean {
  return status === 'PRE_MIGRATE';
}

function nameOf(group: number | null): string {
  return group === null ? 'no group' : `group ${group}`;
}

/** What whoever asked is told. */
function asRefusal(error: unknown): unknown {
  if (error instanceof RefusedError) return error;
  const refusal = (code: RefusalCode, field: Field | null): RefusedError =>
    new RefusedError([{ code, field, message: errorMessage(error) }], { cause: error });
  if (error instanceof BarrierTimeoutError) return refusal('TIMEOUT', null);
  if (error instanceof KeysAtTargetError) return refusal('PRECONDITION_FAILED', 'keysAtTarget');
  return refusal('UNREACHABLE', 'group');
}
