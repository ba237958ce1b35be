import type { WriteBuffers } from '../write-buffers.js';
import type { CachedClock } from '../cached-clock.js';
import type { ProxyLimits } from '../options.js';
import type { SlowLog } from '../slow-log.js';
import type { SlotGate } from '../slot-gate.js';
import type { Counters } from '../stats.js';
import type { FlushScheduler } from '../flush-scheduler.js';
import type { ZombieKeeper } from './zombies.js';

/** What connections to servers share with the rest of one proxy. */
export interface BackendContext {
  readonly limits: ProxyLimits;
  readonly buffers: WriteBuffers;
  readonly clock: CachedClock;
  readonly scheduler: FlushScheduler;
  readonly gate: SlotGate;
  readonly counters: Counters;
  readonly slowLog: SlowLog;
  readonly zombies: ZombieKeeper;
  /** Whether a new connection may be opened, and used once it is. */
  readonly mayOpen: () => boolean;
}
