import type { RequestStatistics } from '../../redis/topology/request-statistics.js';
import { LatencyDistribution, type Statistics } from '../types/statistics.js';

/** Null of null: of what no proxy has told. */
export function presentStatistics(statistics: RequestStatistics | null): Statistics | null {
  if (!statistics) return null;
  const { latency: histogram, ...rest } = statistics;
  const { samples } = histogram;
  return {
    ...rest,
    latency: Object.assign(new LatencyDistribution(), {
      histogram,
      samples,
      meanMs: samples === 0 ? null : histogram.totalMs / samples,
    } satisfies LatencyDistribution),
  };
}
