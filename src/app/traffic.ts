import type { BinlogService } from '../binlog/member/binlog-service.js';
import type { Traffic } from '../cluster/throughput.js';
import type { ProxyMonitor } from '../redis/topology/proxy-monitor.js';
import { clusterStatistics } from '../redis/topology/request-statistics.js';
import type { Topology } from '../redis/topology/topology.js';

type BinlogTraffic = Pick<Traffic, 'journalOffset' | 'sentBytesPerSecond'>;
type RedisTraffic = Pick<
  Traffic,
  'redisOpsPerSecond' | 'redisErrorsPerSecond' | 'redisLatencyP50' | 'redisLatencyP99'
>;

export function binlogTraffic(binlog: BinlogService): BinlogTraffic {
  const slaves = binlog.slaves();
  return {
    journalOffset: binlog.journal?.committedOffset ?? 0,
    sentBytesPerSecond: slaves.reduce((sum, { info }) => sum + info.bytesPerSecond, 0),
  };
}

export function redisTraffic(topology: Topology, monitor: ProxyMonitor): RedisTraffic {
  const answers = topology.proxies().flatMap(({ record }) => monitor.status(record.id) ?? []);
  const latency = clusterStatistics(monitor, 'SECONDS_10')?.latency;
  const percentile = (share: number): number | null => (latency?.samples ? latency.percentile(share) : null);
  return {
    redisOpsPerSecond: answers.reduce((sum, { opsPerSecond }) => sum + opsPerSecond, 0),
    redisErrorsPerSecond: answers.reduce((sum, { errorsPerSecond }) => sum + errorsPerSecond, 0),
    redisLatencyP50: percentile(0.5),
    redisLatencyP99: percentile(0.99),
  };
}
