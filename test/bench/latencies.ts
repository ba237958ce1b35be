/** In milliseconds. */
export interface LatencySummary {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** Every single latency, so that the tail is exact. */
export class Latencies {
  private values = new Float64Array(1024);
  count = 0;

  add(milliseconds: number): void {
    if (this.count === this.values.length) {
      const larger = new Float64Array(2 * this.count);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.count++] = milliseconds;
  }

  /** Moves all of the other's here. */
  take(other: Latencies): void {
    for (let i = 0; i < other.count; i++) this.add(other.values[i]!);
    other.count = 0;
  }

  summary(): LatencySummary {
    const sorted = this.values.slice(0, this.count).sort();
    const at = (share: number): number =>
      Math.round(100 * (sorted[Math.min(this.count - 1, Math.floor(this.count * share))] ?? 0)) / 100;
    return { p50: at(0.5), p99: at(0.99), p999: at(0.999) };
  }
}
