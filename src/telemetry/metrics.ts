import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';

/** One value of a metric. Labels are few and bounded, and never secret. */
export interface Sample {
  readonly labels: Record<string, string>;
  readonly value: number;
}

/** A metric that is read whenever the metrics are: its name, help, label names and present samples. */
export interface MetricSource {
  readonly name: string;
  readonly help: string;
  /** A counter only rises, but for a new start, and its name ends in `_total`. A gauge unless told. */
  readonly type?: 'gauge' | 'counter';
  readonly labels: readonly string[];
  readonly read: () => Iterable<Sample>;
}

/** The process' own metrics and the given ones, in Prometheus' text format. */
export class Metrics {
  private readonly registry = new Registry();

  constructor(sources: readonly MetricSource[]) {
    collectDefaultMetrics({ register: this.registry });
    for (const source of sources) this.add(source);
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  private add({ name, help, type, labels, read }: MetricSource): void {
    const common = { name, help, labelNames: [...labels], registers: [this.registry] };
    if (type === 'counter') {
      new Counter({
        ...common,
        collect() {
          this.reset();
          for (const sample of read()) this.inc(sample.labels, sample.value);
        },
      });
    } else {
      new Gauge({
        ...common,
        collect() {
          this.reset();
          for (const sample of read()) this.set(sample.labels, sample.value);
        },
      });
    }
  }
}

/** The sample of a metric without labels; none while there is no value. */
export function only(value: number | null | undefined): Sample[] {
  return value === null || value === undefined ? [] : [{ labels: {}, value }];
}

/** One sample for each state, 1 for the present one. */
export function oneOf(label: string, states: readonly string[], present: string | null): Sample[] {
  return states.map((state) => ({ labels: { [label]: state }, value: Number(state === present) }));
}
