import type { Logger } from '../../telemetry/logger.js';
import { emptyGtidSet, flavourOf, type Flavour, type GtidSet } from '../protocol/gtid/gtid-set.js';
import { nodeDisk, type Disk, type DiskLock } from './disk.js';
import { FullDisk } from './full-disk.js';
import { renameFormer } from './former-names.js';
import { JournalCounters } from './journal-counters.js';
import { JournalError, JournalPurgedError } from './journal-error.js';
import { JournalReader } from './journal-reader.js';
import { loadState, saveState, saveTermOnly, type JournalState, type Term } from './journal-state.js';
import { JournalWriter } from './journal-writer.js';
import { PendingTransactions } from './pending-transactions.js';
import { Presence } from './presence.js';
import { planPurge, type PurgePlan, type Retention } from './purge-plan.js';
import { Readability } from './readability.js';
import { recover, requireEmpty } from './recovery.js';
import { seek, type SeekOptions, type StartPoint } from './seek.js';
import { removeSegment, SegmentAppender } from './segment-appender.js';
import { PieceCache } from './piece-cache.js';
import { SegmentFiles } from './segment-files.js';
import { keepAside } from './keep-aside.js';
import { SEGMENT_BASE_NAME, segmentName } from './segment-name.js';
import { segmentsAt, segmentsCovering } from './segment-queries.js';
import type { Segment, SegmentInfo } from './segment.js';
import { TailCache } from './tail-cache.js';
import { removeBehind, setAtBoundary, type AtBoundary } from './truncation.js';
import { Mutex } from '../../common/mutex.js';
import { Turnstile } from '../../common/turnstile.js';

export interface JournalOptions {
  readonly directory: string;
  /** A segment that has reached it is followed by another one at the next transaction. */
  readonly segmentBytes: number;
  /** Of the newest bytes, so many are kept in memory for readers. */
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
export class Journal {
  readonly directory: string;
  readonly counters = new JournalCounters();
  readonly readability: Readability;
  readonly fullDisk = new FullDisk();
  private readonly presence: Presence;
  private readonly log: Logger;
  private readonly segmentBytes: number;
  private readonly cache: TailCache;
  private readonly disk: Disk;
  private readonly files: SegmentFiles;
  /** Of what is committed, which nothing changes any more. */
  private readonly pieces: PieceCache;
  private readonly commitListeners = new Set<(offset: number) => void>();
  private segmentList: Segment[] = [];
  private state: JournalState | null = null;
  private knownTerm: Term | null = null;
  private pending: PendingTransactions | null = null;
  private committed = 0;
  private committedSet: GtidSet | null = null;
  private committedGtid: string | null = null;
  private durable = 0;
  /** Where it ended when it was opened: what is learned to be committed before that is not new. */
  private openedAt = 0;
  private writer: JournalWriter | null = null;
  /** What changes the state's file, one after the other: each builds on the one before. */
  private readonly mutex = new Mutex();
  private readonly commitWait = new Turnstile();
  private readonly durableWait = new Turnstile();

  private constructor(
    private readonly options: JournalOptions,
    private readonly lock: DiskLock,
  ) {
    this.directory = options.directory;
    this.segmentBytes = options.segmentBytes;
    this.log = options.log;
    this.cache = new TailCache(options.cacheBytes ?? CACHE_BYTES, options.pageBytes ?? PAGE_BYTES);
    this.disk = options.disk ?? nodeDisk;
    this.files = new SegmentFiles(this.disk);
    this.presence = new Presence(this.disk, this.directory);
    this.pieces = new PieceCache(this.files, this.cache.pageBytes);
    this.readability = new Readability(
      this.disk,
      (path) => this.segmentList.find((each) => each.path === path),
      ({ startOffset }) => this.pieces.cut(startOffset),
    );
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
      await this.files.close();
      await this.lock.release();
    }
  }

  /** Why nothing is stored any more; null while its files are there, as far as was looked. */
  get loss(): string | null {
    return this.presence.problem?.message ?? null;
  }

