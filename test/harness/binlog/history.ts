import { EventScanner, type EventHandler } from '../../../src/binlog/protocol/event/event-scanner.js';
import type { TransactionSink } from '../../../src/binlog/syncer/ingest.js';
import type { SourceFile } from '../../../src/binlog/syncer/source-position.js';
import { Part, TransactionTracker } from '../../../src/binlog/protocol/event/transaction-tracker.js';
import { addGtid, gtidText, type Source } from '../../../src/binlog/protocol/gtid/gtid-run.js';
import { emptyGtidSet, type Flavour, type GtidSet } from '../../../src/binlog/protocol/gtid/gtid-set.js';
import { MariadbGtidFlag } from '../../../src/binlog/protocol/event/gtid-event.js';
import type { JournalWriter } from '../../../src/binlog/journal/journal-writer.js';
import type { Random } from '../random.js';
import { EventBuilder } from './events.js';

export const UUIDS = ['31f00f00-e53e-11f1-a188-02fc00000001', '33dbfaac-e53e-11f1-acc3-02fc00000001'];

/** A transaction as a source wrote it. */
export interface Transaction {
  readonly bytes: Buffer;
  readonly source: Source;
  readonly number: bigint;
  readonly gtid: string;
  /** In seconds. */
  readonly timestamp: number;
}

/** A source that writes at random: sizes, sources and kinds of transactions, its clock goes on by itself. */
export class RandomSource {
  readonly builder: EventBuilder;
  private readonly next = new Map<string, bigint>();

  constructor(
    readonly flavour: Flavour,
    private readonly random: Random,
    serverVersion?: string,
  ) {
    this.builder = new EventBuilder({ flavour, ...(serverVersion !== undefined && { serverVersion }) });
  }

  transaction(rowBytes = this.random.pick([0, 10, 40, 40, 40, 900, 5000])): Transaction {
    const isStatement = this.random.below(5) === 0;
    return this.made((source, number) =>
      isStatement ? this.statement(source, number) : this.builder.transaction(source, number, rowBytes),
    );
  }

  transactions(count: number): Transaction[] {
    return Array.from({ length: count }, () => this.transaction());
  }

  /** Statements only, which a server's tools can print. */
  statements(count: number): Transaction[] {
    return Array.from({ length: count }, () => this.made((source, number) => this.statement(source, number)));
  }

  private made(build: (source: Source, number: bigint) => Buffer): Transaction {
    this.builder.timestamp += this.random.below(3);
    const [source, number] = this.number();
    const bytes = build(source, number);
    return { bytes, source, number, gtid: gtidText(source, number), timestamp: this.builder.timestamp };
  }

  private number(): [Source, bigint] {
    const isMysql = this.flavour === 'MYSQL';
    const source: Source = isMysql
      ? { uuid: this.random.pick(UUIDS), tag: '' }
      : { domain: this.random.below(2), server: 1001 + this.random.below(2) };
    const key = 'uuid' in source ? source.uuid : String(source.domain);
    const number = (this.next.get(key) ?? 0n) + 1n;
    this.next.set(key, number);
    return [source, number];
  }

  private statement(source: Source, number: bigint): Buffer {
    const gtid =
      'uuid' in source
        ? this.builder.gtid(source.uuid, number)
        : this.builder.mariadbGtid(source.domain, source.server, number, MariadbGtidFlag.STANDALONE);
    return Buffer.concat([gtid, this.builder.query(`CREATE TABLE t${number} (a INT)`)]);
  }
}

/** All of them as one set. */
export function setOf(flavour: Flavour, transactions: readonly Transaction[]): GtidSet {
  const set = emptyGtidSet(flavour);
  for (const { source, number } of transactions) addGtid(set, source, number);
  return set;
}

/** FollowerStreams a stream of events to a writer, as a syncer does. */
const FILE: SourceFile = { server: 'source', name: 'source.000001' };

export class Feeder {
  private readonly tracker: TransactionTracker;
  private readonly scanner: EventScanner;
  private part: Part = Part.OUTSIDE;
  private isReady = true;

  constructor(
    private readonly writer: Pick<JournalWriter, 'append' | 'writable'> &
      Pick<TransactionSink, 'endTransaction'>,
    flavour: Flavour,
  ) {
    this.tracker = new TransactionTracker(flavour);
    const handler: EventHandler = {
      onEvent: (event) => {
        this.part = this.tracker.next(event);
      },
      onBytes: (bytes, start, end) => {
        if (this.part !== Part.OUTSIDE) this.isReady = this.writer.append(bytes, start, end);
      },
      onEventEnd: ({ timestamp }) => {
        const { source, number, big } = this.tracker;
        if (this.part !== Part.LAST) return;
        this.writer.endTransaction(source, number, big, timestamp, FILE, this.scanner.offset);
      },
    };
    this.scanner = new EventScanner(handler, true);
  }

  /** Waits when the writer asks for it. */
  async push(bytes: Buffer, pieceBytes = 64 * 1024): Promise<void> {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      this.scanner.push(bytes, at, Math.min(bytes.length, at + pieceBytes));
      if (!this.isReady) await this.writer.writable(new AbortController().signal);
      this.isReady = true;
    }
  }
}
