import type { Logger } from '../../telemetry/logger.js';
import { emptyGtidSet, flavourOf, type Flavour, type GtidSet } from '../protocol/gtid/gtid-set.js';
import { CommitState, type GtidsBefore } from './commit-state.js';
import { nodeDisk, type Disk, type DiskLock } from './disk.js';
import { FullDisk } from './full-disk.js';
import { JournalCounters } from './journal-counters.js';
import { JournalError } from './journal-error.js';
import { JournalRetention } from './journal-retention.js';
import type { JournalState, Term } from './journal-state.js';
import { JournalView } from './journal-view.js';
import { JournalWriter } from './journal-writer.js';
import type { PurgePlan, Retention } from './purge-plan.js';
import { SegmentAppender } from './segment-appender.js';
import { SegmentStore } from './segment-store.js';

export interface JournalOptions {
  readonly directory: string;
  /** A segment that has reached it is followed by another one at the next transaction. */
  readonly segmentBytes: number;
  /** How many of the newest bytes are kept in memory for readers. */
  readonly cacheBytes?: number;
  /** At most so much is written at a time; the unit of that memory. */
  readonly pageBytes?: number;
  /** By default the machine's. */
  readonly disk?: Disk;
  readonly log: Logger;
  /** Called before anything behind an offset is thrown away; what it throws keeps that from happening. */
  readonly beforeCut?: (offset: number) => Promise<void>;
}

const CACHE_BYTES = 16 * 1024 * 1024;
const PAGE_BYTES = 1024 * 1024;

/** Where an empty journal begins. */
export interface Beginning {
  readonly offset?: number;
  readonly segment?: number;
  readonly incarnation?: string | null;
}

/**
 * Whole transactions on disk, as binlog files. Offsets count the bytes of all files since the journal began, heads
 * included. What is durable and what is committed are two things: whoever knows of the quorum tells `commit`, and readers
 * and `executedGtidSet` see no more than that.
 */
export class Journal extends JournalView {
  readonly counters = new JournalCounters();
  readonly fullDisk = new FullDisk();
  private readonly retention: JournalRetention;
  /** Where it ended when it was opened: what is learned to be committed before that is not new. */
  private openedAt = 0;
  private writer: JournalWriter | null = null;

  private constructor(
    private readonly options: JournalOptions,
    private readonly lock: DiskLock,
  ) {
    const { directory, disk = nodeDisk, cacheBytes = CACHE_BYTES, pageBytes = PAGE_BYTES, log } = options;
    super(new SegmentStore({ directory, disk, cacheBytes, pageBytes, log }), new CommitState());
    this.retention = new JournalRetention(this.store, () => this.committedOffset);
  }