  /** Looks whether its files are there. A writer fails when they are not. */
  lookAtFiles(): Promise<void> {
    return this.mutex.run(async () => {
      await this.presence.look(this.segmentList.at(-1)?.path ?? null);
      const { problem } = this.presence;
      if (problem !== null) this.writer?.fail(problem);
    });
  }

  /** Null before `begin`. */
  get flavour(): Flavour | null {
    return this.state?.flavour ?? null;
  }

  /** Which of the cluster's journals it is; null: the first, or none yet. */
  get incarnation(): string | null {
    return this.state?.incarnation ?? null;
  }

  get startOffset(): number {
    return this.state?.startOffset ?? 0;
  }

  /** Behind the last durable transaction. */
  get endOffset(): number {
    return this.durable;
  }

  get committedOffset(): number {
    return this.committed;
  }

  /** All transactions up to the committed offset, purged ones included; a copy. Null before `begin`. */
  get executedGtidSet(): GtidSet | null {
    return this.committedSet?.clone() ?? null;
  }

  /** All transactions up to the end, committed or not: what is not to be asked for again. A copy; null before `begin`. */
  get durableGtidSet(): GtidSet | null {
    return this.pending?.setAt(this.durable) ?? null;
  }

  /** All transactions before the first segment; a copy. Null before `begin`. */
  get purgedGtidSet(): GtidSet | null {
    return this.state?.purged.clone() ?? null;
  }

  /** The last committed transaction's, null while none was committed since the journal was opened. */
  get lastGtid(): string | null {
    return this.committedGtid;
  }

  get term(): Term | null {
    return this.knownTerm;
  }

  /** What its first file is called, or will be. */
  get firstFile(): string {
    return segmentName(this.state?.firstSegment ?? 1);
  }

  /** Those that have a durable transaction. */
  get segmentCount(): number {
    return this.segmentList.length;
  }

  get sizeBytes(): number {
    return this.durable - this.startOffset;
  }

  /** Those that have a durable transaction, oldest first. */
  segments(): SegmentInfo[] {
    return this.segmentList.map(({ info }) => info);
  }

  /** Those that hold something that is committed, oldest first. */
  committedSegments(): readonly Segment[] {
    return this.segmentList.filter(({ startOffset }) => startOffset < this.committed);
  }

  /** An empty journal starts behind these transactions. */
  async begin(flavour: Flavour, purged: GtidSet = emptyGtidSet(flavour), at: Beginning = {}): Promise<void> {
    if (this.segmentList.length > 0)
      throw new JournalError(`The journal in ${this.directory} has begun already.`);
    if (flavourOf(purged) !== flavour) throw new JournalError('The purged GTIDs are of the other flavour.');
    this.requireNoWriter();
    await this.mutex.run(async () => {
      const state: JournalState = {
        flavour,
        startOffset: at.offset ?? 0,
        firstSegment: at.segment ?? 1,
        purged: purged.clone(),
        term: this.knownTerm,
        incarnation: at.incarnation ?? null,
      };
      await saveState(this.disk, this.directory, state);
      this.start(state, [], state.purged.clone());
    });
  }

  /** Durable before it resolves. */
  recordTerm(term: Term): Promise<void> {
    return this.mutex.run(async () => {
      if (this.state) {
        const state = { ...this.state, term };
        await saveState(this.disk, this.directory, state);
        this.state = state;
      } else {
        await saveTermOnly(this.disk, this.directory, term);
      }
      this.knownTerm = term;
    });
  }

