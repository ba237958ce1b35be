import type { Services } from '../api/context.js';
import { binlogCollections } from '../binlog/control/binlog-view.js';
import type { PeerNetwork } from '../binlog/replication/peer/channel.js';
import { CommitProof } from '../cluster/commit-proof.js';
import { CoordinatorWatch } from '../cluster/coordinator-watch.js';
import { ActionFeed } from '../cluster/feed.js';
import { IdempotencyKeys } from '../cluster/idempotency.js';
import type { LeaderRuntime } from '../cluster/leader-runtime.js';
import { membershipFindings } from '../cluster/membership/findings.js';
import { JoinDuty } from '../cluster/membership/join-duty.js';
import type { MembershipView } from '../cluster/membership/membership-view.js';
import { MembershipChanges } from '../cluster/membership/membership-changes.js';
import { membershipCollections } from '../cluster/membership/records.js';
import { transferLeadership } from '../cluster/membership/transfer.js';
import { Operations } from '../cluster/operations.js';
import { ProblemBook } from '../cluster/problems/problem-book.js';
import { coordinatorFindings } from '../cluster/problems/coordinator-findings.js';
import { problemKnownSince } from '../cluster/problems/problem-times.js';
import { recordFindings } from '../cluster/problems/record-findings.js';
import type { Proposals } from '../cluster/proposals.js';
import { collections } from '../cluster/records.js';
import { Throughput } from '../cluster/throughput.js';
import { StateView } from '../cluster/view.js';
import type { SecretBox } from '../common/secret-box.js';
import type { ServeConfig } from '../config/options.js';
import type { Coordinator } from '../coordinator/index.js';
import type { Authenticator } from '../http/authenticator.js';
import type { TokenStore } from '../http/tokens.js';
import { assignmentFrom, Assignments } from '../redis/migration/assignments.js';
import { ForeignKeys } from '../redis/migration/foreign-keys.js';
import { Moves } from '../redis/migration/moves.js';
import { SlotCounter } from '../redis/migration/slot-counter.js';
import type { ProxyAgent } from '../redis/proxy-agent/agent.js';
import { Barrier } from '../redis/topology/barrier.js';
import { FeatureLevels } from '../redis/topology/feature-levels.js';
import { GroupChanges } from '../redis/topology/group-changes.js';
import { ServerMonitor } from '../redis/topology/monitor.js';
import { redisFindings } from '../redis/topology/problems.js';
import { ProxyChanges } from '../redis/topology/proxy-changes.js';
import { ProxyMonitor } from '../redis/topology/proxy-monitor.js';
import { topologyCollections, type ProxyRecord } from '../redis/topology/records.js';
import { ReplicaReads } from '../redis/topology/replica-reads.js';
import { ReplicasTold } from '../redis/topology/replicas-told.js';
import { ServerAddresses } from '../redis/topology/server-addresses.js';
import { ServerUpdates } from '../redis/topology/server-updates.js';
import { SlotChanges } from '../redis/topology/slot-changes.js';
import { Topology } from '../redis/topology/topology.js';
import type { Logger } from '../telemetry/logger.js';
import { createBinlogService } from './binlog-service.js';
import { callsOverHttp } from './member-calls.js';
import { askProxy, askProxyDetails, toTraffic } from './proxy-stats.js';
import { binlogTraffic, redisTraffic } from './traffic.js';

interface ServicesOptions {
  readonly self: { readonly name: string; readonly id: string };
  readonly coordinator: Coordinator;
  readonly view: StateView;
  readonly secrets: SecretBox;
  readonly authenticator: Authenticator;
  /** Null: this member is open to this machine only. */
  readonly tokens: TokenStore | null;
  readonly proposals: Proposals;
  readonly membership: MembershipView;
  readonly peers: PeerNetwork;
  readonly leader: LeaderRuntime;
  /** The proxy inside this very process; null without one. */
  readonly embeddedProxy: ProxyAgent | null;
  readonly log: Logger;
}

/** A view of everything that a member shows or decides by. */
export function createView(coordinator: Coordinator, log: Logger): StateView {
  const kinds = [collections, membershipCollections, topologyCollections, binlogCollections].flatMap((each) =>
    Object.values(each),
  );
  return new StateView(coordinator, kinds, log);
}

