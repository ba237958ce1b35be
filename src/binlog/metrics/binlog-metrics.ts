import type { MembershipView } from '../../cluster/membership/membership-view.js';
import type { MetricSource } from '../../telemetry/metrics.js';
import type { BinlogParts } from '../member/binlog-parts.js';
import { ownSyncer } from '../member/syncer-outlook.js';
import { journalMetrics } from './journal-metrics.js';
import { replicationMetrics } from './replication-metrics.js';
import { serverMetrics } from './server-metrics.js';
import { syncerMetrics } from './syncer-metrics.js';

/** Metrics of a member's part of the binlog store. */
export function binlogMetrics(
  parts: BinlogParts,
  membership: MembershipView,
  memberName: string,
): MetricSource[] {
  return [
    ...journalMetrics(parts.store),
    ...syncerMetrics(parts.status, () => ownSyncer(parts, memberName)),
    ...serverMetrics(parts),
    ...replicationMetrics(parts, membership, memberName),
  ];
}
