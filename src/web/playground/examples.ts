/* eslint-disable max-lines -- One list: the texts of the examples, in the order in which the playground shows them. */
/**
 * One tab for each subject, in the order of a first hour. The operation at the cursor is the one that is run; every
 * mutation there is stands in one of them.
 */
export const EXAMPLES: readonly string[] = [
  `# The cluster at a glance. With tokens configured, put yours into the field above.
query Overview {
  viewer { name role }
  cluster {
    name
    health
    problems { severity subject message since }
    leader { name }
    coordinator { kind reachable revision }
  }
  syncer { state sourceAddress secondsBehindSource }
  slaves { hostName serverId lagBytes lagSeconds }
  groups { number slotCount servers { address role reachable keys } }
  proxies { name address state sessions opsPerSecond }
  slotRanges { from to status group { number } }
}

# Live: leader, health and problems.
subscription WatchCluster {
  clusterStatus { health leader { name } problems { severity subject message } }
}

# Two seconds each, for the last quarter of an hour, then live.
subscription WatchThroughput {
  throughputStatus { at journalBytesPerSecond sentBytesPerSecond redisOpsPerSecond redisLatencyP99 }
}
`,
  `# Follow a MySQL or MariaDB server. It is tried first; nothing is written when it cannot be followed.
mutation StartSyncer {
  startSyncer(
    input: {
      sourceAddress: "127.0.0.1:3306"
      user: "repl"
      password: "..."
      serverId: 4000001
      serverUuid: "6e1f7d0a-8d0e-4f5c-9a57-0d7a3c1b2e4f"
    }
  ) {
    userErrors { code path message }
    revision
    syncer { state stateReason }
  }
}

# To another server with the same history. With dryRun it is only tried.
mutation SwitchSource {
  switchSource(input: { sourceAddress: "127.0.0.1:3307", dryRun: true }) {
    userErrors { code path message }
    revision
  }
}

mutation StopSyncer {
  stopSyncer { userErrors { code message } revision }
}

subscription WatchSyncer {
  syncerStatus { state stateReason sourceAddress currentGtid secondsBehindSource eventsPerSecond bytesPerSecond }
}
`,
  `# Let replicas attach, here on every member; "member" names one. Then, at a MariaDB replica:
#   CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 3310, MASTER_USER = 'replica',
#     MASTER_PASSWORD = '...', MASTER_USE_GTID = slave_pos; START SLAVE;
mutation StartBinlogServer {
  startBinlogServer(input: { name: "b1", address: "127.0.0.1:3310", user: "replica", password: "..." }) {
    userErrors { code path message }
    revision
    binlogServer { state stateReason }
  }
}

mutation StopBinlogServer {
  stopBinlogServer(input: { name: "b1" }) { userErrors { code message } revision }
}

mutation RemoveBinlogServer {
  removeBinlogServer(input: { name: "b1" }) { userErrors { code message } revision }
}

# Who is attached, at all members, and how far behind.
subscription WatchSlaves {
  slaveStatus {
    connectionId serverId hostName address
    binlogServer { name }
    member { name }
    currentGtid lagBytes lagSeconds bytesPerSecond
  }
}

mutation DisconnectSlave {
  disconnectSlave(input: { binlogServer: "b1", connectionId: 1 }) { userErrors { code message } revision }
}
`,
  `# The stored binlog and its files.
query Journal {
  journal {
    committedOffset
    term
    holders { name }
    sizeBytes
    executedGtidSet
    purgedGtidSet
    segments { name sizeBytes minTimestamp maxTimestamp addedGtidSet }
  }
}

# The files for a recovery to a point in time: apply them with mysqlbinlog or mariadb-binlog.
query PointInTime($at: DateTime = "2026-01-31T12:00:00Z") {
  journal { segments(at: $at) { name maxTimestamp } }
}

# With dryRun it only says which files would go.
mutation PurgeJournal {
  purgeJournal(input: { keepBytes: "10737418240", dryRun: true }) {
    userErrors { code path message }
    segments { name sizeBytes maxTimestamp }
    revision
  }
}

# With dryRun it only says what would be lost, and which slaves could not go on.
mutation RestartJournal {
  restartJournalAfter(input: { gtidSet: "", dryRun: true }) {
    userErrors { code path message }
    discardedGtidSet
    aheadGtidSet
    missingGtidSet
    lostSlaves { serverId hostName address }
    folder
    revision
  }
}

# What of the source cannot be replicated, as the syncer's stateReason names it.
mutation SkipTransaction {
  skipTransaction(input: { position: "binlog.000007:4711", dryRun: true }) {
    userErrors { code path message }
    consequence
    revision
  }
}
`,
  `# Two groups with a Redis server each. Put the addresses of your servers.
mutation CreateGroups {
  one: createGroup(input: { number: 1 }) { userErrors { code path message } revision }
  two: createGroup(input: { number: 2 }) { userErrors { code path message } revision }
}

mutation AddServers {
  one: addServer(input: { group: 1, address: "127.0.0.1:6379" }) { userErrors { code path message } }
  two: addServer(input: { group: 2, address: "127.0.0.1:6380" }) { userErrors { code path message } }
}

query Groups {
  groups {
    number
    slotCount
    outOfSync
    servers { address role reachable keys usedMemory opsPerSecond masterLinkUp replicationLag problem }
  }
}

# Reads from replicas, which may be older than the last write.
mutation SetReplicaReads {
  setReplicaReads(input: { group: 1, enabled: true }) { userErrors { code message } revision }
}

# After CONFIG SET requirepass at the server: tried first, and no request fails because of it.
mutation UpdateServer {
  updateServer(input: { group: 1, address: "127.0.0.1:6379", password: "new", dryRun: true }) {
    userErrors { code message }
    server { address reachable }
  }
}

# The server is reached under another name or port: by its run id it is known to be the same.
mutation MoveServer {
  updateServer(
    input: { group: 1, address: "127.0.0.1:6379", newAddress: "redis-1.example:6379", dryRun: true }
  ) {
    userErrors { code message }
    server { address reachable }
  }
}

mutation RemoveServer {
  removeServer(input: { group: 2, address: "127.0.0.1:6380" }) { userErrors { code message } revision }
}

mutation RemoveGroup {
  removeGroup(input: { number: 2 }) { userErrors { code message } revision }
}

# Keys of slots that a group does not own: how many there are. Without dryRun they are removed.
mutation RemoveForeignKeys {
  removeForeignKeys(input: { group: 1, dryRun: true }) { keys slots userErrors { code message } revision }
}

# Not in this version: they answer UNSUPPORTED.
mutation Later {
  promoteServer(input: { group: 1, address: "127.0.0.1:6381" }) { userErrors { code message } }
  resyncGroup(input: { group: 1 }) { userErrors { code message } }
  setAutoFailover(input: { group: 1, enabled: true }) { userErrors { code message } }
}
`,
  `# The 1024 slots, and who owns them.
mutation CreateSlots {
  initSlots { userErrors { code message } revision }
}

mutation AssignSlots {
  assignSlots(input: { from: 0, to: 1023, group: 1 }) { userErrors { code path message } revision }
}

query SlotRanges {
  slotRanges { from to status group { number } targetGroup { number } }
}

# Which slot and group a key belongs to.
query SlotOfKey {
  slotOf(key: "{user1}.cart") { number status group { number } }
}

subscription WatchSlots {
  slotStatus(from: 0, to: 1023) { number status group { number } targetGroup { number } }
}
`,
  `# Move half of the slots while clients keep working. With dryRun it only says what would move.
mutation MoveSlots {
  moveSlots(input: { from: 0, to: 511, targetGroup: 2, speed: GENTLE, dryRun: true }) {
    userErrors { code path message }
    revision
    operation { id title state }
    plan { slot fromGroup toGroup keys }
  }
}

mutation Rebalance {
  rebalanceSlots(input: { dryRun: true }) {
    userErrors { code message }
    operation { id title state }
    plan { slot fromGroup toGroup }
  }
}

# Long work that is under way, live.
subscription WatchOperations {
  operationProgress { id title state done total unit rate etaSeconds error }
}

mutation PauseOperation($id: ID!) {
  pauseOperation(input: { id: $id }) { userErrors { code message } operation { state } }
}

mutation ResumeOperation($id: ID!) {
  resumeOperation(input: { id: $id }) { userErrors { code message } operation { state } }
}

# Undoes what is half done; slots that have arrived stay.
mutation CancelOperation($id: ID!) {
  cancelOperation(input: { id: $id }) { userErrors { code message } operation { state } }
}

query MigrationLimits {
  migrationLimits { keysPerSecond bytesPerSecond slotsPerBatch parallelPairs sourceLatencyMs maxKeyBytes }
}

mutation SetMigrationLimits {
  setMigrationLimits(input: { keysPerSecond: 5000, sourceLatencyMs: 5 }) {
    userErrors { code path message }
    limits { keysPerSecond sourceLatencyMs }
  }
}
`,
  `# Proxies, and what they do.
query Proxies {
  proxies { name address state sessions opsPerSecond latencyP50 latencyP99 appliedRevision }
}

# How requests are answered now: of the whole cluster, and of each server as the proxies see it.
query Answers($window: Window! = SECONDS_10) {
  cluster { windowed(window: $window) { ...answers } }
  groups { number servers { address statistics { ...answers } } }
}

fragment answers on Statistics {
  requestsPerSecond
  errorsPerSecond { kind perSecond }
  latency { percentiles { of valueMs } }
}

query ProxyStatistics($name: String!) {
  proxy(name: $name) {
    windowed(window: MINUTES_1) { requestsPerSecond errorsPerSecond { kind perSecond } }
    statistics {
      heldSessions
      inFlight
      commands { name calls }
      slowLog { at durationMs command key server }
    }
  }
}

# OFFLINE: stop serving. ONLINE: serve again. FENCED: cut off from every server.
mutation SetProxyState($name: String!) {
  setProxyState(input: { name: $name, state: OFFLINE }) { userErrors { code message } revision }
}

mutation RemoveProxy($name: String!) {
  removeProxy(input: { name: $name }) { userErrors { code message } revision }
}

subscription WatchProxies {
  proxyStatus { name state sessions opsPerSecond latencyP99 }
}
`,
  `# The members, and the journal that each of them has.
query Members {
  members { name role isLeader state journalOffset committedOffset lag adminUrls version }
}

# Then start it: quorate serve --name m2 ...
mutation AddMember {
  addMember(input: { name: "m2", peerUrls: ["tcp://10.0.0.12:4100"], adminUrls: ["http://10.0.0.12:4000"] }) {
    userErrors { code path message }
    revision
  }
}

mutation TransferLeadership {
  transferLeadership(input: { to: "m2" }) { userErrors { code message } revision }
}

mutation UpdateMember {
  updateMember(input: { name: "m2", newPeerUrls: ["tcp://10.0.0.13:4100"] }) { userErrors { code path message } revision }
  updateAdminUrls(input: { name: "m2", adminUrls: ["http://10.0.0.13:4000"] }) { userErrors { code path message } revision }
}

mutation RemoveMember {
  removeMember(input: { name: "m2" }) { userErrors { code message } revision }
}
`,
  `# Every change, live: who, what, when, at which revision, and which proxies have confirmed it.
# After a break, give the revision of the last one seen as afterRevision: none is missed, none comes twice.
subscription WatchActions {
  actions { revision at type target description actor receivers { proxy confirmedAt } }
}

query LastActions {
  actions(last: 20) { nodes { revision at type target description actor } }
}

mutation CollectActions {
  collectActions(input: { keepLast: 10000 }) { userErrors { code path message } collected }
}
`,
];
