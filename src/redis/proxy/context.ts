import type { BackendContext } from './backend/context.js';
import type { MigrateConnections } from './backend/migrate-connections.js';
import type { BackendPool } from './backend/pool.js';
import type { ReplicaWatch } from './backend/replica-watch.js';
import type { ClientWarnings } from './client-warnings.js';
import type { ProxyOptions } from './options.js';
import type { Router } from './router.js';
import type { HeldSessions } from './session/held-sessions.js';

/** What the sessions of one proxy share. */
export interface ProxyContext extends BackendContext {
  readonly options: ProxyOptions;
  readonly pool: BackendPool;
  readonly router: Router;
  readonly replicas: ReplicaWatch;
  readonly held: HeldSessions;
  readonly migrateConnections: MigrateConnections;
  readonly warnings: ClientWarnings;
}
