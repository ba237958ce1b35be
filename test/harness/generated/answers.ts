// Written by `npm run sdk` from schema/schema.graphql; not to be changed by hand.
/** What a request answers, whatever it asks for: a field that it did not ask for is not there. */

export type Answer = Query & Mutation;

export type Role = 'VIEWER' | 'OPERATOR' | 'ADMIN';

export type ProblemCode =
  | 'BINLOG_SERVER_FAILED'
  | 'COMMITS_STALLED'
  | 'COORDINATOR_READ_ONLY'
  | 'COORDINATOR_RESTORED'
  | 'COORDINATOR_UNREACHABLE'
  | 'DISK_FULL'
  | 'FOREIGN_KEYS'
  | 'JOURNAL_CLOSED'
  | 'JOURNAL_SET_ASIDE'
  | 'MASTER_DOWN'
  | 'MASTER_IS_REPLICA'
  | 'MEMBER_DOWN'
  | 'MEMBER_LAGS'
  | 'OPERATION_PAUSED'
  | 'PROXY_LAGS'
  | 'PROXY_UNREACHABLE'
  | 'QUORUM_LOST'
  | 'RECORD_UNREADABLE'
  | 'REPLICA_BROKEN'
  | 'SERVER_REFUSES'
  | 'SERVER_UNFIT'
  | 'SLOTS_UNASSIGNED'
  | 'SOURCE_UNREACHABLE'
  | 'SOURCE_WARNING'
  | 'SYNCER_FAILED';

export type Severity = 'WARNING' | 'CRITICAL';

export type MemberRole = 'VOTER' | 'LEARNER';

export type MemberState = 'JOINING' | 'CATCHING_UP' | 'HEALTHY' | 'UNREACHABLE' | 'REMOVED';

export type CoordinatorKind = 'ETCD' | 'EMBEDDED';

export type Health = 'OK' | 'DEGRADED' | 'DOWN';

export type ErrorKind =
  | 'HELD'
  | 'SLOT_OFFLINE'
  | 'TIMEOUT'
  | 'UNREACHABLE'
  | 'MAXCLIENTS'
  | 'OOM'
  | 'NOREPLICAS'
  | 'MISCONF'
  | 'READONLY'
  | 'LOADING'
  | 'MASTERDOWN'
  | 'BUSY'
  | 'NOPERM'
  | 'NOAUTH'
  | 'CROSSSLOT'
  | 'NOSCRIPT'
  | 'WRONGTYPE'
  | 'OTHER';

export type Flavour = 'MYSQL' | 'MARIADB';

export type BinlogServerState = 'STOPPED' | 'STARTING' | 'RUNNING' | 'FAILED' | 'UNREACHABLE';

export type SyncerState = 'STOPPED' | 'CONNECTING' | 'RUNNING' | 'RETRYING' | 'FAILED';

export type ActionType =
  | 'MEMBER_ADDED'
  | 'MEMBER_UPDATED'
  | 'MEMBER_REMOVED'
  | 'LEADER_CHANGED'
  | 'SYNCER_CHANGED'
  | 'BINLOG_SERVER_CHANGED'
  | 'JOURNAL_PURGED'
  | 'JOURNAL_RESTARTED'
  | 'TRANSACTION_SKIPPED'
  | 'GROUP_CHANGED'
  | 'SLOT_CHANGED'
  | 'MULTI_SLOT_CHANGED'
  | 'PROXY_CHANGED'
  | 'OPERATION_CHANGED'
  | 'SETTINGS_CHANGED'
  | 'GROUP_REMOVED'
  | 'SLOT_MIGRATION_PREPARED'
  | 'SLOT_MIGRATION_STARTED';

export type OperationKind =
  'MOVE_SLOTS' | 'REBALANCE' | 'ASSIGN_SLOTS' | 'PROMOTE' | 'RESYNC_GROUP' | 'JOIN_MEMBER';

export type OperationState =
  'PENDING' | 'RUNNING' | 'PAUSED' | 'CANCELLING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

export type OperationDirection = 'FORWARD' | 'BACK';

export type ServerRole = 'MASTER' | 'REPLICA' | 'OFFLINE';

export type SlotStatus = 'OFFLINE' | 'ONLINE' | 'PRE_MIGRATE' | 'MIGRATE';

export type ProxyState = 'STARTING' | 'ONLINE' | 'OFFLINE' | 'MARK_OFFLINE' | 'UNREACHABLE' | 'FENCED';

