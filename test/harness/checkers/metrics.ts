/** One metric of an answer of `/metrics`. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;

/** Prometheus' text format. What a histogram is made of belongs to it: buckets have the label `le`. Throws on a line that is none of it. */
export function parseMetrics(text: string): Map<string, Metric> {
  const metrics = new Map<
    string,
    Metric & { samples: { labels: Record<string, string>; value: number }[] }
  >();
  const of = (name: string) => {
    const known = metrics.get(name) ?? { name, help: '', type: '', samples: [] };
    metrics.set(name, known);
    return known;
  };
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, kind, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind !== undefined) {
      metrics.set(name!, { ...of(name!), [kind === 'HELP' ? 'help' : 'type']: rest! });
      continue;
    }
    const sample = SAMPLE.exec(line);
    if (!sample) throw new Error(`Not a line of metrics: ${line}`);
    const labels = [...(sample[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    const whole = sample[1]!.replace(/_(bucket|sum|count)$/, '');
    of(metrics.get(whole)?.type === 'histogram' ? whole : sample[1]!).samples.push({
      labels: Object.fromEntries(labels.map(([, label, value]) => [label!, value!])),
      value: Number(sample[3]),
    });
  }
  return metrics;
}

/** Names of metrics in a query of Prometheus: what is neither a function, a label, a keyword nor a text. */
export function metricsIn(query: string): string[] {
  const bare = query
    .replace(/"[^"]*"/g, '')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '');
  const words = [...bare.matchAll(/(?<![\w.])[a-zA-Z_:][a-zA-Z0-9_:]*(?!\s*\()\b/g)].map(([word]) => word);
  const keywords = new Set(['and', 'or', 'unless', 'bool', 'offset', 'by', 'without', 'on', 'ignoring']);
  const functions = new Set([...bare.matchAll(/([a-zA-Z_]\w*)\s*\(/g)].map(([, name]) => name!));
  return [...new Set(words)].filter((word) => !keywords.has(word) && !functions.has(word));
}
