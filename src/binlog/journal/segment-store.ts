import { Mutex } from '../../common/mutex.js';
import { Turnstile } from '../../common/turnstile.js';
import type { Logger } from '../../telemetry/logger.js';
import type { GtidsBefore } from './commit-state.js';
import type { Disk } from './disk.js';
import { renameFormer } from './former-names.js';
import type { JournalCounters } from './journal-counters.js';
import { JournalError } from './journal-error.js';
import { loadState, saveState, saveTermOnly, type JournalState, type Term } from './journal-state.js';
import { keepAside } from './keep-aside.js';
import type { PendingTransactions } from './pending-transactions.js';
import { PieceCache } from './piece-cache.js';
import { Presence } from './presence.js';
import { Readability } from './readability.js';
import { recover, requireEmpty } from './recovery.js';
import { removeSegment } from './segment-appender.js';
import { SegmentFiles } from './segment-files.js';
import { SEGMENT_BASE_NAME, segmentName } from './segment-name.js';
import type { Segment } from './segment.js';
import { TailCache } from './tail-cache.js';
import { removeBehind, setAtBoundary, type AtBoundary } from './truncation.js';

export interface SegmentStoreOptions {
  readonly directory: string;
  readonly disk: Disk;
  /** How many of the newest bytes stay in memory for readers. */
  readonly cacheBytes: number;
  /** The unit of that memory. */
  readonly pageBytes: number;
  readonly log: Logger;
}

/**
 * A journal on its disk: the segments, where the first begins, the recorded term, and how far all of it is durable.
 *
 * Invariants: nothing before `endOffset` is not on the disk; the start moves durably before files are removed, so that what
 * is left over is known as such.
 */
export class SegmentStore {
  readonly directory: string;
  readonly disk: Disk;
  readonly files: SegmentFiles;
  readonly cache: TailCache;
  /** Pieces of what is committed, which nothing changes any more. */
  readonly pieces: PieceCache;
  readonly readability: Readability;
  /** Lets changes of the state's file go one after the other: each builds on the one before. */
  readonly mutex = new Mutex();
  private readonly presence: Presence;
  private readonly log: Logger;
  private readonly durableMoved = new Turnstile();
  private list: Segment[] = [];
  private stored: JournalState | null = null;
  private knownTerm: Term | null = null;
  private durable = 0;

  constructor({ directory, disk, cacheBytes, pageBytes, log }: SegmentStoreOptions) {
    this.directory = directory;
    this.disk = disk;
    this.log = log;
    this.cache = new TailCache(cacheBytes, pageBytes);
    this.files = new SegmentFiles(disk);
    this.presence = new Presence(disk, directory);
    this.pieces = new PieceCache(this.files, this.cache.pageBytes);
    this.readability = new Readability(
      disk,
      (path) => this.list.find((each) => each.path === path),
      ({ startOffset }) => this.pieces.cut(startOffset),
    );
  }

  /** Null before the journal has begun. */
  get state(): JournalState | null {
    return this.stored;
  }

  get term(): Term | null {
    return this.knownTerm;
  }

  get startOffset(): number {
    return this.stored?.startOffset ?? 0;
  }

  /** The end of the last durable transaction. */
  get endOffset(): number {
    return this.durable;
  }

  /** Those that have a durable transaction, oldest first. */
  get segments(): readonly Segment[] {
    return this.list;
  }

  get last(): Segment | null {
    return this.list.at(-1) ?? null;
  }

  /** Why nothing is stored any more; null while the files are there, as far as was looked. */
  get loss(): JournalError | null {
    return this.presence.problem;
  }

  async lookAtFiles(): Promise<void> {
    await this.presence.look(this.last?.path ?? null);
  }

  /**
   * Opens what is on the disk.
   *
   * @returns all transactions that are there, and purged ones; null when the journal has not begun
   * @throws JournalDamageError when files are not as they were written
   */
  async load(): Promise<GtidsBefore | null> {
    const { disk, directory, log } = this;
    const { state, term } = await loadState(disk, directory);
    this.knownTerm = term;
    if (!state) {
      await requireEmpty(disk, directory);
      return null;
    }
    const renamed = await renameFormer(disk, directory);
    if (renamed > 0)
      log.info({ renamed }, `journal: files of version 0.1.0 are named ${SEGMENT_BASE_NAME} from now on`);
    const { segments, gtids, cutBytes, lastGtid } = await recover(disk, directory, state);
    if (cutBytes > 0) log.warn({ cutBytes }, 'journal: the unfinished end of the newest segment was cut');
    this.hold(state, segments);
    return { set: gtids.clone(), lastGtid };
  }

