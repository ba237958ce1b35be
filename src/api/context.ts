import type { BinlogService } from '../binlog/member/binlog-service.js';
import type { CommitProof } from '../cluster/commit-proof.js';
import type { CoordinatorWatch } from '../cluster/coordinator-watch.js';
import type { ActionFeed } from '../cluster/feed.js';
import type { IdempotencyKeys } from '../cluster/idempotency.js';
import type { JournalCopies } from '../cluster/membership/health.js';
import type { MembershipView } from '../cluster/membership/membership-view.js';
import type { JoinDuty } from '../cluster/membership/join-duty.js';
import type { MembershipChanges } from '../cluster/membership/membership-changes.js';
import type { Operations } from '../cluster/operations.js';
import type { ProblemBook } from '../cluster/problems/problem-book.js';
import type { Proposals, Proposed } from '../cluster/proposals.js';
import type { Throughput } from '../cluster/throughput.js';
import type { StateView } from '../cluster/view.js';
import type { Coordinator } from '../coordinator/types.js';
import type { ServerUpdates } from '../redis/topology/server-updates.js';
import type { GroupChanges } from '../redis/topology/group-changes.js';
import type { ServerMonitor } from '../redis/topology/monitor.js';
import type { ProxyChanges } from '../redis/topology/proxy-changes.js';
import type { ProxyMonitor } from '../redis/topology/proxy-monitor.js';
import type { ProxyDetails } from '../redis/proxy-agent/details.js';
import type { ProxyRecord } from '../redis/topology/records.js';
import type { SlotCounter } from '../redis/migration/slot-counter.js';
import type { ReplicaReads } from '../redis/topology/replica-reads.js';
import type { FeatureLevels } from '../redis/topology/feature-levels.js';
import type { ForeignKeys } from '../redis/migration/foreign-keys.js';
import type { Moves } from '../redis/migration/moves.js';
import type { Assignments } from '../redis/migration/assignments.js';
import type { Topology } from '../redis/topology/topology.js';
import type { Caller } from './auth.js';

/** A token without what is secret of it. */
export interface TokenAccount extends Caller {
  readonly createdAt: Date;
}

/** What the resolvers work with: the domains of one member. */
export interface Services {
  readonly clusterName: string;
  readonly memberName: string;
  readonly coordinator: Coordinator;
  readonly coordinatorWatch: CoordinatorWatch;
  readonly commitProof: CommitProof;
  readonly membership: MembershipView;
  readonly membershipChanges: MembershipChanges;
  readonly joinDuty: JoinDuty;
  readonly copies: JournalCopies;
  /** To a member, or with null to any other that can. */
  readonly transferLeadership: (to: string | null, actor: string) => Promise<Proposed | null>;
  readonly view: StateView;
  readonly problems: ProblemBook;
  readonly proposals: Proposals;
  readonly idempotency: IdempotencyKeys;
  readonly feed: ActionFeed;
  readonly operations: Operations;
  readonly topology: Topology;
  readonly groupChanges: GroupChanges;
  readonly serverUpdates: ServerUpdates;
  readonly assignments: Assignments;
  readonly replicaReads: ReplicaReads;
  readonly moves: Moves;
  readonly foreignKeys: ForeignKeys;
  readonly features: FeatureLevels;
  readonly proxyChanges: ProxyChanges;
  readonly serverMonitor: ServerMonitor;
  readonly proxyMonitor: ProxyMonitor;
  readonly slotCounter: SlotCounter;
  readonly binlog: BinlogService;
  readonly throughput: Throughput;
  /** Those of this member's file. */
  readonly tokens: () => readonly TokenAccount[];
  /** Asks the proxy itself; rejects when it does not answer. */
  readonly askProxyDetails: (proxy: ProxyRecord) => Promise<ProxyDetails>;
}

/** Made anew for every request over HTTP, and once for every subscription. */
export interface ApiContext {
  readonly caller: Caller;
  readonly services: Services;
}