  /**
   * One at a time. What an earlier one left behind the durable end is thrown away. One that `follows` begins segments only
   * where it is told to: where the member that it copies did.
   *
   * @throws JournalWriteError when the cause that made an earlier one fail has not gone, JournalError when its files have
   */
  async openWriter({ follows = false } = {}): Promise<JournalWriter> {
    const pending = this.requireBegun();
    this.requireNoWriter();
    if (this.presence.problem !== null) throw this.presence.problem;
    await removeBehind(this.disk, this.directory, this.segmentList.at(-1) ?? null, this.state!.firstSegment);
    if (follows) await this.reopenLast();
    pending.cut(this.durable);
    this.cache.cut(this.durable);
    this.requireNoWriter();
    const lastSegment = (): Segment | null => this.segmentList.at(-1) ?? null;
    this.writer = new JournalWriter(
      {
        disk: this.disk,
        directory: this.directory,
        segmentBytes: follows ? Infinity : this.segmentBytes,
        pending,
        cache: this.cache,
        appender: new SegmentAppender(this.disk, lastSegment(), this.counters),
        endOffset: this.durable,
        get lastSegment() {
          return lastSegment();
        },
        nextNumber: this.state!.firstSegment,
        onDurable: (offset, segments) => this.markDurable(offset, segments),
        onClose: () => {
          this.writer = null;
        },
      },
      pending.setAt(this.durable),
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
    if (offset <= this.committed) return;
    if (offset > this.durable)
      throw new JournalError(`Offset ${offset} cannot be committed: the journal ends at ${this.durable}.`);
    if (offset < pending.base) {
      const { set, lastGtid } = await this.atBoundary(offset);
      if (offset <= this.committed) return;
      this.committedSet = set;
      this.committedGtid = lastGtid;
    } else {
      if (!pending.isBoundary(offset))
        throw new JournalError(`Offset ${offset} is not between two transactions.`);
      if (offset > pending.base) pending.advance(offset);
      this.committedSet = pending.baseSet;
      this.committedGtid = pending.lastGtid;
    }
    this.counters.committedBytes += Math.max(0, offset - Math.max(this.committed, this.openedAt));
    this.committed = offset;
    this.announceCommit();
  }

  /** Called with each new committed offset; answers how to end that. */
  onCommit(listener: (offset: number) => void): () => void {
    this.commitListeners.add(listener);
    return () => this.commitListeners.delete(listener);
  }

  /** Resolves when the committed offset moves next. */
  nextCommit(): Promise<void> {
    return this.commitWait.next();
  }

  /** Resolves when the end of what is durable moves next. */
  nextDurable(): Promise<void> {
    return this.durableWait.next();
  }

  /**
   * Throws away what stands behind a boundary. Below the committed offset only with `force`.
   *
   * @throws JournalError when it is no boundary, below the start, or a writer is open
   */
  async truncate(offset: number, { force = false } = {}): Promise<void> {
    const pending = this.requireBegun();
    this.requireNoWriter();
    if (offset >= this.durable) return;
    if (offset < this.startOffset)
      throw new JournalError(
        `The journal begins at ${this.startOffset} and cannot be truncated to ${offset}.`,
      );
    if (offset < this.committed && !force)
      throw new JournalError(
        `What ends at ${this.committed} is committed and is not truncated to ${offset}.`,
      );
    await this.options.beforeCut?.(offset);
    const at = await this.atBoundary(offset, this.state!.purged);
    const kept = this.segmentList.filter(({ startOffset }) => startOffset < offset);
    if (at.index) kept.at(-1)?.reopen(at.index, offset - kept.at(-1)!.startOffset);
    this.segmentList = kept;
    this.durable = offset;
    this.openedAt = Math.min(this.openedAt, offset);
    this.cache.cut(offset);
    this.pieces.cut(offset);
    await this.files.closeBehind(kept.at(-1)?.number ?? 0);
    await removeBehind(this.disk, this.directory, kept.at(-1) ?? null, this.state!.firstSegment);
    if (offset < pending.base) {
      this.pending = new PendingTransactions(offset, at.set);
      this.pending.lastGtid = at.lastGtid;
    } else pending.cut(offset);
    if (offset >= this.committed) return;
    this.committed = offset;
    this.committedSet = at.set;
    this.committedGtid = at.lastGtid;
    this.announceCommit();
  }

  /** From a boundary or the start of a segment. Close it when it is no longer needed. */
  reader(offset: number): JournalReader {
    this.requireBegun();
    if (offset < this.startOffset)
      throw new JournalPurgedError(
        `Offset ${offset} is purged, the journal begins at ${this.startOffset}.`,
        '',
      );
    const { cache, pieces, files, readability } = this;
    const parts = { cache, pieces, files, readability, journal: this };
    return new JournalReader(parts, offset, (at) => this.segmentOf(at));
  }

  /** Also of what is not committed yet, for the members that make it so. */
  durableReader(offset: number): JournalReader {
    this.requireBegun();
    const durable = (): number => this.durable;
    const journal = {
      startOffset: this.startOffset,
      get committedOffset() {
        return durable();
      },
      nextCommit: () => this.nextDurable(),
    };
    // What is not committed may be truncated, and something else written in its place: nobody is to find it later.
    const pieces = new PieceCache(this.files, this.cache.pageBytes);
    const { cache, files, readability } = this;
    const parts = { cache, pieces, files, readability, journal };
    return new JournalReader(parts, offset, (at) => this.segmentOf(at));
  }

  /** The last segment, to go on where it ends; null when it has no transaction. */
  get lastSegment(): Segment | null {
    return this.segmentList.at(-1) ?? null;
  }

  /**
   * Throws away everything, and begins elsewhere: what is here is not the cluster's, or older than what it still has.
   *
   * @param committed up to where the cluster has everything that is thrown away here
   * @throws JournalError while a writer is open
   */
  startOver(flavour: Flavour, purged: GtidSet, at: Beginning, committed: number): Promise<void> {
    return this.mutex.run(async () => {
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
    return this.mutex.run(async () => {
      this.requireNoWriter();
      await this.files.closeBehind(0);
      const folder = await keepAside(this.disk, this.directory, segmentName(at.segment ?? 1));
      await this.beginAnew(flavour, purged, at);
      if (folder !== null)
        this.log.warn({ folder }, 'The journal was restarted; the files of the old one are kept');
      return folder;
    });
  }

  private async beginAnew(flavour: Flavour, purged: GtidSet, at: Beginning): Promise<void> {
    this.requireNoWriter();
    await this.files.closeBehind(0);
    await removeBehind(this.disk, this.directory, null, 0);
    this.cache.cut(0);
    this.pieces.cut(0);
    const state: JournalState = {
      flavour,
      startOffset: at.offset ?? 0,
      firstSegment: at.segment ?? 1,
      purged: purged.clone(),
      term: null,
      incarnation: at.incarnation ?? null,
    };
    await saveState(this.disk, this.directory, state);
    this.knownTerm = null;
    this.start(state, [], state.purged.clone());
    this.announceCommit();
  }

  /**
   * Where a slave that has this set goes on.
   *
   * @throws JournalPurgedError, JournalDivergedError
   */
  async seek(set: GtidSet, options: SeekOptions = {}): Promise<StartPoint> {
    this.requireBegun();
    const segments = this.committedSegments();
    const view = { segments, purged: this.state!.purged, executed: this.committedSet!, end: this.committed };
    return this.readability.reading(
      () => null,
      () => seek(view, set, options),
    );
  }

  /** Those with a transaction at or before that time. */
  segmentsAt(time: Date): SegmentInfo[] {
    return segmentsAt(this.segments(), time);
  }

  /**
   * The fewest that hold those transactions.
   *
   * @throws JournalPurgedError when they cannot
   */
  segmentsCovering(set: GtidSet): SegmentInfo[] {
    return segmentsCovering(this.segments(), set);
  }

  /** Which segments would go. */
  planPurge(retention: Retention, neededFrom: number | null = null): PurgePlan {
    this.requireBegun();
    // The one that stays first must be committed: elsewhere there may never be one that begins there.
    const first = this.committedSegments().at(-1)?.startOffset ?? this.startOffset;
    return planPurge(this.segments(), retention, Math.min(first, neededFrom ?? Infinity));
  }

  /** Durably moves the start first, and only then removes files. */
  purge(plan: PurgePlan): Promise<void> {
    return this.mutex.run(() => this.carryOut(plan));
  }

  private async carryOut(plan: PurgePlan): Promise<void> {
    const { state } = this;
    if (!state || plan.segments.length === 0) return;
    const count = plan.segments.length;
    const gone = this.segmentList.slice(0, count);
    const first = this.segmentList[count];
    if (
      !first ||
      gone.some(({ name }, i) => name !== plan.segments[i]!.name) ||
      first.startOffset >= this.committed
    )
      throw new JournalError('The journal has changed since the purge was planned.');
    const moved = {
      ...state,
      startOffset: first.startOffset,
      firstSegment: first.number,
      purged: first.header.previous,
    };
    await saveState(this.disk, this.directory, moved);
    this.state = moved;
    this.segmentList = this.segmentList.slice(count);
    for (const { path } of gone) await removeSegment(this.disk, path);
    this.log.info(
      { segments: gone.map(({ name }) => name), startOffset: moved.startOffset },
      'journal purged',
    );
  }

  private async load(): Promise<void> {
    const { state, term } = await loadState(this.disk, this.directory);
    this.knownTerm = term;
    if (!state) return requireEmpty(this.disk, this.directory);
    const renamed = await renameFormer(this.disk, this.directory);
    if (renamed > 0)
      this.log.info(
        { renamed },
        `journal: files of version 0.1.0 are named ${SEGMENT_BASE_NAME} from now on`,
      );
    const { segments, gtids, cutBytes, lastGtid } = await recover(this.disk, this.directory, state);
    if (cutBytes > 0)
      this.log.warn({ cutBytes }, 'journal: the unfinished end of the newest segment was cut');
    this.start(state, segments, gtids.clone());
    this.pending!.lastGtid = lastGtid;
    this.openedAt = this.durable;
  }

  private start(state: JournalState, segments: Segment[], gtids: GtidSet): void {
    this.state = state;
    this.segmentList = segments;
    this.durable = segments.at(-1)?.endOffset ?? state.startOffset;
    this.committed = state.startOffset;
    this.pending = new PendingTransactions(this.durable, gtids);
    this.committedSet = state.purged.clone();
    this.committedGtid = null;
  }

  private markDurable(offset: number, segments: readonly Segment[]): void {
    let [next, segment] = [0, this.segmentList.at(-1)];
    const now = new Date();
    this.pending!.forEach(this.durable, offset, (end, source, number, big, timestamp) => {
      while (next < segments.length && end > segments[next]!.startOffset) {
        segment = segments[next++]!;
        this.segmentList.push(segment);
      }
      const size = end - segment!.startOffset;
      segment!.growing.add(size, source, number, big, timestamp);
      segment!.size = size;
      segment!.arrivedAt = now;
    });
    this.counters.appendedBytes += offset - this.durable;
    this.fullDisk.clear();
    this.durable = offset;
    this.durableWait.open();
  }

  /** A segment that was ended grows again when the one behind it never became durable. */
  private async reopenLast(): Promise<void> {
    const last = this.segmentList.at(-1);
    if (!last?.isSealed) return;
    const { index } = await this.atBoundary(this.durable);
    last.reopen(index!, last.size);
  }

  private atBoundary(offset: number, purged?: GtidSet): Promise<AtBoundary> {
    const segment = this.segmentList.findLast(({ startOffset }) => startOffset < offset) ?? null;
    return this.readability.reading(
      () => segment,
      () => setAtBoundary(this.disk, this.segmentList, offset, purged),
    );
  }

  private announceCommit(): void {
    this.commitWait.open();
    this.writer?.roomMade();
    for (const listener of this.commitListeners) listener(this.committed);
  }

  /** The one with the byte at the offset. */
  private segmentOf(offset: number): Segment | null {
    return this.segmentList.findLast((each) => each.startOffset <= offset && offset < each.endOffset) ?? null;
  }

  private requireBegun(): PendingTransactions {
    if (this.pending) return this.pending;
    throw new JournalError(`The journal in ${this.directory} has not begun: no source was followed yet.`);
  }

  private requireNoWriter(): void {
    if (this.writer) throw new JournalError(`The journal in ${this.directory} has a writer already.`);
  }
}