  /** Begins there, without a segment. Durable before it resolves. */
  async begin(state: JournalState): Promise<void> {
    await saveState(this.disk, this.directory, state);
    this.knownTerm = state.term;
    this.hold(state, []);
  }

  /** Durable before it resolves. */
  async recordTerm(term: Term): Promise<void> {
    if (this.stored) {
      const state = { ...this.stored, term };
      await saveState(this.disk, this.directory, state);
      this.stored = state;
    } else {
      await saveTermOnly(this.disk, this.directory, term);
    }
    this.knownTerm = term;
  }

  /** Takes whatever stands behind the durable end off the disk. */
  removeUnfinished(): Promise<void> {
    return removeBehind(this.disk, this.directory, this.last, this.stored!.firstSegment);
  }

  /** Takes every segment off the disk. */
  async removeAll(): Promise<void> {
    await this.files.closeBehind(0);
    await removeBehind(this.disk, this.directory, null, 0);
    this.cache.cut(0);
    this.pieces.cut(0);
  }

  /**
   * Moves every segment to a folder beside the journal.
   *
   * @param nextSegment the number of the first segment that comes instead
   * @returns the folder; null when there was no segment
   */
  async keepAside(nextSegment: number): Promise<string | null> {
    await this.files.closeBehind(0);
    return keepAside(this.disk, this.directory, segmentName(nextSegment));
  }

  /** Throws away what stands behind a boundary, which becomes the durable end. */
  async truncate(offset: number, { index }: AtBoundary): Promise<void> {
    const kept = this.list.filter(({ startOffset }) => startOffset < offset);
    const last = kept.at(-1);
    if (index) last?.reopen(index, offset - last.startOffset);
    this.list = kept;
    this.durable = offset;
    this.cache.cut(offset);
    this.pieces.cut(offset);
    await this.files.closeBehind(last?.number ?? 0);
    await this.removeUnfinished();
  }

  /** Durably moves the start behind so many segments first, and only then removes their files. */
  async removeFirst(count: number): Promise<void> {
    const gone = this.list.slice(0, count);
    const first = this.list[count];
    if (!this.stored || !first) throw new JournalError('The newest segment of a journal cannot be purged.');
    const moved = {
      ...this.stored,
      startOffset: first.startOffset,
      firstSegment: first.number,
      purged: first.header.previous,
    };
    await saveState(this.disk, this.directory, moved);
    this.stored = moved;
    this.list = this.list.slice(count);
    for (const { path } of gone) await removeSegment(this.disk, path);
    this.log.info(
      { segments: gone.map(({ name }) => name), startOffset: moved.startOffset },
      'journal purged',
    );
  }

  /** A segment that was ended grows again when the one behind it never became durable. */
  async reopenLast(): Promise<void> {
    const { last } = this;
    if (!last?.isSealed) return;
    const { index } = await this.atBoundary(this.durable);
    last.reopen(index!, last.size);
  }

  /** Moves the durable end on: the transactions up to it are in the last segment and in these new ones. */
  markDurable(
    offset: number,
    segments: readonly Segment[],
    pending: PendingTransactions,
    counters: JournalCounters,
  ): void {
    let [next, segment] = [0, this.list.at(-1)];
    const now = new Date();
    pending.forEach(this.durable, offset, (end, source, number, big, timestamp) => {
      while (next < segments.length && end > segments[next]!.startOffset) {
        segment = segments[next++]!;
        this.list.push(segment);
      }
      const size = end - segment!.startOffset;
      segment!.growing.add(size, source, number, big, timestamp);
      segment!.size = size;
      segment!.arrivedAt = now;
    });
    counters.appendedBytes += offset - this.durable;
    this.durable = offset;
    this.durableMoved.open();
  }

  /** Resolves when the durable end moves next. */
  nextDurable(): Promise<void> {
    return this.durableMoved.next();
  }

  /** @param purged all transactions before the first segment, when the offset may be its start */
  atBoundary(offset: number, purged?: JournalState['purged']): Promise<AtBoundary> {
    const segment = this.list.findLast(({ startOffset }) => startOffset < offset) ?? null;
    return this.readability.reading(
      () => segment,
      () => setAtBoundary(this.disk, this.list, offset, purged),
    );
  }

  /** The one with the byte at the offset; null when there is none. */
  segmentOf(offset: number): Segment | null {
    return this.list.findLast((each) => each.startOffset <= offset && offset < each.endOffset) ?? null;
  }

  private hold(state: JournalState, segments: Segment[]): void {
    this.stored = state;
    this.list = segments;
    this.durable = segments.at(-1)?.endOffset ?? state.startOffset;
  }
}
