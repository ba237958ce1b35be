import { ERROR_KINDS, type ErrorCounts } from '../error-kinds.js';
import type { KindIndex } from './error-replies.js';
import { LATENCY_CELLS, LatencyHistogram } from '../latency-histogram.js';

const KINDS = ERROR_KINDS.length;
const ANSWERED = LATENCY_CELLS;
const FAILED = ANSWERED + KINDS;

/** The length of the array behind {@link RequestCounts}. */
export const REQUEST_CELLS = FAILED + KINDS;

/**
 * How long requests took and with which errors they ended, in one array, so that counts of several servers and
 * processes are added, and those of two moments subtracted, as plain numbers.
 */
export class RequestCounts {
  readonly latency: LatencyHistogram;

  constructor(readonly cells: Float64Array = new Float64Array(REQUEST_CELLS)) {
    this.latency = new LatencyHistogram(cells.subarray(0, LATENCY_CELLS));
  }

  /** A server has answered with an error. */
  answeredError(kind: KindIndex): void {
    this.cells[ANSWERED + kind]!++;
  }

  /** A request failed that got no answer of a server. */
  failed(kind: KindIndex): void {
    this.cells[FAILED + kind]!++;
  }

  /** Errors by kind, those of servers and the others together. */
  errors(): ErrorCounts {
    const counts: ErrorCounts = {};
    ERROR_KINDS.forEach((kind, i) => {
      const count = this.cells[ANSWERED + i]! + this.cells[FAILED + i]!;
      if (count > 0) counts[kind] = count;
    });
    return counts;
  }

  /** Forgets the failures: they are counted once more where all failures of a proxy are. */
  withoutFailures(): RequestCounts {
    const cells = this.cells.slice();
    cells.fill(0, FAILED);
    return new RequestCounts(cells);
  }

  add(other: Float64Array): void {
    for (let i = 0; i < REQUEST_CELLS; i++) this.cells[i]! += other[i]!;
  }

  /** What has been counted since `before` was. Counts that have begun anew since then count from their beginning. */
  since(before: Float64Array | undefined): RequestCounts {
    const cells = this.cells.slice();
    if (before !== undefined) {
      for (let i = 0; i < REQUEST_CELLS; i++) cells[i] = Math.max(0, cells[i]! - before[i]!);
    }
    return new RequestCounts(cells);
  }
}
