import { formatAddress } from '../../common/address.js';
import { SEGMENT_BASE_NAME } from '../journal/segment-name.js';
import { containsAll, differenceOf, flavourOf, type GtidSet } from '../protocol/gtid/gtid-set.js';
import { MysqlGtidSet } from '../protocol/gtid/mysql-gtid-set.js';
import { SourceRefusedError } from './source-error.js';
import type { SourceOptions } from './source-options.js';
import type { SourcePosition } from './source-position.js';
import type { SourceState } from './source-state.js';

/** What we are to the source, and what we have already. */
export interface FollowerState {
  readonly serverId: bigint;
  readonly serverUuid: string;
  /** The flavour that the source must have; null: any. */
  readonly flavour: SourceState['flavour'] | null;
  /** Null: the journal is empty, and begins wherever the source lets it. */
  readonly journal: { readonly flavour: SourceState['flavour']; readonly executed: GtidSet } | null;
  /** The transactions behind which an empty journal is to begin; null: with all that the source still has. */
  readonly startAfter: GtidSet | null;
  /**
   * Whether a MySQL source may lack some of what the journal has, if it cannot give those GTIDs to other transactions:
   * that is, if they do not bear its own UUID. In MariaDB they always could.
   */
  readonly mayLack?: boolean;
  /** Where the last transaction of the journal ends in the files of the source that it came from; null: not known. */
  readonly resume?: SourcePosition | null;
  /** Whether the source has just refused to go on from there: at the torn end of a file, say, which GTIDs lead past. */
  readonly isRefusedThere?: boolean;
}

/** Replicas of other tools are told of a set in full; a person is not. */
const SHOWN_CHARACTERS = 400;

/**
 * Whether a source can be followed, from what we have, without losing anything.
 *
 * @param isSame whether it still has what the journal has got from it, whatever its state says, see `hasSameHistory`
 * @returns warnings: what works, but may surprise
 * @throws SourceRefusedError that says what is wrong and what to do, all of it at once
 */
export function checkSource(
  source: SourceState,
  us: FollowerState,
  options: SourceOptions,
  isSame = false,
): string[] {
  const wrong = [...settings(source), ...identity(source, us), ...privileges(source, options.user)];
  if (us.journal !== null && us.journal.flavour !== source.flavour) {
    wrong.push(`the journal is of a ${us.journal.flavour} source, this one is ${source.flavour}`);
  } else if (us.flavour !== null && us.flavour !== source.flavour) {
    wrong.push(`the syncer is set to follow a ${us.flavour} source, this one is ${source.flavour}`);
  } else if (us.journal === null && us.startAfter !== null && flavourOf(us.startAfter) !== source.flavour) {
    wrong.push(
      `the set to start after is of a ${flavourOf(us.startAfter)} source, this one is ${source.flavour}`,
    );
  } else {
    wrong.push(...history(source, us, isSame));
  }
  if (wrong.length > 0) {
    const where = `The source ${formatAddress(options.address)} (${source.version}) cannot be followed`;
    throw new SourceRefusedError(`${where}: ${wrong.join('; ')}.`);
  }
  return [...warnings(source)];
}

function* warnings({ binlogFormat, checksum }: SourceState): Generator<string> {
  if (binlogFormat.toUpperCase() !== 'ROW')
    yield (
      `The source writes its binlog in ${binlogFormat} format; statements may have other effects on replicas. ` +
      'SET GLOBAL binlog_format = ROW there.'
    );
  if (checksum.toUpperCase() === 'NONE')
    yield (
      'The source writes its binlog without checksums; what is damaged before it arrives here is not noticed. The journal ' +
      'adds checksums to what it stores. SET GLOBAL binlog_checksum = CRC32 there.'
    );
}

function* settings({ isBinlogOn, binlogName, gtidMode }: SourceState): Generator<string> {
  if (!isBinlogOn) yield 'its binlog is off (start it with --log-bin)';
  if (binlogName === SEGMENT_BASE_NAME)
    yield (
      `its binlog files are named ${binlogName}, as those of binlog servers are: a replica that goes by file and position ` +
      'could take the one for the other (start it with another --log-bin)'
    );
  if (gtidMode !== null && gtidMode.toUpperCase() !== 'ON')
    yield `its gtid_mode is ${gtidMode} (it must be ON: SET GLOBAL gtid_mode, step by step up to ON)`;
}

function* identity(source: SourceState, { serverId, serverUuid }: FollowerState): Generator<string> {
  if (source.serverId === serverId)
    yield `its server_id is ${serverId}, as the one that was given to the syncer (every server needs its own)`;
  if (source.serverUuid === serverUuid.toLowerCase())
    yield `its server_uuid is ${source.serverUuid}, as the one that was given to the syncer (every server needs its own)`;
}

/** A set of grants tells no more than that it is enough; whether it is not, a role may hide. */
function* privileges({ grants }: SourceState, user: string): Generator<string> {
  const all = grants.join('\n').toUpperCase();
  if (/ALL PRIVILEGES ON \*\.\*|REPLICATION SLAVE/.test(all) || /GRANT [`'"]/.test(all)) return;
  yield `the user '${user}' lacks a privilege (GRANT REPLICATION SLAVE ON *.* TO '${user}'@...)`;
}

function* history(source: SourceState, us: FollowerState, isSame: boolean): Generator<string> {
  const { journal, startAfter, mayLack = false } = us;
  const has = journal?.executed ?? startAfter;
  if (has === null) return;
  const ours = journal === null ? 'the set to start after' : 'the journal';
  const isAhead = !isSame && !containsAll(source.executed, has);
  const ahead = differenceOf(has, source.executed);
  if (isAhead && !(mayLack && isOnlyOfOthers(ahead, source))) {
    yield (
      `${ours} has transactions that it never had: ${shorten(ahead)} (it was reset, or is another server; ` +
      'nothing is overwritten: switch to a source that has them, or use restartJournalAfter)'
    );
  } else if (source.purged !== null && !containsAll(has, source.purged)) {
    const missing = shorten(differenceOf(source.purged, has));
    yield `it has purged transactions that ${ours} needs: ${missing} (switch to a source that still has them, or use restartJournalAfter)`;
  }
}

function isOnlyOfOthers(set: GtidSet, { serverUuid }: SourceState): boolean {
  return set instanceof MysqlGtidSet && set.entries().every(([{ uuid }]) => uuid !== serverUuid);
}

/** For a person. */
export function shorten(set: GtidSet): string {
  const text = set.toString();
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
