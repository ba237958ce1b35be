const SAMPLES = 5;

/** How fast a counter rises, over the last seconds. */
export class RateMeter {
  private readonly samples: { readonly at: number; readonly count: number }[] = [];

  /** A counter that fell has begun anew. */
  note(count: number, now = performance.now()): void {
    const last = this.samples.at(-1);
    if (last && last.count > count) this.samples.length = 0;
    this.samples.push({ at: now, count });
    if (this.samples.length > SAMPLES) this.samples.shift();
  }

  get perSecond(): number {
    const [first, last] = [this.samples[0], this.samples.at(-1)];
    if (!first || !last || last.at === first.at) return 0;
    return ((last.count - first.count) * 1_000) / (last.at - first.at);
  }
}
