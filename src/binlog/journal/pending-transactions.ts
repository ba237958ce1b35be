import { addGtid, BIG, gtidText, GtidRun, type Source } from '../protocol/gtid/gtid-run.js';
import type { GtidSet } from '../protocol/gtid/gtid-set.js';

const INITIAL_CAPACITY = 1024;

/** With so many not yet committed, a writer waits: their numbers take about 40 MB. */
const FULL = 1_000_000;

/**
 * The transactions behind a point of the journal, one by one, so that any boundary among them can become the committed
 * one. Arrays that are used again, for there is one per transaction.
 */
export class PendingTransactions {
  /** The GTID of the last transaction before the point; null when none has passed here. */
  lastGtid: string | null = null;
  private ends = new Float64Array(INITIAL_CAPACITY);
  private numbers = new Float64Array(INITIAL_CAPACITY);
  private timestamps = new Float64Array(INITIAL_CAPACITY);
  private sources = new Array<Source | undefined>(INITIAL_CAPACITY);
  /** Numbers that are BIG, by the transaction's end. */
  private readonly bigs = new Map<number, bigint>();
  private head = 0;
  private tail = 0;

  /**
   * @param base where the first one begins
   * @param baseSet all transactions before; it grows with the point
   */
  constructor(
    public base: number,
    public baseSet: GtidSet,
  ) {}

  get isFull(): boolean {
    return this.tail - this.head >= FULL;
  }

  push(end: number, source: Source, number: number, big: bigint, timestamp: number): void {
    if (this.tail === this.ends.length) this.makeRoom();
    this.ends[this.tail] = end;
    this.numbers[this.tail] = number;
    this.timestamps[this.tail] = timestamp;
    this.sources[this.tail] = source;
    if (number === BIG) this.bigs.set(end, big);
    this.tail++;
  }

  /** Whether a transaction ends there, or the point is there. */
  isBoundary(offset: number): boolean {
    const i = this.firstBehind(offset);
    return offset === this.base || (i > this.head && this.ends[i - 1] === offset);
  }

  /** Moves the point to a boundary behind it. */
  advance(offset: number): void {
    const end = this.firstBehind(offset);
    this.addTo(this.baseSet, end);
    const last = end - 1;
    this.lastGtid = gtidText(this.sources[last]!, this.exactNumber(last));
    for (let i = this.head; i < end; i++) if (this.numbers[i] === BIG) this.bigs.delete(this.ends[i]!);
    this.sources.fill(undefined, this.head, end);
    this.head = end;
    this.base = offset;
    if (this.head === this.tail) this.head = this.tail = 0;
  }

  /** All transactions before a boundary, in a set of its own. */
  setAt(offset: number): GtidSet {
    return this.addTo(this.baseSet.clone(), this.firstBehind(offset));
  }

  /** Forgets those that end behind it. */
  cut(offset: number): void {
    this.tail = Math.max(this.head, this.firstBehind(offset));
  }

  /** Calls for each that ends in `(from, to]`. */
  forEach(
    from: number,
    to: number,
    call: (end: number, source: Source, number: number, big: bigint, timestamp: number) => void,
  ): void {
    for (let i = this.firstBehind(from); i < this.tail && this.ends[i]! <= to; i++) {
      const end = this.ends[i]!;
      const number = this.numbers[i]!;
      call(end, this.sources[i]!, number, number === BIG ? this.bigs.get(end)! : 0n, this.timestamps[i]!);
    }
  }

  private addTo(set: GtidSet, end: number): GtidSet {
    const run = new GtidRun(set);
    for (let i = this.head; i < end; i++) {
      const number = this.numbers[i]!;
      if (number !== BIG) run.add(this.sources[i]!, number, 0n);
      else addGtid(run.flush(), this.sources[i]!, this.exactNumber(i));
    }
    return run.flush();
  }

  private exactNumber(i: number): bigint {
    return this.numbers[i] === BIG ? this.bigs.get(this.ends[i]!)! : BigInt(this.numbers[i]!);
  }

  /** The index of the first one that ends behind the offset. */
  private firstBehind(offset: number): number {
    let [low, high] = [this.head, this.tail];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.ends[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private makeRoom(): void {
    const length = this.tail - this.head;
    const capacity = length * 2 > this.ends.length ? this.ends.length * 2 : this.ends.length;
    this.ends = moved(this.ends, this.head, this.tail, capacity);
    this.numbers = moved(this.numbers, this.head, this.tail, capacity);
    this.timestamps = moved(this.timestamps, this.head, this.tail, capacity);
    this.sources = this.sources.slice(this.head, this.tail);
    this.sources.length = capacity;
    this.head = 0;
    this.tail = length;
  }
}

function moved(from: Float64Array, head: number, tail: number, capacity: number): Float64Array<ArrayBuffer> {
  const to = new Float64Array(capacity);
  to.set(from.subarray(head, tail));
  return to;
}
