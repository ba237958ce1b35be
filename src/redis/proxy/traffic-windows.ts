import {
  WINDOWS,
  type RequestReport,
  type ServerReport,
  type TrafficReport,
  type WindowName,
} from '../traffic-report.js';
import { RequestCounts } from './request-counts.js';
import { operationsOf, type Tally } from './stats.js';

/** How often {@link TrafficWindows.take} is to be called, in milliseconds. */
export const MOMENT_MS = 1_000;
/** How far apart the moments are that a window may begin at. */
const STEPS_MS: Readonly<Record<WindowName, number>> = {
  SECONDS_10: MOMENT_MS,
  MINUTES_1: 5_000,
  MINUTES_15: 60_000,
};
/** A timer is late or early by less. */
const TOLERANCE_MS = MOMENT_MS / 2;

/** What had been counted until then. */
interface Moment {
  readonly at: number;
  readonly operations: number;
  readonly requests: Float64Array;
  /** Only the shortest window has them. */
  readonly servers: ReadonlyMap<string, Float64Array>;
}

/**
 * Remembers counts of the last quarter of an hour, so that those of the last seconds can be told apart from those since
 * the start. Each window has moments at which it may begin: few, whatever is counted.
 */
export class TrafficWindows {
  private readonly moments: Readonly<Record<WindowName, Moment[]>>;
  private readonly startedAt: number;
  private newest: Moment;
  private before: Moment;

  /** @param now on a clock that nobody sets, in milliseconds */
  constructor(tally: Tally, now = performance.now()) {
    this.startedAt = now;
    this.newest = this.before = momentOf(tally, now);
    const first = [this.newest];
    this.moments = { SECONDS_10: first, MINUTES_1: [...first], MINUTES_15: [...first] };
  }

  /** @param tally counts of this moment, which are copied */
  take(tally: Tally, now = performance.now()): void {
    this.before = this.newest;
    this.newest = momentOf(tally, now);
    for (const name of Object.keys(WINDOWS) as WindowName[]) {
      const moments = this.moments[name];
      if (now - moments.at(-1)!.at >= STEPS_MS[name] - TOLERANCE_MS) {
        moments.push(name === 'SECONDS_10' ? this.newest : { ...this.newest, servers: new Map() });
      }
      // The first is the last that is old enough.
      while (moments.length > 1 && now - moments[1]!.at >= WINDOWS[name] - TOLERANCE_MS) moments.shift();
    }
  }

  report(): TrafficReport {
    const { newest } = this;
    return {
      windows: {
        SECONDS_10: this.window('SECONDS_10'),
        MINUTES_1: this.window('MINUTES_1'),
        MINUTES_15: this.window('MINUTES_15'),
      },
      total: {
        ...describe(new RequestCounts(newest.requests)),
        seconds: (newest.at - this.startedAt) / 1_000,
        requests: newest.operations,
      },
      servers: this.servers(),
    };
  }

  private window(name: WindowName): RequestReport {
    const { newest } = this;
    const first = this.moments[name][0]!;
    return {
      ...describe(new RequestCounts(newest.requests).since(first.requests)),
      seconds: (newest.at - first.at) / 1_000,
      requests: Math.max(0, newest.operations - first.operations),
    };
  }

  private servers(): ServerReport[] {
    const { newest, before } = this;
    const first = this.moments.SECONDS_10[0]!;
    return [...newest.servers].map(([address, cells]) => {
      const counts = new RequestCounts(cells);
      const { latency: recent } = counts.since(before.servers.get(address));
      const samples = recent.samples;
      return {
        address,
        ...describe(counts.since(first.servers.get(address))),
        seconds: (newest.at - first.at) / 1_000,
        recent: {
          samples,
          meanMs: samples === 0 ? 0 : recent.totalMs / samples,
          p99Ms: recent.percentile(0.99),
        },
      };
    });
  }
}

function momentOf(tally: Tally, at: number): Moment {
  return {
    at,
    operations: operationsOf(tally),
    requests: tally.requests.slice(),
    servers: new Map([...tally.servers].map(([server, cells]) => [server, cells.slice()])),
  };
}

function describe(counts: RequestCounts): Omit<RequestReport, 'seconds'> {
  const { latency } = counts;
  return {
    requests: latency.samples,
    errors: counts.errors(),
    latency: latency.sparse(),
    latencyMs: latency.totalMs,
  };
}