export type UserErrorCode =
  | 'INVALID_INPUT'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'GONE'
  | 'CONFLICT'
  | 'PRECONDITION_FAILED'
  | 'UNHEALTHY'
  | 'WOULD_LOSE_QUORUM'
  | 'ALREADY_RUNNING'
  | 'NOT_RUNNING'
  | 'IN_USE'
  | 'TIMEOUT'
  | 'UNREACHABLE'
  | 'UNSUPPORTED'
  | 'SOURCE_REFUSED'
  | 'SOURCE_UNAVAILABLE';

export interface Token {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly expiresAt: string | null;
  readonly createdAt: string;
}

export interface Node {
  readonly id: string;
}

export interface Problem {
  readonly id: string;
  readonly code: ProblemCode;
  readonly severity: Severity;
  readonly subject: string;
  readonly message: string;
  readonly consequence: Consequence;
  readonly remedies: readonly Remedy[];
  readonly since: string;
  readonly object: Node | null;
}

export interface Consequence {
  readonly summary: string;
  readonly slotsUnserved: number;
  readonly slotsReadOnly: number;
  readonly binlogServersAffected: readonly string[];
  readonly redundancyLost: boolean;
}

export interface Remedy {
  readonly title: string;
  readonly mutation: string | null;
  readonly variables: Readonly<Record<string, unknown>> | null;
  readonly documentation: string;
}

export interface Member {
  readonly id: string;
  readonly name: string;
  readonly role: MemberRole;
  readonly isLeader: boolean;
  readonly state: MemberState;
  readonly peerUrls: readonly string[];
  readonly adminUrls: readonly string[];
  readonly journalOffset: string | null;
  readonly committedOffset: string | null;
  readonly lag: string | null;
  readonly startedAt: string | null;
  readonly lastSeenAt: string | null;
  readonly version: string | null;
  readonly revision: string | null;
}

export interface Cluster {
  readonly id: string;
  readonly name: string;
  readonly coordinator: Coordinator;
  readonly leader: Member | null;
  readonly epoch: string | null;
  readonly health: Health;
  readonly problems: readonly Problem[];
  readonly featureLevel: number;
  readonly version: string;
  readonly windowed: Statistics | null;
}

export interface Coordinator {
  readonly kind: CoordinatorKind;
  readonly endpoints: readonly string[];
  readonly reachable: boolean;
  readonly revision: string;
  readonly members: readonly CoordinatorMember[];
}

export interface CoordinatorMember {
  readonly id: string;
  readonly name: string | null;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
  readonly isLeader: boolean;
}

export interface Statistics {
  readonly windowSeconds: number;
  readonly measuredAt: string;
  readonly stale: boolean;
  readonly requestsPerSecond: number;
  readonly errorsPerSecond: readonly ErrorRate[];
  readonly latency: LatencyDistribution;
}

export interface ErrorRate {
  readonly kind: ErrorKind;
  readonly perSecond: number;
}

export interface LatencyDistribution {
  readonly samples: string;
  readonly meanMs: number | null;
  readonly percentiles: readonly Percentile[];
  readonly buckets: readonly LatencyBucket[];
}

export interface Percentile {
  readonly of: number;
  readonly valueMs: number | null;
}

export interface LatencyBucket {
  readonly upToMs: number;
  readonly count: string;
}

export interface Slave {
  readonly id: string;
  readonly connectionId: string;
  readonly serverId: string;
  readonly serverUuid: string | null;
  readonly hostName: string | null;
  readonly address: string;
  readonly user: string;
  readonly flavour: Flavour;
  readonly semiSync: boolean;
  readonly connectedAt: string;
  readonly currentGtid: string | null;
  readonly offset: string;
  readonly lagBytes: string;
  readonly lagSeconds: number | null;
  readonly eventsPerSecond: number | null;
  readonly bytesPerSecond: number | null;
  readonly stale: boolean;
  readonly binlogServer: BinlogServer;
  readonly member: Member;
}

export interface BinlogServer {
  readonly id: string;
  readonly name: string;
  readonly member: Member;
  readonly onEveryMember: boolean;
  readonly address: string;
  readonly user: string;
  readonly passwordSet: boolean;
  readonly tls: boolean;
  readonly state: BinlogServerState;
  readonly stateReason: string | null;
  readonly slaves: readonly Slave[];
  readonly currentGtid: string | null;
  readonly executedGtidSet: string | null;
  readonly purgedGtidSet: string | null;
  readonly lastBinlogFile: string | null;
  readonly lastFilePosition: string | null;
  readonly revision: string;
}

