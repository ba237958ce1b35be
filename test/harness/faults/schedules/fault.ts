import type { PlannedFault } from './plan.js';
import type { Run } from './run.js';

/** Does it, waits, and mends it, also when something went wrong; what must hold meanwhile is checked. */
export type Fault = (run: Run, fault: PlannedFault) => Promise<void>;

/** How long a proxy may take to use a server again that it found away: its pauses between attempts. */
export const BACKOFF_MS = 3_500;

/** How many requests of clients that keep to slots that do not move have been answered through these proxies. */
export function answeredThrough(run: Run, counts: (proxy: number) => boolean): number {
  return run.clients.answered.reduce((sum, { steady }, proxy) => sum + (counts(proxy) ? steady : 0), 0);
}
