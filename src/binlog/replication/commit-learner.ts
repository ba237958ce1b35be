import { errorMessage } from '../../common/errors.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Journal } from '../journal/journal.js';
import { compareTerms, type CommitRecord } from './records.js';

/**
 * Commits on a follower what is committed in the cluster, as far as it is on the own disk. What is here up to such an offset
 * is what was committed, because the journal has adopted the term under which it was.
 */
export class CommitLearner {
  private known = 0;
  /** The journal of which that is said. */
  private incarnation: string | null;
  private running: Promise<void> | null = null;

  constructor(
    private readonly journal: Journal,
    private readonly log: Logger,
  ) {
    this.incarnation = journal.incarnation;
  }

  /** From the leader, under the term that the journal knows. */
  learn(offset: number): void {
    this.forgetOthers();
    if (offset > this.known) this.known = offset;
    this.poke();
  }

  /** From the coordinator: also of a term that the journal does not know yet. */
  learnRecord(commit: CommitRecord | null): void {
    const { term } = this.journal;
    if (commit !== null && term !== null && compareTerms(term, commit) >= 0) this.learn(commit.offset);
  }

  /** More may be on the disk. */
  poke(): void {
    if (this.target() > this.journal.committedOffset) this.running ??= this.run();
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.running !== null) await this.running;
  }

  /** What is known of the journal before says nothing of the one that has taken its place. */
  private forgetOthers(): void {
    if (this.incarnation === this.journal.incarnation) return;
    this.incarnation = this.journal.incarnation;
    this.known = 0;
  }

  private target(): number {
    if (this.journal.flavour === null || this.incarnation !== this.journal.incarnation) return 0;
    return Math.min(this.known, this.journal.endOffset);
  }

  private async run(): Promise<void> {
    try {
      while (this.target() > this.journal.committedOffset) await this.journal.commit(this.target());
    } catch (error) {
      this.log.error(
        { reason: errorMessage(error) },
        'What is committed in the cluster is not committed here',
      );
    } finally {
      this.running = null;
    }
  }
}
