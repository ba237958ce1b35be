import type { ErrorCounts } from './error-kinds.js';

/** How far back a window reaches, in milliseconds. */
export const WINDOWS = { SECONDS_10: 10_000, MINUTES_1: 60_000, MINUTES_15: 900_000 } as const;
export type WindowName = keyof typeof WINDOWS;

/** What a proxy counted in a stretch of time. Plain data. */
export interface RequestReport {
  /** How long the stretch was: shorter than its window after the start. */
  readonly seconds: number;
  /** The number of requests: of a proxy all, of a server those that it has answered. */
  readonly requests: number;
  readonly errors: ErrorCounts;
  /** Buckets of a LatencyHistogram, of the requests that a server has answered. */
  readonly latency: readonly (readonly [bucket: number, count: number])[];
  /** The sum of those times. */
  readonly latencyMs: number;
}

/** How the answers of a server were in the last second, for whoever has to go easy on it. */
export interface RecentLatency {
  readonly samples: number;
  readonly meanMs: number;
  readonly p99Ms: number;
}

/** The last ten seconds of one server, as a proxy sees it. */
export interface ServerReport extends RequestReport {
  readonly address: string;
  readonly recent: RecentLatency;
}

/** What a proxy tells of its requests; a proxy of version 0.1.0 tells nothing of it. */
export interface TrafficReport {
  readonly windows: Readonly<Record<WindowName, RequestReport>>;
  /** Since the process was started. */
  readonly total: RequestReport;
  readonly servers: readonly ServerReport[];
}
