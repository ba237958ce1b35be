import type { BinlogHalf } from '../binlog/member/binlog-half.js';
import type { Traffic } from '../cluster/throughput.js';
import type { ProxyMonitor } from '../redis/topology/proxy-monitor.js';
import type { Topology } from '../redis/topology/topology.js';

type BinlogTraffic = Pick<Traffic, 'journalOffset' | 'sentBytesPerSecond'>;
type RedisTraffic = Pick<Traffic, 'redisOpsPerSecond' | 'redisLatencyP99'>;

export function binlogTraffic({ store, binlog, everywhere }: BinlogHalf): BinlogTraffic {
  const slaves = binlog.servers().flatMap((server) => everywhere.slavesOf(server));
  return {
    journalOffset: store.journal?.committedOffset ?? 0,
    sentBytesPerSecond: slaves.reduce((sum, { info }) => sum + info.bytesPerSecond, 0),
  };
}

export function redisTraffic(topology: Topology, monitor: ProxyMonitor): RedisTraffic {
  const answers = topology.proxies().flatMap(({ record }) => monitor.status(record.id) ?? []);
  const latencies = answers.flatMap(({ latencyP99 }) => latencyP99 ?? []);
  return {
    redisOpsPerSecond: answers.reduce((sum, { opsPerSecond }) => sum + opsPerSecond, 0),
    redisLatencyP99: latencies.length === 0 ? null : Math.max(...latencies),
  };
}
