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

/** How long something took: how often at most so long, how often in all, and all of it together. In seconds. */
interface HistogramSample {
  readonly labels: Record<string, string>;
  /** Ascending, each with all that took at most so long. */
  readonly buckets: readonly { readonly le: number; readonly count: number }[];
  readonly count: number;
  readonly sum: number;
}

/** A histogram whose counts are kept elsewhere. */
interface HistogramSource {
  readonly name: string;
  readonly help: string;
  readonly type: 'histogram';
  /** Beside `le`, which every histogram has. */
  readonly labels: readonly string[];
  readonly read: () => Iterable<HistogramSample>;
}

export type AnyMetricSource = MetricSource | HistogramSource;

/** The process' own metrics and the given ones, in Prometheus' text format. */
export class Metrics {
  private readonly registry = new Registry();

  private readonly histograms: HistogramSource[] = [];

  constructor(sources: readonly AnyMetricSource[]) {
    collectDefaultMetrics({ register: this.registry });
    for (const source of sources) {
      // prom-client's own histogram only takes one observation after the other.
      if (source.type === 'histogram') this.histograms.push(source);
      else this.add(source);
    }
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  async text(): Promise<string> {
    return `${await this.registry.metrics()}${this.histograms.map(histogramText).join('')}`;
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

function histogramText({ name, help, read }: HistogramSource): string {
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`];
  for (const { labels, buckets, count, sum } of read()) {
    const own = Object.entries(labels).map(([label, value]) => `${label}="${escape(value)}"`);
    for (const bucket of [...buckets, { le: '+Inf', count }]) {
      lines.push(`${name}_bucket{${[...own, `le="${bucket.le}"`].join(',')}} ${bucket.count}`);
    }
    const braces = own.length === 0 ? '' : `{${own.join(',')}}`;
    lines.push(`${name}_sum${braces} ${sum}`, `${name}_count${braces} ${count}`);
  }
  return `\n${lines.join('\n')}\n`;
}

function escape(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

/** The sample of a metric without labels; none while there is no value. */
export function only(value: number | null | undefined): Sample[] {
  return value === null || value === undefined ? [] : [{ labels: {}, value }];
}

/** One sample for each state, 1 for the present one. */
export function oneOf(label: string, states: readonly string[], present: string | null): Sample[] {
  return states.map((state) => ({ labels: { [label]: state }, value: Number(state === present) }));
}
