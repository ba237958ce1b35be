import { ERROR_KINDS, type ErrorKind } from '../error-kinds.js';
import { LatencyHistogram } from '../latency-histogram.js';
import type { RequestReport, WindowName } from '../traffic-report.js';
import type { ProxyMonitor } from './proxy-monitor.js';

/** How the requests of a server's clients were answered. */
export interface Answered {
  readonly samples: number;
  readonly meanMs: number;
  readonly p99Ms: number;
}

export interface ClientsOfServer {
  /** In the last second. */
  readonly recent: Answered;
  /** In the last ten seconds. */
  readonly lately: Answered;
}

/** How the requests of a stretch of time were answered. */
export interface RequestStatistics {
  readonly windowSeconds: number;
  readonly measuredAt: Date;
  /** Whether nothing newer could be learnt. */
  readonly stale: boolean;
  readonly requestsPerSecond: number;
  /** The kinds of error that came. */
  readonly errorsPerSecond: readonly { readonly kind: ErrorKind; readonly perSecond: number }[];
  readonly latency: LatencyHistogram;
}

/** The statistics of one proxy; null while it has told nothing. */
export function proxyStatistics(
  monitor: ProxyMonitor,
  proxy: string,
  window: WindowName,
): RequestStatistics | null {
  const heard = monitor.lastHeard(proxy);
  return heard ? combine([heard.report.windows[window]], heard.at, heard.stale) : null;
}

/** The statistics of all proxies that answer together; null when none does. */
export function clusterStatistics(monitor: ProxyMonitor, window: WindowName): RequestStatistics | null {
  const reports = monitor.reports();
  if (reports.length === 0) return null;
  return combine(
    reports.map(({ report }) => report.windows[window]),
    new Date(),
    false,
  );
}

/**
 * The statistics of one server in the last ten seconds, as all proxies that answer see it; null when none has asked
 * it anything.
 */
export function serverStatistics(monitor: ProxyMonitor, address: string): RequestStatistics | null {
  const reports = monitor
    .reports()
    .flatMap(({ report }) => report.servers.filter((server) => server.address === address));
  return reports.length === 0 ? null : combine(reports, new Date(), false);
}

/** What a server's clients feel, over all proxies that answer; null when none has asked it anything. */
export function clientsOfServer(monitor: ProxyMonitor, address: string): ClientsOfServer | null {
  const statistics = serverStatistics(monitor, address);
  if (statistics === null) return null;
  const { latency } = statistics;
  const recent = monitor
    .reports()
    .flatMap(({ report }) => report.servers.filter((server) => server.address === address))
    .map((server) => server.recent);
  const samples = recent.reduce((sum, each) => sum + each.samples, 0);
  return {
    recent: {
      samples,
      meanMs: samples === 0 ? 0 : recent.reduce((sum, each) => sum + each.samples * each.meanMs, 0) / samples,
      p99Ms: Math.max(0, ...recent.map(({ p99Ms }) => p99Ms)),
    },
    lately: {
      samples: latency.samples,
      meanMs: latency.samples === 0 ? 0 : latency.totalMs / latency.samples,
      p99Ms: latency.percentile(0.99),
    },
  };
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
