import type { Flavour } from '../gtid/gtid-set.js';
import { gtidText, type Source } from '../gtid/gtid-run.js';
import { BinlogEventError } from './event-error.js';
import { EventFlag, type EventView } from './event-header.js';
import { eventTypeName, EventType } from './event-type.js';
import { GtidReader, MariadbGtidFlag } from './gtid-event.js';
import { statementKind, StatementKind } from './statement-kind.js';

/** What an event is to the transactions of its stream. */
export const Part = {
  /** Belongs to none: heads and ends of files, heartbeats, everything artificial. */
  OUTSIDE: 0,
  /** A GTID event: a transaction begins. */
  FIRST: 1,
  INSIDE: 2,
  /** With its end, the transaction is whole. */
  LAST: 3,
} as const;

export type Part = (typeof Part)[keyof typeof Part];

const State = {
  NONE: 0,
  /** Behind the GTID of MySQL: BEGIN, or one statement. */
  GTID: 1,
  /** Behind INTVAR, RAND or USER_VAR that stand alone: their statement. */
  BEFORE_STATEMENT: 2,
  /** Up to XID, COMMIT, ROLLBACK or XA_PREPARE. */
  OPEN: 3,
  /** Behind a standalone GTID of MariaDB: what prepares one event, and that event. */
  STANDALONE: 4,
} as const;

/**
 * Tells where transactions begin and end, as MySQL's own parser of boundaries and MariaDB's replication thread do. In
 * MySQL a GTID is followed by BEGIN ... XID, COMMIT, ROLLBACK or XA_PREPARE, by one statement, or by one
 * TRANSACTION_PAYLOAD. In MariaDB a GTID's flags tell whether one event follows, or all up to such an end.
 *
 * An event that stands where none of its kind may is an error, and the tracker of no more use before `reset`.
 */
export class TransactionTracker {
  private state: number = State.NONE;
  private readonly gtid = new GtidReader();

  constructor(private readonly flavour: Flavour) {}

  /** The source of the transaction at hand, or of the last one; the same object as long as it is the same source. */
  get source(): Source {
    return this.gtid.source;
  }

  /** The number of the transaction, or BIG. */
  get number(): number {
    return this.gtid.number;
  }

  /** The number of the transaction, when `number` is BIG. */
  get big(): bigint {
    return this.gtid.big;
  }

  /** As a server prints it. */
  get gtidText(): string {
    return gtidText(this.gtid.source, this.gtid.exact);
  }

  get isInTransaction(): boolean {
    return this.state !== State.NONE;
  }

  /** Forgets the transaction at hand, as after a lost connection. */
  reset(): void {
    this.state = State.NONE;
  }

  /**
   * @param event the next one; its prefix is enough
   * @throws BinlogEventError when it must not stand here, or is damaged
   */
  next(event: EventView): Part {
    if ((event.flags & EventFlag.ARTIFICIAL) !== 0) return Part.OUTSIDE;
    switch (event.type) {
      case EventType.HEARTBEAT:
      case EventType.HEARTBEAT_V2:
        return Part.OUTSIDE;
      case EventType.GTID:
      case EventType.GTID_TAGGED:
        return this.begin(event, 'MYSQL');
      case EventType.MARIADB_GTID:
        return this.begin(event, 'MARIADB');
      case EventType.ANONYMOUS_GTID:
        throw this.unexpected(event, 'GTID mode must be ON at the source, this transaction has none');
      default:
        return this.state === State.NONE ? this.outside(event) : this.inside(event);
    }
  }

  private begin(event: EventView, flavour: Flavour): Part {
    if (flavour !== this.flavour) throw this.unexpected(event, `the journal is of a ${this.flavour} source`);
    if (this.state !== State.NONE) throw this.unexpected(event, 'the transaction before it has not ended');
    this.gtid.read(event);
    this.state = flavour === 'MYSQL' ? State.GTID : isAlone(this.gtid.flags) ? State.STANDALONE : State.OPEN;
    return Part.FIRST;
  }