  /**
   * Makes the directory when it is not there. Nothing counts as committed before `commit` is told so.
   *
   * @throws JournalError when another has it open; JournalDamageError when its files are not as they were written
   */
  static async open(options: JournalOptions): Promise<Journal> {
    const { disk = nodeDisk, directory } = options;
    await disk.makeDirectory(directory);
    const lock = await disk.lock(directory);
    try {
      const journal = new Journal(options, lock);
      await journal.load();
      return journal;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  async close(): Promise<void> {
    try {
      await this.writer?.close();
    } finally {
      await this.store.files.close();
      await this.lock.release();
    }
  }

  /** Looks whether its files are there. A writer fails when they are not. */
  lookAtFiles(): Promise<void> {
    return this.store.mutex.run(async () => {
      await this.store.lookAtFiles();
      const { loss } = this.store;
      if (loss !== null) this.writer?.fail(loss);
    });
  }

  /** The segments that would go. */
  planPurge(retention: Retention, neededFrom: number | null = null): PurgePlan {
    this.requireBegun();
    return this.retention.plan(retention, neededFrom);
  }

  /** Durably moves the start first, and only then removes files. */
  purge(plan: PurgePlan): Promise<void> {
    return this.store.mutex.run(() => this.retention.carryOut(plan));
  }

  /** An empty journal starts behind these transactions. */
  async begin(flavour: Flavour, purged: GtidSet = emptyGtidSet(flavour), at: Beginning = {}): Promise<void> {
    if (this.segmentCount > 0) throw new JournalError(`The journal in ${this.directory} has begun already.`);
    if (flavourOf(purged) !== flavour) throw new JournalError('The purged GTIDs are of the other flavour.');
    this.requireNoWriter();
    await this.store.mutex.run(() => this.start(stateAt(flavour, purged, at, this.term)));
  }

  /** Durable before it resolves. */
  recordTerm(term: Term): Promise<void> {
    return this.store.mutex.run(() => this.store.recordTerm(term));
  }

  /**
   * One at a time. What an earlier one left behind the durable end is thrown away. One that `follows` begins segments only
   * where it is told to: where the member that it copies did.
   *
   * @throws JournalWriteError when the cause that made an earlier one fail has not gone, JournalError when its files have
   */
  async openWriter({ follows = false } = {}): Promise<JournalWriter> {
    const { store } = this;
    const pending = this.requireBegun();
    this.requireNoWriter();
    if (store.loss !== null) throw store.loss;
    await store.removeUnfinished();
    if (follows) await store.reopenLast();
    pending.cut(store.endOffset);
    store.cache.cut(store.endOffset);
    this.requireNoWriter();
    this.writer = new JournalWriter(
      {
        disk: store.disk,
        directory: store.directory,
        segmentBytes: follows ? Infinity : this.options.segmentBytes,
        pending,
        cache: store.cache,
        appender: new SegmentAppender(store.disk, store.last, this.counters),
        endOffset: store.endOffset,
        get lastSegment() {
          return store.last;
        },
        nextNumber: store.state!.firstSegment,
        onDurable: (offset, segments) => {
          store.markDurable(offset, segments, this.requireBegun(), this.counters);
          this.fullDisk.clear();
        },
        onClose: () => {
          this.writer = null;
        },
      },
      pending.setAt(store.endOffset),
    );
    this.writer.onFailure((error) => this.fullDisk.note(error));
    return this.writer;
  }

  /**
   * What ends there is committed from now on. Never goes back: an offset before the committed one changes nothing.
   *
   * @throws JournalError when it is no boundary, or not durable here
   */
  async commit(offset: number): Promise<void> {
    const pending = this.requireBegun();
    const { commits, endOffset } = this;
    if (offset <= commits.offset) return;
    if (offset > endOffset)
      throw new JournalError(`Offset ${offset} cannot be committed: the journal ends at ${endOffset}.`);
    const before = commits.offset;
    if (offset < pending.base) {
      const at = await this.store.atBoundary(offset);
      if (offset <= commits.offset) return;
      commits.move(offset, at);
    } else commits.advance(offset);
    this.counters.committedBytes += Math.max(0, offset - Math.max(before, this.openedAt));
    this.announceCommit();
  }

  /**
   * Throws away what stands behind a boundary. Below the committed offset only with `force`.
   *
   * @throws JournalError when it is no boundary, below the start, or a writer is open
   */
  async truncate(offset: number, { force = false } = {}): Promise<void> {
    const pending = this.requireBegun();
    const { store, commits } = this;
    this.requireNoWriter();
    if (offset >= store.endOffset) return;
    if (offset < store.startOffset)
      throw new JournalError(
        `The journal begins at ${store.startOffset} and cannot be truncated to ${offset}.`,
      );
    if (offset < commits.offset && !force)
      throw new JournalError(
        `What ends at ${commits.offset} is committed and is not truncated to ${offset}.`,
      );
    await this.options.beforeCut?.(offset);
    const at = await store.atBoundary(offset, store.state!.purged);
    this.openedAt = Math.min(this.openedAt, offset);
    await store.truncate(offset, at);
    if (offset < pending.base) commits.cutTo(offset, at);
    else pending.cut(offset);
    if (offset >= commits.offset) return;
    commits.move(offset, at);
    this.announceCommit();
  }

  /**
   * Throws away everything, and begins elsewhere: what is here is not the cluster's, or older than what it still has.
   *
   * @param committed up to where the cluster has everything that is thrown away here
   * @throws JournalError while a writer is open
   */
  startOver(flavour: Flavour, purged: GtidSet, at: Beginning, committed: number): Promise<void> {
    return this.store.mutex.run(async () => {
      this.requireNoWriter();
      await this.options.beforeCut?.(Math.max(committed, at.offset ?? 0));
      await this.beginAnew(flavour, purged, at);
    });
  }

  /**
   * Ends this journal, whose files are kept in a folder beside it, and begins another one. After a crash in between it is to be
   * called again.
   *
   * @returns the folder; null when there were no files
   * @throws JournalError while a writer is open
   */
  restart(flavour: Flavour, purged: GtidSet, at: Beginning): Promise<string | null> {
    return this.store.mutex.run(async () => {
      this.requireNoWriter();
      const folder = await this.store.keepAside(at.segment ?? 1);
      await this.beginAnew(flavour, purged, at);
      if (folder !== null)
        this.options.log.warn({ folder }, 'The journal was restarted; the files of the old one are kept');
      return folder;
    });
  }

  private async load(): Promise<void> {
    const found = await this.store.load();
    if (!found) return;
    this.hold(found);
    this.openedAt = this.endOffset;
  }

  private async beginAnew(flavour: Flavour, purged: GtidSet, at: Beginning): Promise<void> {
    this.requireNoWriter();
    await this.store.removeAll();
    await this.start(stateAt(flavour, purged, at, null));
    this.announceCommit();
  }

  private async start(state: JournalState): Promise<void> {
    await this.store.begin(state);
    this.hold({ set: state.purged.clone(), lastGtid: null });
  }

  /** @param end all transactions that the store has, and purged ones */
  private hold(end: GtidsBefore): void {
    const { startOffset, state, endOffset } = this.store;
    this.commits.begin(startOffset, state!.purged, { ...end, offset: endOffset });
  }

  private announceCommit(): void {
    this.commits.announce(() => this.writer?.roomMade());
  }

  private requireNoWriter(): void {
    if (this.writer) throw new JournalError(`The journal in ${this.directory} has a writer already.`);
  }
}

function stateAt(flavour: Flavour, purged: GtidSet, at: Beginning, term: Term | null): JournalState {
  const { offset = 0, segment = 1, incarnation = null } = at;
  return { flavour, startOffset: offset, firstSegment: segment, purged: purged.clone(), term, incarnation };
}