export interface Segment {
  readonly id: string;
  readonly name: string;
  readonly startOffset: string;
  readonly sizeBytes: string;
  readonly previousGtidSet: string;
  readonly addedGtidSet: string;
  readonly minTimestamp: string | null;
  readonly maxTimestamp: string | null;
  readonly createdAt: string;
}

export interface Journal {
  readonly id: string;
  readonly startOffset: string | null;
  readonly committedOffset: string | null;
  readonly term: string | null;
  readonly holders: readonly Member[];
  readonly sizeBytes: string | null;
  readonly revision: string | null;
  readonly executedGtidSet: string | null;
  readonly purgedGtidSet: string | null;
  readonly segments: readonly Segment[];
}

export interface Syncer {
  readonly id: string;
  readonly state: SyncerState;
  readonly stateReason: string | null;
  readonly serverId: string | null;
  readonly serverUuid: string | null;
  readonly sourceAddress: string | null;
  readonly user: string | null;
  readonly passwordSet: boolean;
  readonly semiSync: boolean;
  readonly semiSyncActive: boolean;
  readonly flavour: Flavour | null;
  readonly sourceVersion: string | null;
  readonly currentGtid: string | null;
  readonly executedGtidSet: string | null;
  readonly purgedGtidSet: string | null;
  readonly lastBinlogFile: string | null;
  readonly lastFilePosition: string | null;
  readonly secondsBehindSource: number | null;
  readonly eventsPerSecond: number | null;
  readonly bytesPerSecond: number | null;
  readonly connectedAt: string | null;
  readonly reconnects: number | null;
  readonly revision: string | null;
}

export interface Action {
  readonly id: string;
  readonly revision: string;
  readonly type: ActionType;
  readonly description: string;
  readonly actor: string;
  readonly at: string;
  readonly target: string;
  readonly receivers: readonly ActionReceipt[];
}

export interface ActionReceipt {
  readonly proxy: string;
  readonly confirmedAt: string | null;
}

export interface Operation {
  readonly id: string;
  readonly kind: OperationKind;
  readonly state: OperationState;
  readonly title: string;
  readonly done: string;
  readonly total: string | null;
  readonly unit: string;
  readonly rate: number | null;
  readonly pace: string | null;
  readonly etaSeconds: number | null;
  readonly error: string | null;
  readonly startedBy: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly direction: OperationDirection;
  readonly cancellable: boolean;
  readonly revision: string;
}

export interface Server {
  readonly id: string;
  readonly address: string;
  readonly role: ServerRole;
  readonly dataCenter: string | null;
  readonly replicaReads: boolean;
  readonly engine: string | null;
  readonly version: string | null;
  readonly reachable: boolean;
  readonly keys: string | null;
  readonly usedMemory: string | null;
  readonly maxMemory: string | null;
  readonly opsPerSecond: number | null;
  readonly masterLinkUp: boolean | null;
  readonly replicationLag: string | null;
  readonly problem: string | null;
  readonly statistics: Statistics | null;
}

export interface Group {
  readonly id: string;
  readonly number: number;
  readonly servers: readonly Server[];
  readonly master: Server | null;
  readonly slotCount: number;
  readonly promoting: string | null;
  readonly outOfSync: boolean;
  readonly autoFailover: boolean;
  readonly revision: string;
}

export interface Slot {
  readonly id: string;
  readonly number: number;
  readonly group: Group | null;
  readonly status: SlotStatus;
  readonly targetGroup: Group | null;
  readonly operation: Operation | null;
  readonly lastChangedAt: string | null;
  readonly revision: string;
  readonly keys: string | null;
}

export interface Proxy {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly adminAddress: string | null;
  readonly state: ProxyState;
  readonly appliedRevision: string | null;
  readonly lastEvent: string | null;
  readonly lastEventAt: string | null;
  readonly startedAt: string | null;
  readonly pid: number | null;
  readonly workers: number;
  readonly hostName: string | null;
  readonly dataCenter: string | null;
  readonly version: string | null;
  readonly sessions: number | null;
  readonly opsTotal: string | null;
  readonly opsPerSecond: number | null;
  readonly errorsTotal: string | null;
  readonly errorsPerSecond: number | null;
  readonly latencyP50: number | null;
  readonly latencyP99: number | null;
  readonly revision: string;
  readonly statistics: ProxyStatistics | null;
  readonly windowed: Statistics | null;
}

export interface ProxyStatistics {
  readonly sessionsTotal: string;
  readonly sessionsRefused: string;
  readonly heldSessions: number;
  readonly inFlight: number;
  readonly serverConnections: number;
  readonly proxyErrors: string;
  readonly serverErrors: string;
  readonly commands: readonly CommandCalls[];
  readonly latency: readonly LatencyBucket[];
  readonly slowLog: readonly SlowRequest[];
}

