import type { BinlogHalf } from '../binlog/member/binlog-half.js';
import type { CoordinatorWatch } from '../cluster/coordinator-watch.js';
import type { ActionFeed } from '../cluster/feed.js';
import type { Membership } from '../cluster/membership/membership.js';
import type { Operations } from '../cluster/operations.js';
import type { ProblemBook } from '../cluster/problems.js';
import type { Proposals } from '../cluster/proposals.js';
import type { StateView } from '../cluster/view.js';
import type { Coordinator } from '../coordinator/types.js';
import type { Groups } from '../redis/topology/groups.js';
import type { ServerMonitor } from '../redis/topology/monitor.js';
import type { Proxies } from '../redis/topology/proxies.js';
import type { ProxyMonitor } from '../redis/topology/proxy-monitor.js';
import type { ProxyDetails } from '../redis/proxy/details.js';
import type { ProxyRecord } from '../redis/topology/records.js';
import type { SlotCounter } from '../redis/migration/slot-counter.js';
import type { Slots } from '../redis/topology/slots.js';
import type { Topology } from '../redis/topology/topology.js';
import type { Caller } from './auth.js';

/** What the resolvers work with: the domains of one member. */
export interface Services {
  readonly clusterName: string;
  readonly memberName: string;
  readonly coordinator: Coordinator;
  readonly coordinatorWatch: CoordinatorWatch;
  readonly membership: Membership;
  readonly view: StateView;
  readonly problems: ProblemBook;
  readonly proposals: Proposals;
  readonly feed: ActionFeed;
  readonly operations: Operations;
  readonly topology: Topology;
  readonly groups: Groups;
  readonly slots: Slots;
  readonly proxies: Proxies;
  readonly serverMonitor: ServerMonitor;
  readonly proxyMonitor: ProxyMonitor;
  readonly slotCounter: SlotCounter;
  readonly binlog: BinlogHalf;
  /** Asks the proxy itself; rejects when it does not answer. */
  readonly askProxyDetails: (proxy: ProxyRecord) => Promise<ProxyDetails>;
}

/** Made anew for every request over HTTP, and once for every subscription. */
export interface ApiContext {
  readonly caller: Caller;
  readonly services: Services;
}
