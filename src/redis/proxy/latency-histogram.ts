/** Each power of two of microseconds is divided into so many buckets: an error of at most 1/8. */
const STEPS = 8;
const STEP_BITS = 3;
const BUCKETS = 32 * STEPS;
const MICROSECONDS_MAX = 2 ** 31 - 1;

export interface LatencyBucket {
  readonly upToMs: number;
  readonly count: number;
}

/** Counts durations in buckets of relative width, in constant memory. */
export class LatencyHistogram {
  samples = 0;

  /** @param buckets how many durations fell into each bucket so far */
  constructor(readonly buckets: Float64Array = new Float64Array(BUCKETS)) {
    for (const count of buckets) this.samples += count;
  }

  record(milliseconds: number): void {
    const micros = Math.min(milliseconds * 1000, MICROSECONDS_MAX) | 0;
    this.buckets[bucketOf(micros < 0 ? 0 : micros)]!++;
    this.samples++;
  }

  /** Buckets with samples: how many took at most so many milliseconds, and more than those of the one before. */
  read(): LatencyBucket[] {
    const read: LatencyBucket[] = [];
    this.buckets.forEach((count, i) => {
      if (count > 0) read.push({ upToMs: upperBound(i) / 1000, count });
    });
    return read;
  }

  /** The duration that the given share of samples does not exceed, in milliseconds; 0 without samples. */
  percentile(share: number): number {
    const wanted = this.samples * share;
    let seen = 0;
    for (let i = 0; i < BUCKETS; i++) {
      seen += this.buckets[i]!;
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
