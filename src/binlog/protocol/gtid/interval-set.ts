/**
 * A set of whole numbers as intervals, half open, in order, none touching the next.
 *
 * Made for sets that grow at their end: adding the number behind the last one costs the same however large the
 * set is. Numbers are bigints, because transaction numbers go up to 2^63 - 2.
 */
export class IntervalSet {
  private readonly starts: bigint[] = [];
  private readonly ends: bigint[] = [];

  /** How many intervals there are. */
  get length(): number {
    return this.starts.length;
  }

  /** How many numbers there are. */
  get count(): bigint {
    let count = 0n;
    for (let i = 0; i < this.length; i++) count += this.ends[i]! - this.starts[i]!;
    return count;
  }

  /** The first number of the i-th interval. */
  startAt(i: number): bigint {
    return this.starts[i]!;
  }

  /** The number behind the last one of the i-th interval. */
  endAt(i: number): bigint {
    return this.ends[i]!;
  }

  has(value: bigint): boolean {
    return this.containsRange(value, value + 1n);
  }

  contains(other: IntervalSet): boolean {
    for (let i = 0; i < other.length; i++)
      if (!this.containsRange(other.starts[i]!, other.ends[i]!)) return false;
    return true;
  }

  /** Adds `[start, end)`, which must not be empty. */
  add(start: bigint, end: bigint): void {
    const last = this.length - 1;
    if (last >= 0 && this.ends[last] === start) {
      this.ends[last] = end;
      return;
    }
    // Those that overlap or touch are from `first` up to `behind`.
    const first = this.firstEndingAt(start);
    let behind = first;
    let [from, to] = [start, end];
    for (; behind < this.length && this.starts[behind]! <= end; behind++) {
      if (this.starts[behind]! < from) from = this.starts[behind]!;
      if (this.ends[behind]! > to) to = this.ends[behind]!;
    }
    this.starts.splice(first, behind - first, from);
    this.ends.splice(first, behind - first, to);
  }

  addAll(other: IntervalSet): void {
    for (let i = 0; i < other.length; i++) this.add(other.starts[i]!, other.ends[i]!);
  }

  /** Takes `[start, end)` out. */
  remove(start: bigint, end: bigint): void {
    const first = this.firstEndingAt(start + 1n);
    let behind = first;
    const [starts, ends]: [bigint[], bigint[]] = [[], []];
    for (; behind < this.length && this.starts[behind]! < end; behind++) {
      if (this.starts[behind]! < start) {
        starts.push(this.starts[behind]!);
        ends.push(start);
      }
      if (this.ends[behind]! > end) {
        starts.push(end);
        ends.push(this.ends[behind]!);
      }
    }
    this.starts.splice(first, behind - first, ...starts);
    this.ends.splice(first, behind - first, ...ends);
  }

  removeAll(other: IntervalSet): void {
    for (let i = 0; i < other.length; i++) this.remove(other.starts[i]!, other.ends[i]!);
  }

  clone(): IntervalSet {
    const copy = new IntervalSet();
    copy.starts.push(...this.starts);
    copy.ends.push(...this.ends);
    return copy;
  }

  private containsRange(start: bigint, end: bigint): boolean {
    const i = this.firstEndingAt(start + 1n);
    return i < this.length && this.starts[i]! <= start && this.ends[i]! >= end;
  }

  /** The first interval that ends at the value or later. */
  private firstEndingAt(value: bigint): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.ends[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
