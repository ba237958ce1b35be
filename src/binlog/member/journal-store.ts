import { access, rename } from 'node:fs/promises';
import { delay, raceAbort, sharedAbortController } from '../../common/async.js';
import { errorMessage } from '../../common/errors.js';
import type { Logger } from '../../telemetry/logger.js';
import { Journal } from '../journal/journal.js';
import { JournalDamageError } from '../journal/journal-error.js';
import { KnownCommit } from './known-commit.js';

export interface JournalStoreOptions {
  readonly directory: string;
  readonly segmentBytes: number;
  /** Whether another member has what is committed, so that it can be fetched anew. */
  readonly isElsewhere: () => boolean;
  readonly log: Logger;
}

/** Another process may still be closing it, or somebody put the files right. */
const RETRY_MS = 15_000;
const LOOK_MS = 2_000;

/**
 * This member's journal, from its opening to its closing. A journal that cannot be opened stops nothing but what needs
 * it; it is tried again now and then.
 */
export class JournalStore {
  private readonly stopping = sharedAbortController();
  private readonly listeners = new Set<() => void>();
  private opening: Promise<void> = Promise.resolve();
  private opened: Journal | null = null;
  private reason: string | null = null;

  private readonly known: KnownCommit;
  private endKnown: () => Promise<void> = () => Promise.resolve();
  private cutReason: string | null = null;

  constructor(private readonly options: JournalStoreOptions) {
    this.known = new KnownCommit(options.directory, options.log);
  }

  /** Null while it is not open. */
  get journal(): Journal | null {
    return this.opened;
  }

  /** Why it could not be opened; null when it could, or is being opened. */
  get problem(): string | null {
    return this.reason;
  }

  /** Why the journal is of no use to a leader: it could not be opened, is gone, or cannot be read; null when none is known. */
  get currentProblem(): string | null {
    return this.reason ?? this.opened?.loss ?? this.opened?.readability.problem ?? null;
  }

  /** What was cut off the journal although it was known to be committed, and is kept; null when nothing is. */
  get cut(): string | null {
    return this.cutReason;
  }

  /** Does not wait: a large journal may take a while. */
  start(): void {
    this.opening = this.open();
  }

  async stop(): Promise<void> {
    this.stopping.abort(new Error('This member is stopping.'));
    await this.opening;
    await this.endKnown();
    await this.opened?.close();
    this.opened = null;
  }

  /** Called when it is open, and when it could not be opened. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Rejects when the signal aborts. */
  async untilOpen(signal: AbortSignal): Promise<Journal> {
    if (this.opened) return this.opened;
    let end: () => void = () => undefined;
    const open = new Promise<Journal>((resolve) => {
      end = this.onChange(() => {
        if (this.opened) resolve(this.opened);
      });
    });
    try {
      return await raceAbort(open, signal, this.stopping.signal);
    } finally {
      end();
    }
  }

  private async open(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted && this.opened === null) {
      try {
        await this.known.load();
        const beforeCut = (offset: number): Promise<void> => this.beforeCut(offset);
        this.opened = await Journal.open({ ...this.options, beforeCut });
        this.endKnown = this.known.watch(this.opened);
        this.cutReason = await this.known.problem();
        this.reason = null;
      } catch (error) {
        this.reason = errorMessage(error);
        if (error instanceof JournalDamageError && (await this.setAside(error))) continue;
        this.options.log.error({ reason: this.reason }, 'The journal cannot be opened; trying again later');
      }
      for (const listener of [...this.listeners]) listener();
      if (this.opened === null) await delay(RETRY_MS, signal).catch(() => undefined);
    }
    if (this.opened === null) return;
    void this.watch(this.opened);
    void this.watchFiles(this.opened);
  }

  private async beforeCut(offset: number): Promise<void> {
    await this.known.beforeCut(offset);
    this.cutReason = await this.known.problem();
  }

  /** Somebody may delete them, or a file system may go. */
  private async watchFiles(journal: Journal): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const { loss } = journal;
      await journal.lookAtFiles();
      if (journal.loss !== null && loss === null)
        this.options.log.error({ reason: journal.loss }, 'The journal is gone');
      if (journal.loss === null && loss !== null) this.options.log.info('The journal is there again');
      await delay(LOOK_MS, signal).catch(() => undefined);
    }
  }

  /** What could not be read may be again. */
  private async watch({ readability }: Journal): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const { problem } = readability;
      await readability.lookAgain();
      this.cutReason = await this.known.problem().catch(() => this.cutReason);
      if (problem !== null && readability.problem === null)
        this.options.log.info({ reason: problem }, 'The journal can be read again');
      await delay(RETRY_MS, signal).catch(() => undefined);
    }
  }

  /**
   * A damaged journal is never served (docs/replication.md, rule 9): where others have it, it is fetched anew, and
   * the files are kept to be looked at. Not twice: then something is wrong with the disk.
   */
  private async setAside({ message }: JournalDamageError): Promise<boolean> {
    const { directory, isElsewhere, log } = this.options;
    const aside = `${directory}.damaged`;
    if (!isElsewhere()) return false;
    try {
      await access(aside);
      this.reason = `${message} It was fetched anew from the other members before: check the disk, and remove ${aside}.`;
      return false;
    } catch {
      await rename(directory, aside);
      log.error(
        { reason: message, aside },
        'The journal is damaged; it is fetched anew from the other members',
      );
      return true;
    }
  }
}
