import { delay } from '../../../src/common/async.js';
import { emptyGtidSet } from '../../../src/binlog/protocol/gtid/gtid-set.js';
import type { Journal } from '../../../src/binlog/journal/journal.js';
import { Ingest } from '../../../src/binlog/syncer/ingest.js';
import type { FollowSink } from '../../../src/binlog/syncer/source-follower.js';
import type { OpenTerm } from '../../../src/binlog/syncer/syncer.js';
import type { Random } from '../random.js';
import type { Observer } from './observer.js';
import { ConnectionBrokenError } from './source-error.js';
import type { SourceHistory } from './source-history.js';

/** How a source behaves. */
export interface SourceManners {
  /** Of a thousand pieces that it sends, the connection breaks after so many. */
  breakPerMille: number;
}

/** A source of which at each moment some of its history has happened, and its connection to whoever leads. */
export class SimulatedSource {
  readonly manners: SourceManners = { breakPerMille: 60 };
  /** So many transactions has it written. */
  written = 0;

  constructor(
    readonly history: SourceHistory,
    private readonly observer: Observer,
  ) {}

  get isAtEnd(): boolean {
    return this.written >= this.history.transactions.length;
  }

  /** Writes some more. */
  write(count: number): void {
    this.written = Math.min(this.history.transactions.length, this.written + count);
  }

  /** As the syncer does: again and again until the signal aborts. */
  async run(term: OpenTerm, journal: Journal, random: Random, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.follow(term, journal, random, signal).catch((error: unknown) => this.observer.failed(error));
      await delay(5 + random.below(50), signal).catch(() => undefined);
    }
  }

  private async follow(term: OpenTerm, journal: Journal, random: Random, signal: AbortSignal): Promise<void> {
    const { flavour } = this.history;
    const executed = journal.durableGtidSet ?? emptyGtidSet(flavour);
    if (journal.flavour === null) await term.begin(flavour, executed);
    const next = this.observer.countOf(executed);
    await delay(1 + random.below(5), signal);
    const sink = await term.open();
    const unsubscribe = sink.onCommit((offset) => this.observer.acknowledged(offset));
    try {
      await this.dump(sink, new Ingest(sink, flavour, executed, { server: 'source' }), next, random, signal);
    } finally {
      unsubscribe();
      await sink.close();
    }
  }

  private async dump(
    sink: FollowSink,
    ingest: Ingest,
    first: number,
    random: Random,
    signal: AbortSignal,
  ): Promise<void> {
    let file = '';
    for (let next = first; ; next++) {
      while (next >= this.written) {
        await pieceDelay(10, sink, signal);
        if (random.below(1_000) < this.manners.breakPerMille / 10) throw broken();
      }
      const transaction = this.history.transactions[next]!;
      const isNewFile = transaction.file.name !== file;
      file = transaction.file.name;
      const bytes = isNewFile ? Buffer.concat([transaction.file.head, transaction.bytes]) : transaction.bytes;
      await this.send(bytes, sink, ingest, random, signal);
    }
  }

  private async send(
    bytes: Buffer,
    sink: FollowSink,
    ingest: Ingest,
    random: Random,
    signal: AbortSignal,
  ): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const end = Math.min(bytes.length, at + random.pick([20, 300, 2_000, 10_000]));
      ingest.take(bytes, at, end);
      at = end;
      if (ingest.isFull) await sink.writable(signal);
      ingest.isFull = false;
      if (random.below(3) === 0) await pieceDelay(random.below(4), sink, signal);
      if (random.below(1_000) < this.manners.breakPerMille) throw broken();
    }
  }
}

async function pieceDelay(ms: number, sink: FollowSink, signal: AbortSignal): Promise<void> {
  sink.signal.throwIfAborted();
  await delay(ms, signal);
  sink.signal.throwIfAborted();
}

function broken(): Error {
  return new ConnectionBrokenError('The connection to the source broke.');
}
