import type { Services } from '../../src/api/context.js';
import { binlogMetrics } from '../../src/binlog/metrics/binlog-metrics.js';
import type { BinlogParts } from '../../src/binlog/member/binlog-parts.js';
import type { MembershipView } from '../../src/cluster/membership/membership-view.js';
import { memberMetrics } from '../../src/http/metrics.js';
import { HttpRefusals } from '../../src/http/refusals.js';
import { trafficMetrics } from '../../src/redis/traffic-metrics.js';
import type { AnyMetricSource } from '../../src/telemetry/metrics.js';
import type { Logger } from '../../src/telemetry/logger.js';
import { code, table } from './table.js';

/** Every metric, from the definitions that `/metrics` is made of. Their values are not read, so nothing need be there. */
export function metricsDocument(): string {
  const traffic = trafficMetrics(() => []);
  const member = [...memberMetrics({} as Services), new HttpRefusals({} as Logger).metric(), ...traffic];
  const binlog = binlogMetrics({} as BinlogParts, {} as MembershipView, '');
  const isOf = (prefix: string) => (metric: AnyMetricSource) => metric.name.startsWith(prefix);
  const isRedis = (metric: AnyMetricSource): boolean =>
    isOf('quorate_redis_')(metric) || isOf('quorate_proxy_')(metric);
  return `# Metrics

\`GET /metrics\` answers in Prometheus' text format. With \`--tokens\` it takes a token of any role. The metrics of the
process, \`process_…\` and \`nodejs_…\`, stand beside these.

- Metrics of the journal, the syncer, binlog servers and slaves are those of the member that is asked.
- Metrics of Redis servers and proxies are as that member sees them: members measure the proxies.
- A proxy answers ${traffic.map(({ name }) => code(name)).join(' and ')} for itself, at its
  \`--admin-listen\`.
- Counters begin anew with the process; those of a binlog server begin anew when it begins to listen.

Alerts and a dashboard for Grafana are in [examples/deploy](../examples/deploy/README.md).

## Cluster and API

${metrics(member.filter((metric) => !isRedis(metric)))}

## Redis servers and proxies

${metrics(member.filter(isRedis))}

## Journal, syncer, binlog servers and members

${metrics(binlog)}
`;
}

function metrics(sources: readonly AnyMetricSource[]): string {
  const rows = sources.map(({ name, help, type, labels }) => [
    code(name),
    type ?? 'gauge',
    [...(type === 'histogram' ? ['le'] : []), ...labels].map(code).join(', '),
    help,
  ]);
  return table(['metric', 'type', 'labels', 'what it is'], rows);
}
