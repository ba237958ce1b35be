/** Each power of two of microseconds is divided into so many buckets: an error of at most 1/8. */
const STEPS = 8;
const STEP_BITS = 3;
const BUCKETS = 32 * STEPS;
const MICROSECONDS_MAX = 2 ** 31 - 1;

/** The length of the array behind {@link LatencyHistogram}: the buckets, then the sum of all durations. */
export const LATENCY_CELLS = BUCKETS + 1;

export interface LatencyBucket {
  readonly upToMs: number;
  readonly count: number;
}

/** A bucket by its number, and how many durations fell into it. */
export type SparseBucket = readonly [bucket: number, count: number];

/** Counts durations in buckets of relative width, in constant memory. */
export class LatencyHistogram {
  /** @param cells how many durations fell into each bucket so far, and their sum in milliseconds */
  constructor(readonly cells: Float64Array = new Float64Array(LATENCY_CELLS)) {}

  static from(buckets: readonly SparseBucket[], totalMs: number): LatencyHistogram {
    const histogram = new LatencyHistogram();
    for (const [bucket, count] of buckets) if (bucket < BUCKETS) histogram.cells[bucket]! += count;
    histogram.cells[BUCKETS] = totalMs;
    return histogram;
  }

  record(milliseconds: number): void {
    const micros = Math.min(milliseconds * 1000, MICROSECONDS_MAX) | 0;
    this.cells[bucketOf(micros < 0 ? 0 : micros)]!++;
    this.cells[BUCKETS]! += milliseconds;
  }

  get samples(): number {
    let samples = 0;
    for (let i = 0; i < BUCKETS; i++) samples += this.cells[i]!;
    return samples;
  }

  /** All durations together. */
  get totalMs(): number {
    return this.cells[BUCKETS]!;
  }

  add(other: LatencyHistogram): void {
    for (let i = 0; i < LATENCY_CELLS; i++) this.cells[i]! += other.cells[i]!;
  }

  /** The buckets with samples. */
  sparse(): SparseBucket[] {
    const sparse: SparseBucket[] = [];
    for (let i = 0; i < BUCKETS; i++) if (this.cells[i]! > 0) sparse.push([i, this.cells[i]!]);
    return sparse;
  }

  /** How many durations were shorter than 2^exponent microseconds, which is the edge of a bucket. */
  below(exponent: number): number {
    const end = bucketOf(2 ** exponent);
    let count = 0;
    for (let i = 0; i < end; i++) count += this.cells[i]!;
    return count;
  }

  /** Buckets with samples: how many took at most so many milliseconds, and more than those of the one before. */
  read(): LatencyBucket[] {
    const read: LatencyBucket[] = [];
    for (const [bucket, count] of this.sparse()) read.push({ upToMs: upperBound(bucket) / 1000, count });
    return read;
  }

  /** The duration that the given share of samples does not exceed, in milliseconds; 0 without samples. */
  percentile(share: number): number {
    const wanted = this.samples * share;
    let seen = 0;
    for (let i = 0; i < BUCKETS; i++) {
      seen += this.cells[i]!;
      if (seen >= wanted && seen > 0) return upperBound(i) / 1000;
    }
    return 0;
  }
}

function bucketOf(micros: number): number {
  if (micros < STEPS) return micros;
  const exponent = 31 - Math.clz32(micros);
  const step = (micros >>> (exponent - STEP_BITS)) & (STEPS - 1);
  return (exponent - STEP_BITS + 1) * STEPS + step;
}

function upperBound(bucket: number): number {
  if (bucket < STEPS) return bucket + 1;
  const shift = Math.floor(bucket / STEPS) - 1;
  return (STEPS + (bucket % STEPS) + 1) * 2 ** shift;
}
