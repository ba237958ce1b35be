import type { MembershipView } from '../../cluster/membership/membership-view.js';
import type { MetricSource } from '../../telemetry/metrics.js';
import type { BinlogService } from '../member/binlog-service.js';
import { journalMetrics } from './journal-metrics.js';
import { replicationMetrics } from './replication-metrics.js';
import { serverMetrics } from './server-metrics.js';
import { syncerMetrics } from './syncer-metrics.js';

/** What a member tells Prometheus of its binlog half. */
export function binlogMetrics(
  half: BinlogService,
  membership: MembershipView,
  memberName: string,
): MetricSource[] {
  return [
    ...journalMetrics(half.store),
    ...syncerMetrics(half),
    ...serverMetrics(half),
    ...replicationMetrics(half, membership, memberName),
  ];
}
