import { CompactedError } from '../coordinator/errors.js';
import type { Proposals, Proposed } from './proposals.js';
import { collections, type ActionRecord, type ActionType } from './records.js';
import type { Stored } from './collection.js';
import type { StateView, ViewBatch } from './view.js';
import { refuse } from '../common/refused.js';
import type { WriteOperation } from '../coordinator/types.js';

export type Action = Stored<ActionRecord>;

/** Deleting one action and its receipts takes two operations; a transaction holds at most 120. */
const COLLECT_PER_TRANSACTION = 50;

/** The action feed: every action that has not been collected, in the order of revisions. */
export class ActionFeed {
  /** Kept in order from the first time somebody asks. */
  private ordered: Action[] | undefined;

  constructor(
    private readonly view: StateView,
    private readonly proposals: Proposals,
  ) {
    view.subscribe((batch) => this.keepOrder(batch));
  }

  /** The revision up to which actions may be missing because they were collected. */
  get floor(): bigint {
    return BigInt(this.view.get(collections.floors, 'actions')?.value.revision ?? '0');
  }

  /** Actions after a revision, oldest first. Throws CompactedError when some of them were collected. */
  after(revision: bigint): Action[] {
    if (revision < this.floor) throw new CompactedError(this.floor);
    const all = this.all();
    let low = 0;
    let high = all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((all[middle] as Action).createRevision > revision) high = middle;
      else low = middle + 1;
    }
    return all.slice(low);
  }

  /** Every action there is, oldest first. Not to be changed. */
  all(): readonly Action[] {
    this.ordered ??= this.view.list(collections.actions).sort(byRevision);
    return this.ordered;
  }

  /** Calls back with each action as it commits, in order. Returns the way to end it. */
  subscribe(listener: (action: Action) => void): () => void {
    return this.view.subscribe((batch) => addedActions(batch).forEach(listener));
  }

  private keepOrder(batch: ViewBatch): void {
    if (!this.ordered) return;
    const removed = new Set<string>();
    for (const { collection, id, after } of batch.changes) {
      if (collection === collections.actions && !after) removed.add(id);
    }
    if (removed.size > 0) this.ordered = this.ordered.filter((action) => !removed.has(action.id));
    this.ordered.push(...addedActions(batch));
  }

  /**
   * Forgets old actions with their receipts; afterwards a feed that wants to resume before them is told so.
   * Returns how many went and the last proposal, null when there was nothing to do.
   */
  async collect(
    which: { keepLast: number } | { olderThan: Date },
    actor: string,
  ): Promise<{ collected: number; proposed: Proposed | null }> {
    const all = this.all();
    const doomed: Action[] =
      'keepLast' in which
        ? all.slice(0, Math.max(0, all.length - which.keepLast))
        : all.filter((action) => Date.parse(action.value.at) < which.olderThan.getTime());
    let collected = 0;
    let proposed: Proposed | null = null;
    while (doomed.length > 0) {
      const batch = doomed.splice(0, COLLECT_PER_TRANSACTION);
      proposed = await this.collectBatch(batch, actor);
      collected += batch.length;
    }
    return { collected, proposed };
  }

  private async collectBatch(batch: readonly Action[], actor: string): Promise<Proposed> {
    const last = batch[batch.length - 1]?.createRevision ?? 0n;
    const floorKey = collections.floors.key('actions');
    const proposed = await this.proposals.run(() => {
      const floor = this.view.get(collections.floors, 'actions');
      const deletions: WriteOperation[] = batch.flatMap((action) => [
        { delete: collections.actions.key(action.id) },
        { deletePrefix: `${collections.receipts.prefix}${action.id}/` },
      ]);
      const raised = last > this.floor ? last : this.floor;
      return {
        conditions: [{ key: floorKey, modRevision: floor?.revision ?? 0n }],
        operations: [
          ...deletions,
          { put: floorKey, value: collections.floors.encode({ revision: String(raised) }) },
        ],
        action: {
          type: 'SETTINGS_CHANGED',
          description: `Collected ${batch.length} actions up to revision ${last}`,
          target: 'actions',
          actor,
        },
      };
    });
    return proposed ?? refuse('CONFLICT', null, 'The feed could not be collected; try again.');
  }
}

function byRevision(a: Action, b: Action): number {
  return a.createRevision < b.createRevision ? -1 : a.createRevision > b.createRevision ? 1 : 0;
}

function addedActions(batch: ViewBatch): Action[] {
  return batch.changes
    .filter((change) => change.collection === collections.actions && change.after && !change.before)
    .map((change) => change.after as Action)
    .sort(byRevision);
}

/** Whether an action passes a filter; an absent filter lets all pass. */
export function matchesTypes(action: Action, types: readonly ActionType[] | undefined | null): boolean {
  return !types || types.includes(action.value.type);
}
