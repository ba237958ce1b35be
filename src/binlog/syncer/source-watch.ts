import { formatAddress } from '../../common/address.js';
import { delay } from '../../common/async.js';
import { containsAll, parseGtidSet, type GtidSet } from '../protocol/gtid/gtid-set.js';
import type { Ingest } from './ingest.js';
import { hasSameHistory } from './same-history.js';
import { shorten } from './source-checks.js';
import { SourceConnection } from './source-connection.js';
import { SourceResetError } from './source-error.js';
import type { SourceOptions } from './source-options.js';
import { committedVariable, type SourceState } from './source-state.js';

export interface SourceWatchOptions {
  readonly source: SourceOptions;
  /** As it was before the dump began. */
  readonly state: SourceState;
  readonly everyMs: number;
  /** What has come of it so far. */
  readonly ingest: Pick<Ingest, 'reached' | 'executedGtidSet'>;
  /** Told each time whether commits at the source wait for acknowledgements; null: that is of no interest. */
  readonly onSemiSync: ((isActive: boolean) => void) | null;
}

/**
 * Asks the source again and again, by a connection of its own, for what a dump does not tell, and rejects when it has
 * executed less than before. After RESET MASTER the servers leave a dump waiting, with heartbeats, and go on with it once
 * the new file has grown past the position in the old one, as if nothing had been between.
 *
 * Whatever else goes wrong with that connection is no reason to end a dump that goes on: it is made again.
 *
 * @throws SourceResetError
 */
export async function watchSource(options: SourceWatchOptions, signal: AbortSignal): Promise<never> {
  const watch = new SourceWatch(options);
  try {
    for (;;) {
      await watch.look(signal);
      await delay(options.everyMs, signal);
    }
  } finally {
    watch.close();
  }
}

class SourceWatch {
  private connection: SourceConnection | null = null;
  private committed: GtidSet;

  constructor(private readonly options: SourceWatchOptions) {
    this.committed = options.state.committed;
  }

  async look(signal: AbortSignal): Promise<void> {
    try {
      this.connection ??= await SourceConnection.open(this.options.source, signal);
      await this.compare(this.connection, await this.readCommitted(this.connection, signal), signal);
      await this.readSemiSync(this.connection, signal);
    } catch (error) {
      if (error instanceof SourceResetError || signal.aborted) throw error;
      this.close();
    }
  }

  close(): void {
    this.connection?.destroy();
    this.connection = null;
  }

  private async readCommitted(connection: SourceConnection, signal: AbortSignal): Promise<GtidSet> {
    const { flavour } = this.options.state;
    const [row] = await connection.query(`SELECT @@GLOBAL.${committedVariable(flavour)}`, signal);
    return parseGtidSet(flavour, row?.[0] ?? '');
  }

  /** Also off when acknowledgements have not come in time, until they do again. */
  private async readSemiSync(connection: SourceConnection, signal: AbortSignal): Promise<void> {
    const { onSemiSync, state } = this.options;
    if (onSemiSync === null || state.semiSync === null) return;
    const [row] = await connection.query(
      `SHOW GLOBAL STATUS LIKE '${state.semiSync.statusVariable}'`,
      signal,
    );
    onSemiSync(row?.[1]?.toUpperCase() === 'ON');
  }

  private async compare(connection: SourceConnection, now: GtidSet, signal: AbortSignal): Promise<void> {
    const before = this.committed;
    if (!containsAll(now, before) && !(await this.isSame(connection, signal))) {
      throw new SourceResetError(
        `The source ${formatAddress(this.options.source.address)} was reset while it was followed: it had executed ` +
          `'${shorten(before)}', and has now '${shorten(now)}'. Nothing is overwritten, and nothing of its new history is ` +
          'stored. Switch to a source that has what the journal has, or use restartJournalAfter, which sets the journal aside.',
      );
    }
    this.committed = now;
  }

  private async isSame(connection: SourceConnection, signal: AbortSignal): Promise<boolean> {
    const { reached, executedGtidSet } = this.options.ingest;
    return reached !== null && (await hasSameHistory(connection, reached, executedGtidSet.clone(), signal));
  }
}
