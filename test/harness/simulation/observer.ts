import { QuorateError } from '../../../src/common/errors.js';
import type { GtidSet } from '../../../src/binlog/protocol/gtid/gtid-set.js';
import { MEMBERSHIP_KEY, membershipCollections } from '../../../src/cluster/membership/records.js';
import type { Term } from '../../../src/binlog/journal/journal-state.js';
import type { Journal } from '../../../src/binlog/journal/journal.js';
import {
  COMMIT_KEY,
  compareTerms,
  journalCollections,
  TERMS_KEY,
  type CommitRecord,
} from '../../../src/binlog/replication/records.js';
import { CommittedHistory } from './committed-history.js';
import type { CoordinatorServer } from './coordinator-server.js';
import { InvariantError } from './invariant-error.js';
import { durableImage, nothing, type JournalImage } from './journal-image.js';
import type { SimulatedMachine } from './simulated-machine.js';
import { ConnectionBrokenError } from './source-error.js';
import type { SourceHistory } from './source-history.js';
import type { World } from './world.js';

/** Where each machine has its journal. */
export const DIRECTORY = '/journal';

/** Sees everything in the world at once, and says so when something is that must never be. */
export class Observer {
  readonly committed: CommittedHistory;
  /** The first thing that was wrong. */
  problem: Error | null = null;
  private record: CommitRecord | null = null;
  private readonly damages = new Set<string>();

  constructor(
    private readonly world: World,
    private readonly server: CoordinatorServer,
    private readonly source: SourceHistory,
    /** By the names that a commit record has for them. */
    private readonly machines: ReadonlyMap<string, SimulatedMachine>,
  ) {
    this.committed = new CommittedHistory(source);
    server.onChange(() => this.check(() => this.onChange()));
  }

  /** What a slave was served. */
  served(who: string, offset: number, bytes: Buffer): void {
    if (!this.committed.has(offset, bytes))
      this.report(`${who} served what is not committed, ${bytes.length} bytes at offset ${offset}.`);
  }

  /** Of how many first transactions of the source the set is. */
  countOf(executed: GtidSet): number {
    const count = this.source.countOf(String(executed));
    if (count === undefined) this.report(`${executed} is no beginning of what the source has written.`);
    return count ?? 0;
  }

  /** A member knows of a commit. */
  learned(who: string, journal: Journal, offset: number): void {
    this.check(() => {
      if (offset > this.committed.length)
        this.report(`${who} has committed up to ${offset}, nobody else has.`);
      const expected = this.committed.setAt(offset);
      if (expected === undefined)
        this.report(`${who} has committed up to ${offset}, where no transaction ends.`);
      const executed = String(journal.executedGtidSet);
      if (expected !== undefined && executed !== expected)
        this.report(`${who} has executed ${executed} at offset ${offset}, not ${expected}.`);
    });
  }

  /** A source with semi-sync was told so. */
  acknowledged(offset: number): void {
    if (offset > this.committed.length)
      this.report(`Offset ${offset} was acknowledged and is not committed.`);
  }

  /** A member's files are not sound: a crash may do that to what was not synced, and then it has to begin anew. */
  damaged(who: string, error: Error): void {
    this.world.note(`${who} ${error.message}`);
    this.damages.add(who);
  }

  isDamaged(who: string): boolean {
    return this.damages.has(who);
  }

  /** Its disk was replaced. */
  replaced(who: string): void {
    this.damages.delete(who);
  }

  /**
   * So much of what is committed has the member on its disk, for good: what begins behind the base of a term that it
   * does not know yet, it will throw away.
   */
  heldBy(id: string): number {
    const { start, bytes, term } = this.imageOf(id);
    const end = Math.min(this.committed.length, start + bytes.length, ...this.basesBehind(term));
    return end < start || !bytes.subarray(0, end - start).equals(this.committed.slice(start, end)) ? 0 : end;
  }

  /** Errors that are none of this product's are defects. */
  failed(error: unknown): void {
    const isExpected =
      error instanceof QuorateError ||
      error instanceof ConnectionBrokenError ||
      (error instanceof Error && ['AbortError', 'Error'].includes(error.name));
    this.world.note(`failure ${String(error)}`);
    if (!isExpected) this.problem ??= error instanceof Error ? error : new InvariantError(String(error));
  }

  /** Every holder of what is committed has it on its disk. */
  checkHolders(): void {
    this.check(() => {
      const { record } = this;
      if (!record) return;
      for (const holder of record.holders)
        if (this.machines.has(holder)) this.requireHeld(holder, record.offset, this.imageOf(holder));
      this.requireQuorum(record.offset);
    });
  }

  report(problem: string): void {
    this.world.note(`PROBLEM ${problem}`);
    this.problem ??= new InvariantError(problem);
  }

  private onChange(): void {
    const entry = this.server.get(COMMIT_KEY);
    if (!entry) return;
    const record = journalCollections.commit.decode(COMMIT_KEY, entry.value);
    if (record.offset < this.committed.length)
      this.report(`The commit offset went back from ${this.committed.length} to ${record.offset}.`);
    this.record = record;
    if (record.offset > this.committed.length) this.extend(record);
    this.checkHolders();
  }

  private extend({ offset, holders }: CommitRecord): void {
    const { length } = this.committed;
    for (const holder of holders) {
      const { start, bytes } = this.imageOf(holder);
      if (start > length || start + bytes.length < offset) continue;
      this.committed.extend(Buffer.from(bytes.subarray(length - start, offset - start)));
      this.world.note(`committed ${offset} ${this.committed.count} by ${holders.join()}`);
      return;
    }
    throw new InvariantError(
      `Up to ${offset} is committed, and none of ${holders.join()} has it on its disk.`,
    );
  }

  /** Whoever leads next finds what is committed at some of any quorum. */
  private requireQuorum(offset: number): void {
    const entry = this.server.get(MEMBERSHIP_KEY);
    if (!entry) return;
    const { members } = membershipCollections.membership.decode(MEMBERSHIP_KEY, entry.value);
    const voters = members.filter(({ role }) => role === 'VOTER');
    const count = voters.filter(({ id }) => this.heldBy(id!) >= offset).length;
    if (count < Math.floor(voters.length / 2) + 1)
      throw new InvariantError(`Of ${voters.length} voters ${count} have what is committed up to ${offset}.`);
  }

  private requireHeld(holder: string, offset: number, { start, bytes }: JournalImage): void {
    if (start + bytes.length < offset)
      throw new InvariantError(
        `${holder} has its journal up to ${start + bytes.length} on its disk, not ${offset}.`,
      );
    if (!bytes.subarray(0, offset - start).equals(this.committed.slice(start, offset)))
      throw new InvariantError(`${holder} has other bytes on its disk than were committed up to ${offset}.`);
  }

  private basesBehind(known: Term | null): number[] {
    const entry = this.server.get(TERMS_KEY);
    const { terms } = entry ? journalCollections.terms.decode(TERMS_KEY, entry.value) : { terms: [] };
    return terms.filter((term) => !known || compareTerms(term, known) > 0).map(({ base }) => base);
  }

  private imageOf(holder: string): JournalImage {
    // The leader may not have noticed yet that a member is gone for good.
    const machine = this.machines.get(holder);
    return machine ? durableImage(machine.contents, DIRECTORY) : nothing;
  }

  private check(look: () => void): void {
    try {
      look();
    } catch (error) {
      this.world.note(`PROBLEM ${String(error)}`);
      this.problem ??= error as Error;
    }
  }
}
