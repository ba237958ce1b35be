import { BINLOG_MAGIC, SIZE_AT } from '../../../src/binlog/protocol/event/event-header.js';
import { InvariantError } from './invariant-error.js';
import type { SourceHistory } from './source-history.js';

/** All that was ever committed, as the model has it: it only grows, and is the source's history, each transaction once. */
export class CommittedHistory {
  private content = Buffer.alloc(0);
  /** How many transactions end at or before a boundary, by its offset. */
  private readonly counts = new Map<number, number>([[0, 0]]);
  private transactions = 0;

  constructor(private readonly source: SourceHistory) {}

  get length(): number {
    return this.content.length;
  }

  /** Of transactions. */
  get count(): number {
    return this.transactions;
  }

  slice(from: number, to: number): Buffer {
    return this.content.subarray(from, to);
  }

  /** Whether these bytes, which stand at the offset, were committed. */
  has(offset: number, bytes: Buffer): boolean {
    return offset + bytes.length <= this.length && bytes.equals(this.slice(offset, offset + bytes.length));
  }

  /** The set of all transactions up to a boundary, as text; undefined where none ends. */
  setAt(offset: number): string | undefined {
    const count = this.counts.get(offset);
    return count === undefined ? undefined : this.source.setOf(count);
  }

  /** More is committed. @throws InvariantError when that is not what the source wrote next */
  extend(bytes: Buffer): void {
    const base = this.length;
    for (let at = 0; at < bytes.length;) {
      if (bytes.subarray(at, at + BINLOG_MAGIC.length).equals(BINLOG_MAGIC)) {
        at = skipHead(bytes, at);
        continue;
      }
      const next = this.source.transactions[this.transactions];
      if (!next) throw new InvariantError('More was committed than the source has written.');
      if (!bytes.subarray(at, at + next.bytes.length).equals(next.bytes))
        throw new InvariantError(
          `At offset ${base + at} the transaction ${next.gtid} was to follow, and does not stand there.`,
        );
      at += next.bytes.length;
      this.transactions++;
      this.counts.set(base + at, this.transactions);
    }
    this.content = Buffer.concat([this.content, bytes]);
  }
}

/** Behind the magic, the FDE and the list of GTIDs. */
function skipHead(bytes: Buffer, start: number): number {
  let at = start + BINLOG_MAGIC.length;
  for (let i = 0; i < 2; i++) {
    if (at + SIZE_AT + 4 > bytes.length) throw new InvariantError('What is committed ends within a head.');
    at += bytes.readUInt32LE(at + SIZE_AT);
  }
  return at;
}
