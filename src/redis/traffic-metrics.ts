import { ERROR_KINDS } from './error-kinds.js';
import { LatencyHistogram } from './latency-histogram.js';
import type { TrafficReport } from './traffic-report.js';
import type { AnyMetricSource } from '../telemetry/metrics.js';

/** From 64 microseconds to 17 seconds, by twos: edges of a proxy's own buckets, so that nothing is estimated. */
const EXPONENTS = Array.from({ length: 19 }, (_, i) => 6 + i);

/** What proxies tell about the requests of their clients, for their own `/metrics` and for those of members. */
export function trafficMetrics(
  reports: () => readonly { readonly proxy: string; readonly report: TrafficReport }[],
): AnyMetricSource[] {
  return [
    {
      name: 'quorate_proxy_request_duration_seconds',
      help: 'From sending a request on to its answer, where a server has answered.',
      type: 'histogram',
      labels: ['proxy'],
      read: () =>
        reports().map(({ proxy, report: { total } }) => {
          const latency = LatencyHistogram.from(total.latency, total.latencyMs);
          return {
            labels: { proxy },
            buckets: EXPONENTS.map((exponent) => ({
              le: 2 ** exponent / 1e6,
              count: latency.below(exponent),
            })),
            count: latency.samples,
            sum: latency.totalMs / 1_000,
          };
        }),
    },
    {
      name: 'quorate_proxy_errors_total',
      help: 'Requests answered with an error since the proxy was started, by kind.',
      type: 'counter',
      labels: ['proxy', 'kind'],
      read: () =>
        reports().flatMap(({ proxy, report: { total } }) =>
          // Those that never came, too: otherwise the first would be no increase.
          ERROR_KINDS.map((kind) => ({ labels: { proxy, kind }, value: total.errors[kind] ?? 0 })),
        ),
    },
  ];
}
