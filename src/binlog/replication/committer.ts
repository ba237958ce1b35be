import { Backoff, delay } from '../../common/async.js';
import { errorMessage } from '../../common/errors.js';
import { CoordinatorUnavailableError, OutcomeUnknownError } from '../../coordinator/errors.js';
import { sharedAbortController } from '../../coordinator/async.js';
import type { OfficeOptions } from './journal-office.js';
import { COMMIT_KEY, journalCollections, TERMS_KEY, type TermRecord } from './records.js';

/** How often the coordinator's history of commits is forgotten; whoever watches is never that far behind. */
const COMPACT_INTERVAL_MS = 60_000;

/**
 * Moves the commit record behind what is durable (rule 5), one transaction of the coordinator at a time: what becomes
 * durable meanwhile joins the next.
 */
export class Committer {
  private readonly ended = sharedAbortController();
  private wanted = 0;
  private running: Promise<void> | null = null;
  private compactTo = 0n;
  private readonly compaction: NodeJS.Timeout;
  private lastRevision = 0n;

  constructor(
    private readonly options: OfficeOptions,
    private term: TermRecord,
    private termsRevision: bigint,
  ) {
    this.compaction = setInterval(() => this.compact(), COMPACT_INTERVAL_MS);
    this.compaction.unref();
    const { signal } = options.leadership;
    const onAbort = (): void => this.end(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true, signal: this.ended.signal });
    // The leadership may have ended while the office was being taken, and tells so only once.
    if (signal.aborted) onAbort();
  }

  /** Aborted when nothing can be committed any more. */
  get signal(): AbortSignal {
    return this.ended.signal;
  }

  changeTerm(term: TermRecord, revision: bigint): void {
    this.term = term;
    this.termsRevision = revision;
  }

  /** Everything up to this boundary is durable here. */
  request(offset: number): void {
    if (offset > this.wanted) this.wanted = offset;
    if (this.hasWork()) this.running ??= this.run();
  }

  /** Resolves when everything that was asked for is committed, or nothing can be any more. */
  async idle(): Promise<void> {
    while (this.running !== null) await this.running;
  }

  async stop(): Promise<void> {
    this.end(new Error('This member gives up the journal.'));
    await this.idle();
  }

  private hasWork(): boolean {
    return this.wanted > this.options.journal.committedOffset && !this.ended.signal.aborted;
  }

  /** Only with work: it must not end before it has been noted as running. */
  private async run(): Promise<void> {
    const { journal } = this.options;
    const backoff = new Backoff(20, 1_000);
    try {
      while (this.hasWork()) {
        const offset = this.wanted;
        if (await this.attempt(offset, backoff)) await journal.commit(offset);
      }
    } catch (error) {
      this.end(error);
    } finally {
      this.running = null;
    }
  }

  /** Trying again after an unknown outcome is safe: the record says the same, or more. */
  private async attempt(offset: number, backoff: Backoff): Promise<boolean> {
    const { coordinator, leadership, memberName, log } = this.options;
    const { epoch, generation } = this.term;
    const record = { epoch, generation, offset, holders: [memberName] };
    try {
      const result = await coordinator.commit({
        conditions: [leadership.condition, { key: TERMS_KEY, modRevision: this.termsRevision }],
        operations: [{ put: COMMIT_KEY, value: journalCollections.commit.encode(record) }],
      });
      if (!result.committed) throw new Error('This member no longer leads, or another term has begun.');
      this.lastRevision = result.revision;
      return true;
    } catch (error) {
      const passes = error instanceof CoordinatorUnavailableError || error instanceof OutcomeUnknownError;
      if (!passes) throw error;
      log.warn({ reason: errorMessage(error) }, 'The journal could not be committed; trying again');
      await delay(backoff.next(), this.ended.signal).catch(() => undefined);
      return false;
    }
  }

  private compact(): void {
    const { coordinator, log } = this.options;
    if (this.compactTo > 0n) {
      coordinator.compact(this.compactTo).catch((error: unknown) => {
        log.warn({ reason: errorMessage(error) }, "The coordinator's history could not be compacted");
      });
    }
    this.compactTo = this.lastRevision;
    this.lastRevision = 0n;
  }

  /** Nothing more is committed, for this reason. */
  end(reason: unknown): void {
    clearInterval(this.compaction);
    this.ended.abort(reason);
  }
}
