import { collections } from '../cluster/records.js';
import type { Services } from '../api/context.js';
import { openStreams } from '../api/subscriptions/pull-stream.js';
import type { GaugeSource } from '../telemetry/metrics.js';

/** What a member tells Prometheus about the cluster. */
export function memberMetrics(services: Services): GaugeSource[] {
  const { topology, proxyMonitor, serverMonitor } = services;
  const proxies = (read: (name: string) => number | undefined) => () =>
    topology.proxies().flatMap(({ record }) => {
      const value = read(record.id);
      return value === undefined ? [] : [{ labels: { proxy: record.id }, value }];
    });
  return [
    {
      name: 'quorate_leader',
      help: '1 on the member that leads.',
      labels: [],
      read: () => {
        const leader = services.view.get(collections.leadership, 'leader')?.value.member;
        return [{ labels: {}, value: Number(leader === services.memberName) }];
      },
    },
    {
      name: 'quorate_coordinator_reachable',
      help: '1 while the coordinator answers this member.',
      labels: [],
      read: () => [{ labels: {}, value: Number(services.coordinatorWatch.status.reachable) }],
    },
    {
      name: 'quorate_problems',
      help: 'Problems that this member knows, by severity.',
      labels: ['severity'],
      read: () =>
        (['WARNING', 'CRITICAL'] as const).map((severity) => ({
          labels: { severity },
          value: services.problems.list().filter((problem) => problem.severity === severity).length,
        })),
    },
    {
      name: 'quorate_subscriptions',
      help: 'Subscriptions that clients have open at this member.',
      labels: [],
      read: () => [{ labels: {}, value: openStreams() }],
    },
    {
      name: 'quorate_redis_server_up',
      help: '1 while the Redis server answers this member.',
      labels: ['server'],
      read: () =>
        topology.servers().map(({ address }) => ({
          labels: { server: address },
          value: Number(serverMonitor.status(address).reachable),
        })),
    },
    {
      name: 'quorate_proxy_sessions',
      help: 'Redis clients connected to the proxy.',
      labels: ['proxy'],
      read: proxies((name) => proxyMonitor.status(name)?.sessions),
    },
    {
      name: 'quorate_proxy_requests_per_second',
      help: 'Requests per second at the proxy.',
      labels: ['proxy'],
      read: proxies((name) => proxyMonitor.status(name)?.opsPerSecond),
    },
  ];
}