/** What the API of a member works with. */
export function createServices(config: ServeConfig, options: ServicesOptions): Services {
  const { self, coordinator, view, secrets, authenticator, proposals, membership, log } = options;
  const { embeddedProxy, peers: network, leader, tokens } = options;
  const embeddedProxyOf = ({ name, adminAddress }: ProxyRecord): ProxyAgent | null =>
    name === self.name && adminAddress === null ? embeddedProxy : null;
  const topology = new Topology(view, secrets);
  const operations = new Operations(view, proposals, (id) => assignmentFrom(topology, id));
  const serverMonitor = new ServerMonitor(topology);
  const features = new FeatureLevels(topology);
  const barrier = new Barrier(topology, config.barrierTimeoutMs);
  const replicaReads = new ReplicaReads(topology, proposals, barrier);
  const coordinatorWatch = new CoordinatorWatch(coordinator);
  const commitProof = new CommitProof(coordinator, view, log);
  const binlogLog = log.child({ part: 'binlog' });
  const binlog = createBinlogService(config, {
    ...{ coordinator, view, proposals, secrets, membership, network, self },
    ...{ calls: callsOverHttp(authenticator), log: binlogLog },
  });
  const copies = binlog.journalCopies;
  const proxyMonitor = new ProxyMonitor(topology, async (proxy) => {
    const embedded = embeddedProxyOf(proxy);
    return embedded ? toTraffic(embedded) : askProxy(proxy, authenticator);
  });
  const leadership = () => leader.leadership;
  const membershipChanges = new MembershipChanges({
    ...{ membership, proposals, operations, copies, leadership },
    isShared: config.etcd.length > 0,
  });
  const reach = async (member: string, signal: AbortSignal) =>
    (await network.connect(member, signal)).close();
  const joinDuty = new JoinDuty({
    coordinator,
    membership,
    membershipChanges,
    operations,
    copies,
    reach,
    log,
  });
  const handOver = (to: string, actor: string) => leader.handOver(to, actor);
  return {
    clusterName: config.cluster,
    memberName: self.name,
    coordinator,
    coordinatorWatch,
    commitProof,
    membership,
    membershipChanges,
    joinDuty,
    copies,
    transferLeadership: (to, actor) =>
      transferLeadership({ membership, copies, memberName: self.name, handOver }, to, actor),
    view,
    proposals,
    idempotency: new IdempotencyKeys(coordinator, view, secrets),
    feed: new ActionFeed(view, proposals),
    operations,
    problems: new ProblemBook(
      () => [
        ...coordinatorFindings({
          status: coordinatorWatch.status,
          endpoints: coordinator.endpoints,
          view,
          lastFailure: commitProof.lastFailure,
        }),
        ...recordFindings(view),
        ...membershipFindings(membership, joinDuty.currentProblems),
        ...redisFindings(topology, serverMonitor, proxyMonitor, operations),
        ...binlog.findings(),
      ],
      problemKnownSince(view),
    ),
    topology,
    groupChanges: new GroupChanges(topology, proposals, secrets, replicaReads),
    replicaReads,
    serverUpdates: new ServerUpdates(
      topology,
      proposals,
      secrets,
      new ServerAddresses(topology, serverMonitor),
      new ReplicasTold(topology, log),
      barrier,
    ),
    features,
    foreignKeys: new ForeignKeys(topology),
    moves: new Moves(topology, operations),
    assignments: new Assignments(
      topology,
      proposals,
      operations,
      new SlotChanges(topology, proposals),
      features,
      config.barrierTimeoutMs,
    ),
    proxyChanges: new ProxyChanges(topology, proposals),
    serverMonitor,
    proxyMonitor,
    slotCounter: new SlotCounter(topology),
    askProxyDetails: async (proxy) => {
      const embedded = embeddedProxyOf(proxy);
      return embedded ? embedded.details() : askProxyDetails(proxy, authenticator);
    },
    binlog,
    throughput: new Throughput(() => ({ ...binlogTraffic(binlog), ...redisTraffic(topology, proxyMonitor) })),
    tokens: () => tokens?.list() ?? [],
  };
}
