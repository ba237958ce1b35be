import { EventEmitter } from 'node:events';

/** The throughput of both clusters during one interval. */
export interface Traffic {
  /** Up to where the journal is committed, in bytes. */
  readonly journalOffset: number;
  /** What slaves are being sent, in bytes per second. */
  readonly sentBytesPerSecond: number;
  /** Requests of Redis clients per second. */
  readonly redisOpsPerSecond: number;
  /** Those of the requests that were answered with an error. */
  readonly redisErrorsPerSecond: number;
  /** Percentiles of the last ten seconds, in milliseconds; null without requests. */
  readonly redisLatencyP50: number | null;
  readonly redisLatencyP99: number | null;
}

/** {@link Traffic} at a moment, the journal as a rate. */
export interface ThroughputSample extends Omit<Traffic, 'journalOffset'> {
  readonly at: Date;
  /** What was committed, in bytes per second. */
  readonly journalBytesPerSecond: number;
}

const INTERVAL_MS = 2_000;
const KEPT_MS = 15 * 60_000;

/** Looks every two seconds at the traffic of both halves, and remembers a quarter of an hour of it. */
export class Throughput {
  private readonly kept: ThroughputSample[] = [];
  private readonly events = new EventEmitter();
  private before: { readonly offset: number; readonly at: number } | null = null;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly look: () => Traffic) {
    this.events.setMaxListeners(0);
  }

  start(): void {
    this.take();
    this.timer = setInterval(() => this.take(), INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** The oldest first. */
  get samples(): readonly ThroughputSample[] {
    return this.kept;
  }

  /** Called after each new sample; answers how to end that. */
  subscribe(listener: () => void): () => void {
    this.events.on('sample', listener);
    return () => this.events.off('sample', listener);
  }

  private take(): void {
    const { journalOffset: offset, ...rest } = this.look();
    const at = performance.now();
    const { before } = this;
    this.before = { offset, at };
    if (!before) return;
    // A journal that has begun anew ends before where the last one did.
    const grown = Math.max(0, offset - before.offset);
    const journalBytesPerSecond = (grown * 1_000) / Math.max(1, at - before.at);
    this.kept.push({ at: new Date(), journalBytesPerSecond, ...rest });
    if (this.kept.length > KEPT_MS / INTERVAL_MS) this.kept.shift();
    this.events.emit('sample');
  }
}
