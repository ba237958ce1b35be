import { randomUUID } from 'node:crypto';
import type { Stored } from '../../cluster/collection.js';
import { checkExpectedRevision, type Proposals, type Proposed } from '../../cluster/proposals.js';
import { refuse } from '../../common/refused.js';
import type { Condition, WriteOperation } from '../../coordinator/types.js';
import type { Journal } from '../journal/journal.js';
import { asideOf } from '../journal/keep-aside.js';
import { segmentName } from '../journal/segment-name.js';
import {
  containsAll,
  differenceOf,
  emptyGtidSet,
  flavourOf,
  type Flavour,
  type GtidSet,
} from '../protocol/gtid/gtid-set.js';
import {
  COMMIT_KEY,
  journalCollections,
  START_KEY,
  type CommitRecord,
  type StartRecord,
} from '../replication/records.js';
import { shorten } from '../syncer/source-checks.js';
import { flavourOfText } from '../syncer/syncer.js';
import { HALT_KEY } from '../syncer/syncer-record.js';
import type { BinlogView } from './binlog-view.js';
import { givenGtidSet } from './given-gtid-set.js';

/** No member's copy of the journal before reaches so far beyond what the leader knows of it. */
const GAP_BYTES = 2 ** 40;
/** The same, of the numbers of its files, where the leader cannot tell them. */
const GAP_SEGMENTS = 100_000;

export interface RestartRequest {
  readonly gtidSet: string;
  readonly dryRun: boolean;
  readonly expectedRevision?: bigint | null | undefined;
}

/** What a restart does to the transactions that the journal has, and to those who are served from it. */
export interface RestartPlan {
  /** Those that the journal holds now and that go with it. */
  readonly discarded: GtidSet;
  /** Those of the journal that the new one does not count as executed: whoever has them is ahead of it. */
  readonly ahead: GtidSet;
  /** Those behind which the new one begins, and that the journal has not had: whoever lacks them cannot go on. */
  readonly missing: GtidSet;
  /** Whether a slave that has all of the journal can go on from the new one. */
  readonly canGoOn: boolean;
  /** Where each member keeps the files; null when there are none. */
  readonly folder: string | null;
}

export interface Restarted {
  readonly proposed: Proposed | null;
  readonly plan: RestartPlan;
}

/** What is written when another journal is to take the place of the present one. */
export interface RestartDraft {
  readonly conditions: readonly Condition[];
  readonly operations: readonly WriteOperation[];
}

/**
 * Puts another journal, an empty one, in the place of the present one. Its offsets and the numbers of its files are beyond all of
 * those before, so nothing of the one can be taken for the other's. Each member learns it from the start record, sooner or later,
 * keeps its files aside and begins anew (`adopt`).
 */
export class JournalRestarts {
  constructor(
    private readonly binlog: BinlogView,
    private readonly proposals: Proposals,
    /** This member's; null while it cannot be opened. */
    private readonly journal: () => Journal | null,
    private readonly voters: () => readonly string[],
  ) {}

  /**
   * @param source refuses what could not be followed from there
   * @param whileQuiet runs the work while nothing is committed
   */
  async restart(
    { gtidSet, dryRun, expectedRevision }: RestartRequest,
    actor: string,
    source: { checkFrom(flavour: Flavour, set: GtidSet): Promise<void> },
    whileQuiet: <T>(work: () => Promise<T>) => Promise<T>,
  ): Promise<Restarted> {
    const start = this.requireStart(expectedRevision);
    const flavour = gtidSet.trim() === '' ? start.value.flavour : flavourOfText(gtidSet);
    const set = givenGtidSet(flavour, gtidSet, 'gtidSet');
    await source.checkFrom(flavour, set);
    const plan = this.plan(start.value, set);
    if (dryRun) return { proposed: null, plan };
    const proposed = await whileQuiet(() =>
      this.proposals.run(() => {
        this.requireStart(expectedRevision);
        const discarded = plan.discarded.isEmpty ? 'nothing' : shorten(plan.discarded);
        return {
          ...this.draft(flavour, set),
          action: {
            type: 'JOURNAL_RESTARTED' as const,
            description: `Restarted the journal after '${shorten(set)}', setting aside ${discarded}`,
            target: 'journal',
            actor,
          },
        };
      }),
    );
    return { proposed, plan };
  }

  /** What stands in a proposal that puts an empty journal, which begins behind these transactions, in the present one's place. */
  draft(flavour: Flavour, purged: GtidSet): RestartDraft {
    const current = this.requireStart(null);
    const commit = this.binlog.view.get(journalCollections.commit, 'record');
    const { epoch, generation } = commit?.value ?? this.binlog.term() ?? { epoch: '0', generation: 0 };
    const journal = this.own(current.value);
    const known = Math.max(current.value.offset, commit?.value.offset ?? 0, journal?.endOffset ?? 0);
    const start: StartRecord = {
      ...current.value,
      flavour,
      offset: known + GAP_BYTES,
      segment: this.nextSegment(current.value),
      purged: String(purged),
      incarnation: randomUUID(),
    };
    // Nothing is to be had of it, and so all have it.
    const holders = [...this.voters()];
    const nothing: CommitRecord = { epoch, generation, offset: start.offset, holders, source: null };
    return {
      conditions: [
        { key: START_KEY, modRevision: current.revision },
        { key: COMMIT_KEY, modRevision: commit?.revision ?? 0n },
      ],
      operations: [
        { put: START_KEY, value: journalCollections.start.encode(start) },
        { put: COMMIT_KEY, value: journalCollections.commit.encode(nothing) },
        { delete: HALT_KEY },
      ],
    };
  }

  private plan(start: StartRecord, set: GtidSet): RestartPlan {
    const journal = this.own(start);
    const { flavour } = start;
    const executed = journal?.executedGtidSet ?? emptyGtidSet(flavour);
    const isSame = flavourOf(set) === flavour;
    const folder =
      journal === null || journal.segmentCount === 0
        ? null
        : asideOf(journal.directory, segmentName(this.nextSegment(start)));
    return {
      discarded: differenceOf(executed, journal?.purgedGtidSet ?? executed),
      ahead: isSame ? differenceOf(executed, set) : executed,
      missing: isSame ? differenceOf(set, executed) : set,
      canGoOn: isSame && containsAll(executed, set) && containsAll(set, executed),
      folder,
    };
  }

  private nextSegment(start: StartRecord): number {
    const journal = this.own(start);
    if (journal !== null) return (journal.lastSegment?.number ?? start.segment - 1) + 1;
    return (Math.floor(start.segment / GAP_SEGMENTS) + 1) * GAP_SEGMENTS + 1;
  }

  /** This member's journal, if it is the one of the record and open. */
  private own({ incarnation }: StartRecord): Journal | null {
    const journal = this.journal();
    return journal !== null && journal.flavour !== null && journal.incarnation === incarnation
      ? journal
      : null;
  }

  private requireStart(expected: bigint | null | undefined): Stored<StartRecord> {
    const start = this.binlog.start();
    checkExpectedRevision(expected, start?.revision ?? 0n, 'The journal');
    const message = 'The journal has not begun yet; use startSyncer, with startAfterGtidSet.';
    return start ?? refuse('PRECONDITION_FAILED', null, message);
  }
}
