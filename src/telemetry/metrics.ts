import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** A value that is read whenever the metrics are: its name, help, label names and present samples. */
export interface GaugeSource {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly read: () => Iterable<{ readonly labels: Record<string, string>; readonly value: number }>;
}

/** The process' own metrics and the given ones, in Prometheus' text format. */
export class Metrics {
  private readonly registry = new Registry();

  constructor(sources: readonly GaugeSource[]) {
    collectDefaultMetrics({ register: this.registry });
    for (const source of sources) {
      new Gauge({
        name: source.name,
        help: source.help,
        labelNames: [...source.labels],
        registers: [this.registry],
        collect() {
          this.reset();
          for (const sample of source.read()) this.set(sample.labels, sample.value);
        },
      });
    }
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }
}
