import { ERROR_KINDS, type ErrorKind } from '../error-kinds.js';
import { LatencyHistogram } from '../latency-histogram.js';
import type { RequestReport, WindowName } from '../traffic-report.js';
import type { ProxyMonitor } from './proxy-monitor.js';

/** How the requests of a stretch of time were answered. */
export interface RequestStatistics {
  readonly windowSeconds: number;
  readonly measuredAt: Date;
  /** Whether nothing newer could be learnt. */
  readonly stale: boolean;
  readonly requestsPerSecond: number;
  /** Of the kinds that came. */
  readonly errorsPerSecond: readonly { readonly kind: ErrorKind; readonly perSecond: number }[];
  readonly latency: LatencyHistogram;
}

/** Of one proxy; null while it has told nothing. */
export function proxyStatistics(
  monitor: ProxyMonitor,
  proxy: string,
  window: WindowName,
): RequestStatistics | null {
  const heard = monitor.lastHeard(proxy);
  return heard ? combine([heard.report.windows[window]], heard.at, heard.stale) : null;
}

/** Of all proxies that answer together; null when none does. */
export function clusterStatistics(monitor: ProxyMonitor, window: WindowName): RequestStatistics | null {
  const reports = monitor.reports();
  if (reports.length === 0) return null;
  return combine(
    reports.map(({ report }) => report.windows[window]),
    new Date(),
    false,
  );
}

/** Of one server in the last ten seconds, as all proxies that answer see it; null when none has asked it anything. */
export function serverStatistics(monitor: ProxyMonitor, address: string): RequestStatistics | null {
  const reports = monitor
    .reports()
    .flatMap(({ report }) => report.servers.filter((server) => server.address === address));
  return reports.length === 0 ? null : combine(reports, new Date(), false);
}

/** Rates are added, each over the time that it was measured in. */
function combine(reports: readonly RequestReport[], measuredAt: Date, stale: boolean): RequestStatistics {
  const perSecond = (of: (report: RequestReport) => number): number =>
    reports.reduce((sum, report) => sum + (report.seconds > 0 ? of(report) / report.seconds : 0), 0);
  const latency = new LatencyHistogram();
  for (const report of reports) latency.add(LatencyHistogram.from(report.latency, report.latencyMs));
  return {
    windowSeconds: Math.max(...reports.map(({ seconds }) => seconds)),
    measuredAt,
    stale,
    requestsPerSecond: perSecond(({ requests }) => requests),
    errorsPerSecond: ERROR_KINDS.flatMap((kind) => {
      const rate = perSecond(({ errors }) => errors[kind] ?? 0);
      return rate > 0 ? [{ kind, perSecond: rate }] : [];
    }),
    latency,
  };
}
