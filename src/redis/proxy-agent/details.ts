import type { LatencyBucket } from '../latency-histogram.js';
import type { SlowRequest } from '../proxy/slow-log.js';
import { toStats, type Tally } from '../proxy/stats.js';

/** The counts that are shown as they are. */
type ShownCounts = Pick<
  Tally,
  | 'sessionsTotal'
  | 'sessionsRefused'
  | 'heldSessions'
  | 'inFlight'
  | 'serverConnections'
  | 'proxyErrors'
  | 'serverErrors'
>;

/** What a proxy tells on request, beyond what is asked of it every second. Plain data. */
export interface ProxyDetails extends ShownCounts {
  readonly commands: readonly { readonly name: string; readonly calls: number }[];
  readonly latency: readonly LatencyBucket[];
  readonly slowLog: readonly SlowRequest[];
}

/** @param tally everything since the proxy was started */
export function proxyDetails(tally: Tally, slowLog: readonly SlowRequest[]): ProxyDetails {
  const { sessionsTotal, sessionsRefused, heldSessions, inFlight } = tally;
  const { serverConnections, proxyErrors, serverErrors } = tally;
  const { operationsByCommand, latency } = toStats(tally);
  return {
    ...{ sessionsTotal, sessionsRefused, heldSessions, inFlight },
    ...{ serverConnections, proxyErrors, serverErrors },
    commands: [...operationsByCommand]
      .map(([name, calls]) => ({ name, calls: Number(calls) }))
      .sort((a, b) => b.calls - a.calls),
    latency: latency.histogram,
    slowLog,
  };
}
