import { Turnstile } from '../../common/turnstile.js';
import type { GtidSet } from '../protocol/gtid/gtid-set.js';
import { JournalError } from './journal-error.js';
import { PendingTransactions } from './pending-transactions.js';

/** All transactions before an offset, and the last of them; null when none of them passed here. */
export interface GtidsBefore {
  readonly set: GtidSet;
  readonly lastGtid: string | null;
}

/**
 * How far a journal is committed, and the transactions behind that, any of which may become committed next. Only whoever
 * knows of the quorum moves it (docs/replication.md, rule 7).
 *
 * Invariant: the offset is the end of a transaction, or where the journal begins; the set is of everything before it.
 */
export class CommitState {
  private readonly listeners = new Set<(offset: number) => void>();
  private readonly moved = new Turnstile();
  private transactions: PendingTransactions | null = null;
  private committed = 0;
  private before: GtidsBefore | null = null;

  get offset(): number {
    return this.committed;
  }

  /** Everything before the offset, purged transactions included; not to be changed. Null before the journal has begun. */
  get set(): GtidSet | null {
    return this.before?.set ?? null;
  }

  /** Null while nothing was committed since the journal was opened. */
  get lastGtid(): string | null {
    return this.before?.lastGtid ?? null;
  }

  /** Transactions that are not committed as far as the journal knows. Null before the journal has begun. */
  get pending(): PendingTransactions | null {
    return this.transactions;
  }

  /**
   * The journal begins, or was opened: nothing that it holds is known to be committed.
   *
   * @param start where it begins
   * @param purged all transactions before its start
   * @param end where it ends, with what is before
   */
  begin(start: number, purged: GtidSet, end: GtidsBefore & { readonly offset: number }): void {
    this.committed = start;
    this.before = { set: purged.clone(), lastGtid: null };
    this.cutTo(end.offset, end);
  }

  /**
   * Moves on to the end of a pending transaction.
   *
   * @throws JournalError when none ends there
   */
  advance(offset: number): void {
    const pending = this.transactions!;
    if (!pending.isBoundary(offset))
      throw new JournalError(`Offset ${offset} is not between two transactions.`);
    if (offset > pending.base) pending.advance(offset);
    this.move(offset, { set: pending.baseSet, lastGtid: pending.lastGtid });
  }

  /** Moves to another boundary, in either direction. */
  move(offset: number, before: GtidsBefore): void {
    this.committed = offset;
    this.before = before;
  }

  /** No transaction is pending behind this boundary, and none before it any more. */
  cutTo(offset: number, { set, lastGtid }: GtidsBefore): void {
    this.transactions = new PendingTransactions(offset, set);
    this.transactions.lastGtid = lastGtid;
  }

  /** Called with each new committed offset; answers how to end that. */
  onCommit(listener: (offset: number) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resolves when the offset moves next. */
  next(): Promise<void> {
    return this.moved.next();
  }

  /** Wakes who waits for the offset to move. */
  announce(roomMade: () => void): void {
    this.moved.open();
    roomMade();
    for (const listener of this.listeners) listener(this.committed);
  }
}
