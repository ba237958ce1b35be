import type { Services } from '../api/context.js';
import { openStreams } from '../api/subscriptions/pull-stream.js';
import { collections } from '../cluster/records.js';
import { only, type MetricSource, type Sample } from '../telemetry/metrics.js';

/** Metrics of the cluster and its sharded Redis. */
export function memberMetrics(services: Services): MetricSource[] {
  return [...clusterMetrics(services), ...redisMetrics(services), ...proxyMetrics(services)];
}

function clusterMetrics(services: Services): MetricSource[] {
  return [
    {
      name: 'quorate_leader',
      help: '1 on the member that leads.',
      labels: [],
      read: () => {
        const leader = services.view.get(collections.leadership, 'leader')?.value.member;
        return only(Number(leader === services.memberName));
      },
    },
    {
      name: 'quorate_coordinator_reachable',
      help: '1 while the coordinator answers this member.',
      labels: [],
      read: () => only(Number(services.coordinatorWatch.status.reachable)),
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
      name: 'quorate_problem',
      help: '1 for each problem that this member knows, by code, subject and severity.',
      labels: ['code', 'subject', 'severity'],
      read: () =>
        services.problems
          .list()
          .map(({ code, subject, severity }) => ({ labels: { code, subject, severity }, value: 1 })),
    },
    {
      name: 'quorate_subscriptions',
      help: 'Subscriptions that clients have open at this member.',
      labels: [],
      read: () => only(openStreams()),
    },
  ];
}

function redisMetrics({ topology, serverMonitor }: Services): MetricSource[] {
  type Status = ReturnType<typeof serverMonitor.status>;
  const servers = (read: (status: Status) => number | null) => ({
    labels: ['server'],
    read: (): Sample[] =>
      topology.servers().flatMap(({ address }) => {
        const value = read(serverMonitor.status(address));
        return value === null ? [] : [{ labels: { server: address }, value }];
      }),
  });
  return [
    {
      name: 'quorate_redis_slots_assigned',
      help: 'Slots that belong to a group; requests for keys of the others are refused.',
      labels: [],
      read: () => only(topology.assignedSlots()),
    },
    {
      name: 'quorate_redis_server_up',
      help: '1 while the Redis server answers this member.',
      ...servers(({ reachable }) => Number(reachable)),
    },
    {
      name: 'quorate_redis_server_memory_bytes',
      help: 'Memory that the Redis server uses.',
      ...servers(({ usedMemory }) => usedMemory),
    },
    { name: 'quorate_redis_server_keys', help: 'Keys of the Redis server.', ...servers(({ keys }) => keys) },
    {
      name: 'quorate_redis_server_replication_lag_bytes',
      help: 'What a replica lacks of the stream of its master.',
      ...servers(({ replicationLag }) => replicationLag),
    },
  ];
}

function proxyMetrics({ topology, proxyMonitor }: Services): MetricSource[] {
  type Status = NonNullable<ReturnType<typeof proxyMonitor.status>>;
  const each = (read: (status: Status | undefined) => number | null | undefined) => ({
    labels: ['proxy'],
    read: (): Sample[] =>
      topology.proxies().flatMap(({ record: { id } }) => {
        const value = read(proxyMonitor.status(id));
        return value === null || value === undefined ? [] : [{ labels: { proxy: id }, value }];
      }),
  });
  const quantile = (value: number | null | undefined) => (typeof value === 'number' ? value / 1_000 : null);
  return [
    {
      name: 'quorate_proxy_up',
      help: '1 while the proxy answers this member.',
      ...each((status) => Number(status !== undefined)),
    },
    {
      name: 'quorate_proxy_sessions',
      help: 'Redis clients connected to the proxy.',
      ...each((status) => status?.sessions),
    },
    {
      name: 'quorate_proxy_requests_per_second',
      help: 'Requests per second at the proxy.',
      ...each((status) => status?.opsPerSecond),
    },
    {
      name: 'quorate_proxy_requests_total',
      help: 'Requests that the proxy has taken since it was started.',
      type: 'counter',
      ...each((status) => status?.opsTotal),
    },
    {
      name: 'quorate_proxy_latency_p50_seconds',
      help: 'Median of the time from a request to its answer, in the last ten seconds.',
      ...each((status) => quantile(status?.latencyP50)),
    },
    {
      name: 'quorate_proxy_latency_p99_seconds',
      help: '99th percentile of the time from a request to its answer, in the last ten seconds.',
      ...each((status) => quantile(status?.latencyP99)),
    },
  ];
}
