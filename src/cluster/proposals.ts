import { randomUUID } from 'node:crypto';
import { CoordinatorUnavailableError } from '../coordinator/errors.js';
import { refuse } from '../common/refused.js';
import type { Condition, Coordinator, WriteOperation } from '../coordinator/types.js';
import { actionWrite, type ActionDraft } from './action-write.js';
import type { StateView } from './view.js';

export interface ProposalDraft {
  readonly conditions: readonly Condition[];
  readonly operations: readonly WriteOperation[];
  readonly action: ActionDraft;
  /** The part of the answer that a repeated request with the idempotency key gets besides; JSON. */
  readonly answer?: unknown;
}

/** Goes along with a proposal that is to be made once: see `IdempotencyKeys`. */
export interface Claim {
  /** That nobody has made it yet. */
  readonly condition: Condition;
  /** @throws RefusedError when somebody is known to have made it */
  check(): void;
  /** Records that it was made, by the proposal of that id. */
  write(proposal: string, committedBy: string, answer: unknown): WriteOperation;
  /** Called when it has been made. */
  kept(): void;
}

/** A proposal that has committed. */
export interface Proposed {
  readonly id: string;
  readonly revision: bigint;
  readonly raftTerm: bigint | null;
  /** Name of the member that carried it. */
  readonly committedBy: string;
}

/** How often a proposal is made anew when what it was based on has just changed. */
const ATTEMPTS = 20;

/** How long the view may lag behind a commit, in milliseconds, before the answer is given without it. */
const VIEW_TIMEOUT_MS = 5_000;

/**
 * The one way to change the cluster's state: a guarded transaction with its entry of the action feed.
 *
 * Invariant: one proposal writes exactly one action, so a revision names a single action and a feed that
 * is cut can be resumed after a revision without gap or repetition.
 */
export class Proposals {
  constructor(
    private readonly coordinator: Coordinator,
    private readonly view: StateView,
    private readonly memberName: string,
  ) {}

  /**
   * Commits once. Undefined when a condition did not hold. When it resolves, the view shows the change,
   * unless the coordinator went away right after committing it: a committed change is never reported as
   * failed only because it cannot be shown yet.
   */
  async propose(draft: ProposalDraft, claim?: Claim): Promise<Proposed | undefined> {
    const id = randomUUID();
    const conditions = [...draft.conditions, ...(claim ? [claim.condition] : [])];
    const result = await this.coordinator.commit({
      conditions,
      operations: [
        ...draft.operations,
        actionWrite(id, draft.action, this.memberName),
        ...(claim ? [claim.write(id, this.memberName, draft.answer)] : []),
      ],
    });
    if (!result.committed) {
      await this.catchUp(conditions);
      return undefined;
    }
    claim?.kept();
    await this.view.waitFor(result.revision, AbortSignal.timeout(VIEW_TIMEOUT_MS)).catch(() => undefined);
    return { id, revision: result.revision, raftTerm: result.raftTerm, committedBy: this.memberName };
  }

  /** So that the next draft is not based once more on what has just turned out to be old. */
  private async catchUp(conditions: readonly Condition[]): Promise<void> {
    const signal = AbortSignal.timeout(VIEW_TIMEOUT_MS);
    try {
      await this.view.catchUp(
        conditions.map((condition) => condition.key),
        signal,
      );
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new CoordinatorUnavailableError(
        'The state changed meanwhile, and this member does not learn how from the coordinator. Nothing was written; ' +
          'try again.',
        { cause: error },
      );
    }
  }

  /**
   * Drafts against the present view and commits, anew each time the state changed in between. The draft
   * refuses by throwing; a null draft means that nothing needs to change.
   *
   * @param claim of a change that is to be made once
   */
  async run(draft: () => ProposalDraft | null, claim?: Claim): Promise<Proposed | null> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      claim?.check();
      const next = draft();
      if (next === null) return null;
      const proposed = await this.propose(next, claim);
      if (proposed) return proposed;
    }
    return refuse('CONFLICT', null, 'The state kept changing while this was tried; try again.');
  }
}

/** Refuses with CONFLICT when the caller expected another revision of the object. */
export function checkExpectedRevision(
  expected: bigint | undefined | null,
  actual: bigint,
  what: string,
): void {
  if (expected === undefined || expected === null || expected === actual) return;
  refuse(
    'CONFLICT',
    'expectedRevision',
    `${what} is at revision ${actual}, not ${expected}: somebody changed it meanwhile. Look again and repeat.`,
  );
}
