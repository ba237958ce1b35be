import type { RoutingTable } from '../../routing-table.js';
import type { ClientWarning } from '../client-warnings.js';
import type { ProxyOptions } from '../options.js';
import type { SlowRequest } from '../slow-log.js';
import type { Tally } from '../stats.js';

/** What a worker is told about itself; the rest of its options it makes itself. */
export type WorkerOptions = Omit<ProxyOptions, 'listen' | 'mayOpenConnections' | 'onWarning'>;

/**
 * What a worker may do until the next such message, and with what. One at a time is under way to each worker: a
 * worker that hangs makes nothing pile up, and whether it answers tells whether it hangs.
 */
export interface Exchange {
  /** Until when it may open connections to servers, on {@link sharedNow}'s clock. */
  readonly mayOpenUntil: number;
  /** Undefined when it has the newest. */
  readonly table: RoutingTable | undefined;
}

export type ToWorker =
  | { readonly type: 'serve'; readonly options: WorkerOptions; readonly first: Exchange }
  | { readonly type: 'exchange'; readonly exchange: Exchange }
  /** Comes with the socket of a client. */
  | { readonly type: 'client'; readonly id: number }
  | { readonly type: 'stop' };

/** How a worker is. */
export interface Report {
  readonly waitingFor: string | null;
  /** Without its servers when {@link sameServers}. */
  readonly tally: Tally;
  /** Whether those of the report before stand: they are many numbers, and are sent once a second. */
  readonly sameServers: boolean;
  /** What was noted since the last report, the oldest first. */
  readonly slow: readonly SlowRequest[];
}

export type FromWorker =
  /** It can be told to serve. */
  | { readonly type: 'ready' }
  /** The answer to an exchange, and to being told to serve. */
  | { readonly type: 'report'; readonly report: Report }
  | { readonly type: 'applied'; readonly revision: bigint }
  | { readonly type: 'warning'; readonly warning: ClientWarning }
  /** Clients that it has taken over, and how many it serves. */
  | { readonly type: 'clients'; readonly taken: readonly number[]; readonly open: number }
  /** It has stopped and ends now; `settled` is what the proxy server's stop returned. */
  | { readonly type: 'stopped'; readonly settled: boolean; readonly report: Report };

/** Milliseconds on a clock that all processes of this machine share and that nobody sets. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** A moment of `performance.now()` on {@link sharedNow}'s clock; if it errs, then by being too early. */
export function toShared(moment: number): number {
  // This process may be stopped between the two readings.
  const shared = sharedNow();
  return moment + shared - performance.now();
}
