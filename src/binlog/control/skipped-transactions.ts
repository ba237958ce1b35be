import type { Stored } from '../../cluster/collection.js';
import { checkExpectedRevision, type Proposals, type Proposed } from '../../cluster/proposals.js';
import { refuse } from '../../common/refused.js';
import type { Journal } from '../journal/journal.js';
import { containsAll, parseGtidSet, type Flavour } from '../protocol/gtid/gtid-set.js';
import { MariadbGtidSet } from '../protocol/gtid/mariadb-gtid-set.js';
import { flavourOfText } from '../syncer/syncer.js';
import { HALT_KEY, SYNCER_KEY, syncerCollections, type SyncerRecord } from '../syncer/syncer-record.js';
import type { BinlogView } from './binlog-view.js';
import { givenGtidSet } from './given-gtid-set.js';

export interface SkipRequest {
  /** The GTID of the transaction; `position` names one without a GTID. */
  readonly gtid?: string | null | undefined;
  /** FILE:POSITION */
  readonly position?: string | null | undefined;
  readonly dryRun: boolean;
  readonly expectedRevision?: bigint | null | undefined;
}

export interface Skipped {
  readonly proposed: Proposed | null;
  /** What becomes of it, for people. */
  readonly consequence: string;
}

/** What the syncer passes over because somebody has decided so. */
export class SkippedTransactions {
  constructor(
    private readonly binlog: BinlogView,
    private readonly proposals: Proposals,
    /** The journal that the leader appends to; refuses while there is none. */
    private readonly journal: () => Promise<Journal>,
  ) {}

  async skip(request: SkipRequest, actor: string): Promise<Skipped> {
    const { gtid, position, dryRun, expectedRevision } = request;
    const current = this.requireSyncer(expectedRevision);
    const journal = await this.journal();
    const name = gtid == null ? position! : checkGtid(gtid, journal);
    const field = gtid == null ? 'position' : 'gtid';
    if (current.value.skips.includes(name)) refuse('ALREADY_EXISTS', field, `${name} is skipped already.`);
    const consequence = consequenceOf(name, gtid != null);
    if (dryRun) return { proposed: null, consequence };
    const proposed = await this.proposals.run(() => {
      const { value, revision } = this.requireSyncer(expectedRevision);
      const open = value.skips.filter((each) => each !== name && !isDone(each, journal));
      const record: SyncerRecord = { ...value, skips: [...open, name] };
      return {
        conditions: [{ key: SYNCER_KEY, modRevision: revision }],
        operations: [
          { put: SYNCER_KEY, value: syncerCollections.syncer.encode(record) },
          { delete: HALT_KEY },
        ],
        action: {
          type: 'TRANSACTION_SKIPPED' as const,
          description: `Skipped ${name} of the source ${value.sourceAddress}`,
          target: 'syncer',
          actor,
        },
      };
    });
    return { proposed, consequence };
  }

  private requireSyncer(expected: bigint | null | undefined): Stored<SyncerRecord> {
    const current = this.binlog.syncer();
    checkExpectedRevision(expected, current?.revision ?? 0n, 'The syncer');
    return current ?? refuse('NOT_FOUND', null, 'There is no syncer yet; use startSyncer.');
  }
}

function consequenceOf(name: string, hasGtid: boolean): string {
  return hasGtid
    ? `Replicas get an empty transaction with the GTID ${name}, and never what the source did in it. Bring that to them by hand, or ` +
        'provision them anew.'
    : `What the source has at ${name} bears no GTID: replicas get nothing in its place. Bring what it did to them by hand, or ` +
        'provision them anew.';
}

/** @returns as the source prints it */
function checkGtid(text: string, journal: Journal): string {
  const flavour: Flavour = journal.flavour ?? flavourOfText(text);
  const set = givenGtidSet(flavour, text, 'gtid');
  const isOne = set instanceof MariadbGtidSet ? set.entries().length === 1 : set.count === 1n;
  if (!isOne) refuse('INVALID_INPUT', 'gtid', `'${text}' is not the GTID of one transaction.`);
  // Of MariaDB there may be two of one number.
  if (flavour === 'MYSQL' && journal.durableGtidSet !== null && containsAll(journal.durableGtidSet, set))
    refuse('PRECONDITION_FAILED', 'gtid', `The journal has ${text} already; what it has is not taken out.`);
  return String(set);
}

/** One of MySQL that has been passed over does not come again. */
function isDone(name: string, { flavour, executedGtidSet }: Journal): boolean {
  if (flavour !== 'MYSQL' || executedGtidSet === null || !/^[0-9a-f-]{36}:/.test(name)) return false;
  return containsAll(executedGtidSet, parseGtidSet(flavour, name));
}
