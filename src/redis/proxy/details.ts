import type { DataPlane } from './data-plane.js';
import type { LatencyBucket } from './latency-histogram.js';
import type { SlowRequest } from './slow-log.js';

/** What a proxy tells on request, beyond what is asked of it every second. Plain data. */
export interface ProxyDetails {
  readonly sessionsTotal: number;
  readonly sessionsRefused: number;
  readonly heldSessions: number;
  readonly inFlight: number;
  readonly serverConnections: number;
  /** Requests that the proxy answered with an error itself. */
  readonly proxyErrors: number;
  /** Requests that a server answered with an error. */
  readonly serverErrors: number;
  readonly commands: readonly { readonly name: string; readonly calls: number }[];
  readonly latency: readonly LatencyBucket[];
  readonly slowLog: readonly SlowRequest[];
}

/** Everything since the proxy was started. */
export function proxyDetails(plane: DataPlane): ProxyDetails {
  const stats = plane.stats();
  return {
    sessionsTotal: Number(stats.sessions.total),
    sessionsRefused: Number(stats.sessions.refused),
    heldSessions: stats.heldSessions,
    inFlight: stats.inFlight,
    serverConnections: stats.serverConnections,
    proxyErrors: Number(stats.proxyErrors),
    serverErrors: Number(stats.serverErrors),
    commands: [...stats.operationsByCommand]
      .map(([name, calls]) => ({ name, calls: Number(calls) }))
      .sort((a, b) => b.calls - a.calls),
    latency: stats.latency.histogram,
    slowLog: plane.slowLog(),
  };
}
