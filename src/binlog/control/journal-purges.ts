import { Mutex } from '../../common/mutex.js';
import { refuse } from '../../common/refused.js';
import type { Proposals, Proposed } from '../../cluster/proposals.js';
import type { Journal } from '../journal/journal.js';
import { JournalError } from '../journal/journal-error.js';
import type { PurgePlan, Retention } from '../journal/purge-plan.js';
import type { SegmentInfo } from '../journal/segment.js';
import { segmentName, segmentNumber } from '../journal/segment-name.js';
import { journalCollections, START_KEY, type StartRecord } from '../replication/records.js';
import type { BinlogView } from './binlog-view.js';

export interface PurgeRequest {
  readonly retention: Retention;
  /** Also what attached slaves have not been sent yet. */
  readonly force: boolean;
  readonly dryRun: boolean;
}

/** The oldest that an attached slave still needs. */
export interface SlaveNeed {
  readonly offset: number;
  /** The slave, for people. */
  readonly who: string;
}

export interface Purged {
  readonly proposed: Proposed | null;
  /** Segments that went, or with dryRun would. */
  readonly segments: readonly SegmentInfo[];
}

/**
 * Removes old segments: the cluster's start record moves first, then the files go. What a crash leaves between the two
 * is caught up with by `followStart`.
 */
export class JournalPurges {
  /** One at a time: a plan holds for the journal that it was made for. */
  private readonly mutex = new Mutex();

  constructor(
    private readonly binlog: BinlogView,
    private readonly proposals: Proposals,
    private readonly neededBy: () => SlaveNeed | null,
  ) {}

  /** On behalf of an operator: all that was asked for, or nothing. */
  purge(journal: Journal, request: PurgeRequest, actor: string): Promise<Purged> {
    return this.mutex.run(async () => {
      const plan = wantedPlan(journal, request.retention);
      const need = this.neededBy();
      if (!request.force && need !== null) {
        const allowed = journal.planPurge(request.retention, need.offset).segments.length;
        if (allowed < plan.segments.length) refuseNeeded(need, plan.segments[allowed]!);
      }
      if (request.dryRun) return { proposed: null, segments: plan.segments };
      return { proposed: await this.carryOut(journal, plan, actor), segments: plan.segments };
    });
  }

  /** By itself: what may go goes, what a slave needs stays for the time being. */
  retain(journal: Journal, retention: Retention): Promise<Purged> {
    return this.mutex.run(async () => {
      const plan = journal.planPurge(retention, this.neededBy()?.offset ?? null);
      return { proposed: await this.carryOut(journal, plan, 'quorate'), segments: plan.segments };
    });
  }

  /** Removes what the cluster's journal no longer begins with. */
  followStart(journal: Journal): Promise<void> {
    return this.mutex.run(async () => {
      const start = this.binlog.start()?.value;
      if (journal.flavour === null || !start || start.offset <= journal.startOffset) return;
      const toSegment = segmentName(start.segment);
      if (journal.segments().some(({ name }) => name === toSegment)) {
        await journal.purge(journal.planPurge({ toSegment }));
      }
    });
  }

  private async carryOut(journal: Journal, plan: PurgePlan, actor: string): Promise<Proposed | null> {
    const first = journal.segments()[plan.segments.length];
    if (plan.segments.length === 0 || !first) return null;
    const proposed = await this.proposals.run(() => {
      const current = this.binlog.start();
      if (!current || current.value.offset >= first.startOffset) return null;
      const start: StartRecord = {
        ...current.value,
        offset: first.startOffset,
        segment: segmentNumber(first.name)!,
        purged: String(first.previousGtidSet),
      };
      const [one, more] = [plan.segments[0]!.name, plan.segments.length - 1];
      return {
        conditions: [{ key: START_KEY, modRevision: current.revision }],
        operations: [{ put: START_KEY, value: journalCollections.start.encode(start) }],
        action: {
          type: 'JOURNAL_PURGED' as const,
          description: `Purged ${one}${more > 0 ? ` and the ${more} behind it` : ''}: ${plan.bytes} bytes`,
          target: 'journal',
          actor,
        },
      };
    });
    await journal.purge(plan);
    return proposed;
  }
}

function refuseNeeded({ who }: SlaveNeed, { name }: SegmentInfo): never {
  const advice = 'Wait, disconnect it, keep more, or use force: it will then have to be provisioned anew.';
  return refuse('IN_USE', null, `${who} still needs ${name}. ${advice}`);
}

function wantedPlan(journal: Journal, retention: Retention): PurgePlan {
  if (journal.flavour === null)
    refuse('PRECONDITION_FAILED', null, 'The journal is empty: no source was followed yet.');
  try {
    return journal.planPurge(retention);
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    return refuse('NOT_FOUND', 'toSegment', error.message, { cause: error });
  }
}