export interface CommandCalls {
  readonly name: string;
  readonly calls: string;
}

export interface SlowRequest {
  readonly id: string;
  readonly at: string;
  readonly durationMs: number;
  readonly command: string;
  readonly key: string | null;
  readonly slot: number | null;
  readonly server: string;
  readonly failed: boolean;
}

export interface Query {
  readonly viewer: Viewer;
  readonly tokens: readonly Token[];
  readonly syncer: Syncer;
  readonly journal: Journal;
  readonly binlogServers: readonly BinlogServer[];
  readonly binlogServer: BinlogServer | null;
  readonly slaves: readonly Slave[];
  readonly cluster: Cluster;
  readonly members: readonly Member[];
  readonly member: Member | null;
  readonly node: Node | null;
  readonly operations: OperationConnection;
  readonly operation: Operation | null;
  readonly actions: ActionConnection;
  readonly groups: readonly Group[];
  readonly group: Group | null;
  readonly slots: readonly Slot[];
  readonly slot: Slot | null;
  readonly slotRanges: readonly SlotRange[];
  readonly slotOf: Slot;
  readonly proxies: readonly Proxy[];
  readonly proxy: Proxy | null;
  readonly migrationLimits: MigrationLimits;
  readonly throughput: readonly ThroughputSample[];
}

export interface Viewer {
  readonly name: string;
  readonly role: Role;
  readonly expiresAt: string | null;
}

export interface OperationConnection {
  readonly edges: readonly OperationEdge[];
  readonly nodes: readonly Operation[];
  readonly pageInfo: PageInfo;
  readonly totalCount: number;
}

export interface OperationEdge {
  readonly cursor: string;
  readonly node: Operation;
}

export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

export interface ActionConnection {
  readonly edges: readonly ActionEdge[];
  readonly nodes: readonly Action[];
  readonly pageInfo: PageInfo;
  readonly totalCount: number;
}

export interface ActionEdge {
  readonly cursor: string;
  readonly node: Action;
}

export interface SlotRange {
  readonly from: number;
  readonly to: number;
  readonly status: SlotStatus;
  readonly group: Group | null;
  readonly targetGroup: Group | null;
}

export interface MigrationLimits {
  readonly keysPerSecond: number | null;
  readonly bytesPerSecond: string | null;
  readonly slotsPerBatch: number;
  readonly parallelPairs: number;
  readonly sourceLatencyMs: number | null;
  readonly maxKeyBytes: string;
}

export interface ThroughputSample {
  readonly at: string;
  readonly journalBytesPerSecond: number;
  readonly sentBytesPerSecond: number;
  readonly redisOpsPerSecond: number;
  readonly redisErrorsPerSecond: number;
  readonly redisLatencyP50: number | null;
  readonly redisLatencyP99: number | null;
}

export interface Mutation {
  readonly startBinlogServer: StartBinlogServerPayload;
  readonly stopBinlogServer: StopBinlogServerPayload;
  readonly removeBinlogServer: RemoveBinlogServerPayload;
  readonly disconnectSlave: DisconnectSlavePayload;
  readonly addMember: AddMemberPayload;
  readonly updateMember: UpdateMemberPayload;
  readonly removeMember: RemoveMemberPayload;
  readonly updateAdminUrls: UpdateAdminUrlsPayload;
  readonly transferLeadership: TransferLeadershipPayload;
  readonly cancelOperation: CancelOperationPayload;
  readonly pauseOperation: PauseOperationPayload;
  readonly resumeOperation: ResumeOperationPayload;
  readonly collectActions: CollectActionsPayload;
  readonly createGroup: CreateGroupPayload;
  readonly removeGroup: RemoveGroupPayload;
  readonly addServer: AddServerPayload;
  readonly removeServer: RemoveServerPayload;
  readonly updateServer: UpdateServerPayload;
  readonly setReplicaReads: SetReplicaReadsPayload;
  readonly removeForeignKeys: RemoveForeignKeysPayload;
  readonly promoteServer: PromoteServerPayload;
  readonly resyncGroup: ResyncGroupPayload;
  readonly setAutoFailover: SetAutoFailoverPayload;
  readonly purgeJournal: PurgeJournalPayload;
  readonly restartJournalAfter: RestartJournalAfterPayload;
  readonly setProxyState: SetProxyStatePayload;
  readonly removeProxy: RemoveProxyPayload;
  readonly initSlots: InitSlotsPayload;
  readonly assignSlots: AssignSlotsPayload;
  readonly moveSlots: MoveSlotsPayload;
  readonly rebalanceSlots: RebalanceSlotsPayload;
  readonly setMigrationLimits: SetMigrationLimitsPayload;
  readonly startSyncer: StartSyncerPayload;
  readonly stopSyncer: StopSyncerPayload;
  readonly skipTransaction: SkipTransactionPayload;
  readonly switchSource: SwitchSourcePayload;
}

