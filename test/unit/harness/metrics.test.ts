import { describe, expect, test } from 'vitest';
import { metricsIn, parseMetrics } from '../../harness/checkers/metrics.js';

describe('names of metrics in a query', () => {
  test.each([
    ['quorate_leader == 1', ['quorate_leader']],
    ['sum by (a, b) (rate(x_total{a="not_one"}[5m])) / on (c) max(y_bytes) > 1e9', ['x_total', 'y_bytes']],
    ['a_bytes - b_bytes > 0 and sum(rate(c_total[1m])) == 0', ['a_bytes', 'b_bytes', 'c_total']],
    ['histogram_quantile(0.99, sum without (x) (d_bucket offset 5m))', ['d_bucket']],
  ])('are found in %s', (query, names) => {
    expect(metricsIn(query)).toEqual(names);
  });
});

test("Prometheus' text is read with help, type and labels", () => {
  const text = '# HELP a_total Some.\n# TYPE a_total counter\na_total{x="1,\\"2",y="z"} 3\na_total 4\n';
  expect(parseMetrics(text).get('a_total')).toEqual({
    ...{ name: 'a_total', help: 'Some.', type: 'counter' },
    samples: [
      { labels: { x: '1,\\"2', y: 'z' }, value: 3 },
      { labels: {}, value: 4 },
    ],
  });
  expect(() => parseMetrics('nonsense')).toThrow('nonsense');
});
