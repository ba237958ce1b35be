import { QuorateError } from '../../common/errors.js';
import { isPosition } from './source-position.js';

/**
 * The source cannot be followed, and will not be before somebody has changed something: a setting there, an account,
 * or what we were told.
 */
export class SourceRefusedError extends QuorateError {
  constructor(message: string, cause?: unknown) {
    super('SOURCE_REFUSED', message, { cause });
  }
}

/** The source ended the dump for good, as far as it can tell. What stands behind a damaged place it may still send. */
export class DumpRefusedError extends SourceRefusedError {}

/**
 * Something of the source's history cannot be had any more, though later it may look as if nothing had been: so it is not
 * tried again before somebody says so, by starting or switching the syncer.
 */
export class SourceHaltError extends SourceRefusedError {}

/** The source has begun a new history under its former name, and gives the same GTIDs again. */
export class SourceResetError extends SourceHaltError {}

/** There is a transaction without a GTID, which can be asked for by nobody who goes by GTIDs. */
export class AnonymousTransactionError extends SourceHaltError {
  /** @param place FILE:POSITION in the source's files */
  constructor(readonly place: string) {
    super(
      `The source has a transaction without a GTID at ${place}: it was committed while gtid_mode was not ON there. It cannot be ` +
        'replicated by GTIDs, so neither this store nor its replicas have it, and nothing behind it is stored. ' +
        'SHOW BINLOG EVENTS at the source shows it. Bring what it did to the replicas by hand, or provision them anew; ' +
        `then use skipTransaction(position: "${place}") to go on behind it.`,
    );
  }
}

/** The source has lost events and says so in its binlog. */
export class IncidentError extends SourceRefusedError {
  /** @param name GTID of the transaction that is an incident, or FILE:POSITION of one without a GTID */
  constructor(name: string) {
    const input = isPosition(name) ? 'position' : 'gtid';
    super(
      `The source has lost events and says so in its binlog (INCIDENT, ${name}): it did something that replicas do not learn. ` +
        'Find out what that was, and bring it to the replicas by hand, or provision them anew; then use ' +
        `skipTransaction(${input}: "${name}") to go on behind it.`,
    );
  }
}

/** What comes cannot be told from what the journal has. */
export class RepeatedTransactionError extends SourceRefusedError {
  constructor(gtid: string) {
    super(
      `The source sent ${gtid} again, which the journal has already, or it gave that number to another transaction: nothing tells ` +
        'which, because the journal does not know where it has stopped in the files of this source. If it is the one that the ' +
        `journal has, use skipTransaction(gtid: "${gtid}"). If the source was reset, switch to one that has what the journal has, ` +
        'or use restartJournalAfter.',
    );
  }
}

/** The source is away, or the connection broke: it is tried again. */
export class SourceUnavailableError extends QuorateError {
  constructor(message: string, cause?: unknown) {
    super('SOURCE_UNAVAILABLE', message, { cause });
  }
}

/** A file of the source ended within a transaction. When the same comes again it is known to have no end. */
export class HalfWrittenError extends SourceUnavailableError {
  constructor(readonly gtid: string) {
    super(`A file of the source ends in the middle of ${gtid}: it was probably killed while it wrote that.`);
  }
}
