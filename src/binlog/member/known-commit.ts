import { cp, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorMessage } from '../../common/errors.js';
import type { Logger } from '../../telemetry/logger.js';
import { nodeDisk } from '../journal/disk.js';
import { readSealedJson, replaceCheaply, sealJson } from '../journal/files.js';
import type { Journal } from '../journal/journal.js';

const FILE = 'journal.committed';
/** What was learned in the last moment before a crash may be forgotten. */
const WRITE_EVERY_MS = 500;

/**
 * Up to where this member knows the journal to be committed, on its own disk. The coordinator decides that, and may have been
 * restored from a snapshot that knows less: then what was committed and served would be thrown away as if it had never been.
 * It is set aside before.
 */
export class KnownCommit {
  private offset = 0;
  private written = 0;
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly directory: string,
    private readonly log: Logger,
  ) {}

  /** Before the journal is opened. */
  async load(): Promise<void> {
    const stored = (await readSealedJson(nodeDisk, join(this.directory, FILE))) as { offset: number } | null;
    this.offset = this.written = stored?.offset ?? 0;
  }

  /** Follows what the journal commits; answers how to end that. */
  watch(journal: Journal): () => Promise<void> {
    const end = journal.onCommit((offset) => {
      this.offset = Math.max(this.offset, offset);
      this.timer ??= setTimeout(() => this.write(), WRITE_EVERY_MS);
    });
    return async () => {
      end();
      this.write();
      await this.writing;
    };
  }

  /** Copies the journal's directory beside it when something that is known to be committed stands behind the offset. */
  async beforeCut(offset: number): Promise<void> {
    if (offset >= this.offset) return;
    const aside = `${this.directory}.cut-${new Date().toISOString().replaceAll(':', '')}`;
    await cp(this.directory, aside, { recursive: true });
    this.log.error(
      { aside, known: this.offset, offset },
      'The coordinator knows of fewer commits than this member; the journal is kept aside, and cut to what the coordinator knows',
    );
    this.offset = offset;
    this.write();
  }

  /** What was set aside and is still there; null when nothing is. */
  async problem(): Promise<string | null> {
    const prefix = `${basename(this.directory)}.cut-`;
    const parent = dirname(this.directory);
    const [aside] = (await readdir(parent)).filter((name) => name.startsWith(prefix)).sort();
    if (aside === undefined) return null;
    return (
      'Transactions that were committed, and may have been served, were cut off the journal, because the coordinator knew of ' +
      `fewer commits: was it restored from a snapshot? The journal as it was before is in ${join(parent, aside)}. Slaves ` +
      'that have those transactions are ahead of the journal until the source sends them again. Compare, then remove the folder.'
    );
  }

  private write(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.writing = this.writing.then(async () => {
      const { offset } = this;
      if (offset === this.written) return;
      await replaceCheaply(nodeDisk, join(this.directory, FILE), sealJson({ offset }));
      this.written = offset;
    });
    this.writing = this.writing.catch((error: unknown) => {
      this.log.warn(
        { reason: errorMessage(error) },
        'Up to where the journal is committed could not be noted',
      );
    });
  }
}
