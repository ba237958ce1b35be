import { formatAddress } from '../../common/address.js';
import { delay } from '../../common/async.js';
import { containsAll, parseGtidSet, type Flavour, type GtidSet } from '../protocol/gtid/gtid-set.js';
import { shorten } from './source-checks.js';
import { SourceConnection } from './source-connection.js';
import { SourceResetError } from './source-error.js';
import type { SourceOptions } from './source-options.js';
import { committedVariable, type SourceState } from './source-state.js';

/**
 * Asks the source again and again, by a connection of its own, what it has executed, and rejects when that has become
 * less. A dump does not tell: after RESET MASTER the servers leave it waiting, with heartbeats, and go on with it once the
 * new file has grown past the position in the old one, as if nothing had been between.
 *
 * Whatever else goes wrong with that connection is no reason to end a dump that goes on: it is made again.
 *
 * @throws SourceResetError
 */
export async function watchForReset(
  options: SourceOptions,
  { flavour, committed }: SourceState,
  everyMs: number,
  signal: AbortSignal,
): Promise<never> {
  const watch = new ResetWatch(options, flavour, committed);
  try {
    for (;;) {
      await watch.look(signal);
      await delay(everyMs, signal);
    }
  } finally {
    watch.close();
  }
}

class ResetWatch {
  private connection: SourceConnection | null = null;
  constructor(
    private readonly options: SourceOptions,
    private readonly flavour: Flavour,
    private committed: GtidSet,
  ) {}

  async look(signal: AbortSignal): Promise<void> {
    try {
      this.compare(await this.read(signal));
    } catch (error) {
      if (error instanceof SourceResetError || signal.aborted) throw error;
      this.close();
    }
  }

  close(): void {
    this.connection?.destroy();
    this.connection = null;
  }

  private async read(signal: AbortSignal): Promise<GtidSet> {
    const { options, flavour } = this;
    this.connection ??= await SourceConnection.open(options, signal);
    const [row] = await this.connection.query(`SELECT @@GLOBAL.${committedVariable(flavour)}`, signal);
    return parseGtidSet(flavour, row?.[0] ?? '');
  }

  private compare(now: GtidSet): void {
    const before = this.committed;
    if (!containsAll(now, before)) {
      throw new SourceResetError(
        `The source ${formatAddress(this.options.address)} was reset while it was followed: it had executed ` +
          `'${shorten(before)}', and has now '${shorten(now)}'. Nothing is overwritten, and nothing of its new history is ` +
          'stored. Switch to a source that has what the journal has, or begin with an empty journal.',
      );
    }
    this.committed = now;
  }
}