export interface StartBinlogServerPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly binlogServer: BinlogServer | null;
}

export interface Payload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
}

export interface UserError {
  readonly code: UserErrorCode;
  readonly path: readonly string[];
  readonly message: string;
}

export interface Proposal {
  readonly id: string;
  readonly revision: string;
  readonly raftTerm: string | null;
  readonly committedBy: string | null;
}

export interface StopBinlogServerPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly binlogServer: BinlogServer | null;
}

export interface RemoveBinlogServerPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly binlogServer: BinlogServer | null;
}

export interface DisconnectSlavePayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly slave: Slave | null;
}

export interface AddMemberPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly member: Member | null;
  readonly members: readonly Member[];
}

export interface UpdateMemberPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly member: Member | null;
  readonly members: readonly Member[];
}

export interface RemoveMemberPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly member: Member | null;
  readonly members: readonly Member[];
}

export interface UpdateAdminUrlsPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly member: Member | null;
  readonly members: readonly Member[];
}

export interface TransferLeadershipPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly member: Member | null;
  readonly members: readonly Member[];
}

export interface CancelOperationPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly operation: Operation | null;
}

export interface PauseOperationPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly operation: Operation | null;
}

export interface ResumeOperationPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly operation: Operation | null;
}

export interface CollectActionsPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly collected: number | null;
}

export interface CreateGroupPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly group: Group | null;
}

export interface RemoveGroupPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly group: Group | null;
}

export interface AddServerPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly group: Group | null;
}

export interface RemoveServerPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly group: Group | null;
}

export interface UpdateServerPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly server: Server | null;
}

export interface SetReplicaReadsPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly group: Group | null;
}

export interface RemoveForeignKeysPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly group: Group | null;
  readonly keys: string | null;
  readonly slots: readonly number[];
}

export interface PromoteServerPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly operation: Operation | null;
}

export interface ResyncGroupPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly operation: Operation | null;
}

export interface SetAutoFailoverPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly group: Group | null;
}

export interface PurgeJournalPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly journal: Journal | null;
  readonly segments: readonly Segment[];
}

export interface RestartJournalAfterPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly journal: Journal | null;
  readonly discardedGtidSet: string | null;
  readonly aheadGtidSet: string | null;
  readonly missingGtidSet: string | null;
  readonly slaves: readonly Slave[];
  readonly lostSlaves: readonly Slave[];
  readonly folder: string | null;
}

export interface SetProxyStatePayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly proxy: Proxy | null;
}

export interface RemoveProxyPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly proxy: Proxy | null;
}

export interface InitSlotsPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly slots: readonly Slot[];
}

export interface AssignSlotsPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly slots: readonly Slot[];
}

export interface MoveSlotsPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly operation: Operation | null;
  readonly plan: readonly SlotMove[];
}

export interface SlotMove {
  readonly slot: number;
  readonly fromGroup: number | null;
  readonly toGroup: number;
  readonly keys: string | null;
}

export interface RebalanceSlotsPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly operation: Operation | null;
  readonly plan: readonly SlotMove[];
}

export interface SetMigrationLimitsPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly limits: MigrationLimits | null;
}

export interface StartSyncerPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly syncer: Syncer | null;
}

export interface StopSyncerPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly syncer: Syncer | null;
}

export interface SkipTransactionPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly syncer: Syncer | null;
  readonly consequence: string | null;
}

export interface SwitchSourcePayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: Proposal | null;
  readonly syncer: Syncer | null;
}

export interface Subscription {
  readonly syncerStatus: Syncer;
  readonly journalStatus: Journal;
  readonly binlogServerStatus: BinlogServer;
  readonly slaveStatus: readonly Slave[];
  readonly clusterStatus: Cluster;
  readonly memberStatus: Member;
  readonly groupStatus: Group;
  readonly slotStatus: readonly Slot[];
  readonly proxyStatus: Proxy;
  readonly operationProgress: Operation;
  readonly actions: Action;
  readonly throughputStatus: readonly ThroughputSample[];
}