  private outside(event: EventView): Part {
    switch (event.type) {
      case EventType.FORMAT_DESCRIPTION:
      case EventType.PREVIOUS_GTIDS:
      case EventType.GTID_LIST:
      case EventType.ROTATE:
      case EventType.STOP:
      case EventType.BINLOG_CHECKPOINT:
      case EventType.START_ENCRYPTION:
      case EventType.INCIDENT:
      case EventType.IGNORABLE:
        return Part.OUTSIDE;
      default:
        if ((event.flags & EventFlag.IGNORABLE) !== 0) return Part.OUTSIDE;
        throw this.unexpected(event, 'no GTID stands before it');
    }
  }

  private inside(event: EventView): Part {
    if (isOfFile(event.type)) throw this.unexpected(event, 'the transaction before it has not ended');
    switch (this.state) {
      case State.OPEN:
        return this.endsOpen(event) ? this.end() : Part.INSIDE;
      case State.STANDALONE:
        return isPreparing(event.type) ? Part.INSIDE : this.end();
      default:
        return this.afterGtid(event);
    }
  }

  private endsOpen(event: EventView): boolean {
    switch (event.type) {
      case EventType.XID:
      case EventType.XA_PREPARE:
      case EventType.TRANSACTION_PAYLOAD:
        return true;
      case EventType.QUERY:
        return this.statementEnds(event);
      default:
        return false;
    }
  }

  private statementEnds(event: EventView): boolean {
    const kind = statementKind(event);
    if (this.flavour === 'MYSQL' && (kind === StatementKind.BEGIN || kind === StatementKind.XA_START))
      throw this.unexpected(event, 'the transaction that it begins has begun already');
    return kind === StatementKind.END || kind === StatementKind.XA_END;
  }

  private afterGtid(event: EventView): Part {
    switch (event.type) {
      case EventType.QUERY:
        return this.begins(event) ? this.open() : this.end();
      case EventType.TRANSACTION_PAYLOAD:
      case EventType.EXECUTE_LOAD_QUERY:
      case EventType.INCIDENT:
        return this.end();
      case EventType.INTVAR:
      case EventType.RAND:
      case EventType.USER_VAR:
      case EventType.BEGIN_LOAD_QUERY:
      case EventType.APPEND_BLOCK:
        this.state = State.BEFORE_STATEMENT;
        return Part.INSIDE;
      case EventType.ROWS_QUERY:
      case EventType.TRANSACTION_CONTEXT:
      case EventType.VIEW_CHANGE:
      case EventType.IGNORABLE:
        return Part.INSIDE;
      default:
        if ((event.flags & EventFlag.IGNORABLE) !== 0) return Part.INSIDE;
        throw this.unexpected(event, 'no BEGIN stands before it');
    }
  }

  private begins(event: EventView): boolean {
    if (this.state === State.BEFORE_STATEMENT) return false;
    const kind = statementKind(event);
    return kind === StatementKind.BEGIN || kind === StatementKind.XA_START;
  }

  private open(): Part {
    this.state = State.OPEN;
    return Part.INSIDE;
  }

  private end(): Part {
    this.state = State.NONE;
    return Part.LAST;
  }

  private unexpected(event: EventView, why: string): BinlogEventError {
    const where = this.state === State.NONE ? 'outside of a transaction' : `in ${this.gtidText}`;
    return new BinlogEventError(`A ${eventTypeName(event.type)} event stands ${where}: ${why}.`);
  }
}

function isAlone(flags: number): boolean {
  return (flags & (MariadbGtidFlag.STANDALONE | MariadbGtidFlag.COMPLETED_XA)) !== 0;
}

function isOfFile(type: number): boolean {
  return (
    type === EventType.FORMAT_DESCRIPTION ||
    type === EventType.ROTATE ||
    type === EventType.STOP ||
    type === EventType.PREVIOUS_GTIDS ||
    type === EventType.GTID_LIST ||
    type === EventType.BINLOG_CHECKPOINT
  );
}

/** What MariaDB writes before the one event that a standalone GTID announces. */
function isPreparing(type: number): boolean {
  return (
    type === EventType.INTVAR ||
    type === EventType.RAND ||
    type === EventType.USER_VAR ||
    type === EventType.TABLE_MAP ||
    type === EventType.ANNOTATE_ROWS ||
    type === EventType.BEGIN_LOAD_QUERY ||
    type === EventType.APPEND_BLOCK
  );
}
