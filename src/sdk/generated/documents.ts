// Written by `npm run sdk` from schema/; not to be changed by hand.
const userErrorFields = 'fragment userErrorFields on UserError{code path message}';
const proposalFields = 'fragment proposalFields on Proposal{id revision raftTerm committedBy}';
const pageInfoFields =
  'fragment pageInfoFields on PageInfo{hasNextPage hasPreviousPage startCursor endCursor}';
const payloadFields =
  'fragment payloadFields on Payload{userErrors{...userErrorFields}revision proposal{...proposalFields}}';
const problemFields =
  'fragment problemFields on Problem{id code severity subject message consequence{summary slotsUnserved slotsReadOnly binlogServersAffected redundancyLost}remedies{title mutation variables documentation}since}';
const memberFields =
  'fragment memberFields on Member{id name role isLeader state peerUrls adminUrls journalOffset committedOffset lag startedAt lastSeenAt version revision}';
const clusterFields =
  'fragment clusterFields on Cluster{id name coordinator{kind endpoints reachable revision members{id name peerUrls clientUrls isLearner isLeader}}leader{name}epoch health problems{...problemFields}version}';
const syncerFields =
  'fragment syncerFields on Syncer{id state stateReason serverId serverUuid sourceAddress user passwordSet semiSync semiSyncActive flavour sourceVersion currentGtid executedGtidSet purgedGtidSet lastBinlogFile lastFilePosition secondsBehindSource eventsPerSecond bytesPerSecond connectedAt reconnects revision}';
const segmentFields =
  'fragment segmentFields on Segment{id name startOffset sizeBytes previousGtidSet addedGtidSet minTimestamp maxTimestamp createdAt}';
const journalFields =
  'fragment journalFields on Journal{id startOffset committedOffset term holders{name}sizeBytes executedGtidSet purgedGtidSet revision}';
const slaveFields =
  'fragment slaveFields on Slave{id connectionId serverId serverUuid hostName address user flavour semiSync connectedAt currentGtid offset lagBytes lagSeconds eventsPerSecond bytesPerSecond stale binlogServer{name}member{name}}';
const binlogServerFields =
  'fragment binlogServerFields on BinlogServer{id name member{name}onEveryMember address user passwordSet tls state stateReason slaves{...slaveFields}currentGtid executedGtidSet purgedGtidSet lastBinlogFile lastFilePosition revision}';
const serverFields =
  'fragment serverFields on Server{id address role dataCenter replicaReads engine version reachable keys usedMemory maxMemory opsPerSecond masterLinkUp replicationLag problem}';
const groupFields =
  'fragment groupFields on Group{id number servers{...serverFields}master{address}slotCount promoting outOfSync autoFailover revision}';
const slotFields =
  'fragment slotFields on Slot{id number status group{number}targetGroup{number}operation{id}lastChangedAt revision}';
const slotRangeFields =
  'fragment slotRangeFields on SlotRange{from to status group{number}targetGroup{number}}';
const slotMoveFields = 'fragment slotMoveFields on SlotMove{slot fromGroup toGroup keys}';
const migrationLimitsFields =
  'fragment migrationLimitsFields on MigrationLimits{keysPerSecond bytesPerSecond slotsPerBatch parallelPairs sourceLatencyMs maxKeyBytes}';
const proxyFields =
  'fragment proxyFields on Proxy{id name address adminAddress state appliedRevision lastEvent lastEventAt startedAt pid workers hostName dataCenter version sessions opsTotal opsPerSecond errorsTotal errorsPerSecond latencyP50 latencyP99 revision}';
const operationFields =
  'fragment operationFields on Operation{id kind state title done total unit rate pace etaSeconds error startedBy startedAt finishedAt direction cancellable revision}';
const actionFields =
  'fragment actionFields on Action{id revision type description actor at target receivers{proxy confirmedAt}}';
const throughputSampleFields =
  'fragment throughputSampleFields on ThroughputSample{at journalBytesPerSecond sentBytesPerSecond redisOpsPerSecond redisErrorsPerSecond redisLatencyP50 redisLatencyP99}';
const statisticsFields =
  'fragment statisticsFields on Statistics{windowSeconds measuredAt stale requestsPerSecond errorsPerSecond{kind perSecond}latency{samples meanMs percentiles{of valueMs}}}';
export const documents = {
  viewer: { kind: 'query', field: 'viewer', text: 'query viewer{viewer{name role expiresAt}}' },
  tokens: { kind: 'query', field: 'tokens', text: 'query tokens{tokens{id name role expiresAt createdAt}}' },
  actions: {
    kind: 'query',
    field: 'actions',
    text:
      'query actions($afterRevision:BigInt$types:[ActionType!]$first:Int$after:String$last:Int$before:String){actions(afterRevision:$afterRevision types:$types first:$first after:$after last:$last before:$before){nodes{...actionFields}pageInfo{...pageInfoFields}totalCount}}' +
      actionFields +
      pageInfoFields,
  },
  collectActions: {
    kind: 'mutation',
    field: 'collectActions',
    text:
      'mutation collectActions($input:CollectActionsInput!){collectActions(input:$input){...payloadFields collected}}' +
      payloadFields +
      userErrorFields +
      proposalFields,
  },
  watchActions: {
    kind: 'subscription',
    field: 'actions',
    text:
      'subscription watchActions($afterRevision:BigInt$types:[ActionType!]){actions(afterRevision:$afterRevision types:$types){...actionFields}}' +
      actionFields,
  },
  binlogServers: {
    kind: 'query',
    field: 'binlogServers',
    text: 'query binlogServers{binlogServers{...binlogServerFields}}' + binlogServerFields + slaveFields,
  },
  binlogServer: {
    kind: 'query',
    field: 'binlogServer',
    text:
      'query binlogServer($name:String!){binlogServer(name:$name){...binlogServerFields}}' +
      binlogServerFields +
      slaveFields,
  },
  startBinlogServer: {
    kind: 'mutation',
    field: 'startBinlogServer',
    text:
      'mutation startBinlogServer($input:StartBinlogServerInput!){startBinlogServer(input:$input){...payloadFields binlogServer{...binlogServerFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      binlogServerFields +
      slaveFields,
  },
  stopBinlogServer: {
    kind: 'mutation',
    field: 'stopBinlogServer',
    text:
      'mutation stopBinlogServer($input:StopBinlogServerInput!){stopBinlogServer(input:$input){...payloadFields binlogServer{...binlogServerFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      binlogServerFields +
      slaveFields,
  },
  removeBinlogServer: {
    kind: 'mutation',
    field: 'removeBinlogServer',
    text:
      'mutation removeBinlogServer($input:RemoveBinlogServerInput!){removeBinlogServer(input:$input){...payloadFields binlogServer{...binlogServerFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      binlogServerFields +
      slaveFields,
  },
  watchBinlogServers: {
    kind: 'subscription',
    field: 'binlogServerStatus',
    text:
      'subscription watchBinlogServers($name:String){binlogServerStatus(name:$name){...binlogServerFields}}' +
      binlogServerFields +
      slaveFields,
  },
  cluster: {
    kind: 'query',
    field: 'cluster',
    text: 'query cluster{cluster{...clusterFields}}' + clusterFields + problemFields,
  },
  clusterStatistics: {
    kind: 'query',
    field: 'cluster',
    text: 'query clusterStatistics{cluster{windowed{...statisticsFields}}}' + statisticsFields,
  },
  node: { kind: 'query', field: 'node', text: 'query node($id:ID!){node(id:$id){__typename id}}' },
  watchCluster: {
    kind: 'subscription',
    field: 'clusterStatus',
    text: 'subscription watchCluster{clusterStatus{...clusterFields}}' + clusterFields + problemFields,
  },
  groups: {
    kind: 'query',
    field: 'groups',
    text: 'query groups{groups{...groupFields}}' + groupFields + serverFields,
  },
  group: {
    kind: 'query',
    field: 'group',
    text: 'query group($number:Int!){group(number:$number){...groupFields}}' + groupFields + serverFields,
  },
  createGroup: {
    kind: 'mutation',
    field: 'createGroup',
    text:
      'mutation createGroup($input:CreateGroupInput!){createGroup(input:$input){...payloadFields group{...groupFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      groupFields +
      serverFields,
  },
  removeGroup: {
    kind: 'mutation',
    field: 'removeGroup',
    text:
      'mutation removeGroup($input:RemoveGroupInput!){removeGroup(input:$input){...payloadFields group{...groupFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      groupFields +
      serverFields,
  },
  addServer: {
    kind: 'mutation',
    field: 'addServer',
    text:
      'mutation addServer($input:AddServerInput!){addServer(input:$input){...payloadFields group{...groupFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      groupFields +
      serverFields,
  },
  removeServer: {
    kind: 'mutation',
    field: 'removeServer',
    text:
      'mutation removeServer($input:RemoveServerInput!){removeServer(input:$input){...payloadFields group{...groupFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      groupFields +
      serverFields,
  },
  updateServer: {
    kind: 'mutation',
    field: 'updateServer',
    text:
      'mutation updateServer($input:UpdateServerInput!){updateServer(input:$input){...payloadFields server{...serverFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      serverFields,
  },
  setReplicaReads: {
    kind: 'mutation',
    field: 'setReplicaReads',
    text:
      'mutation setReplicaReads($input:SetReplicaReadsInput!){setReplicaReads(input:$input){...payloadFields group{...groupFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      groupFields +
      serverFields,
  },
  resyncGroup: {
    kind: 'mutation',
    field: 'resyncGroup',
    text:
      'mutation resyncGroup($input:ResyncGroupInput!){resyncGroup(input:$input){...payloadFields operation{...operationFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      operationFields,
  },
  setAutoFailover: {
    kind: 'mutation',
    field: 'setAutoFailover',
    text:
      'mutation setAutoFailover($input:SetAutoFailoverInput!){setAutoFailover(input:$input){...payloadFields group{...groupFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      groupFields +
      serverFields,
  },
  promoteServer: {
    kind: 'mutation',
    field: 'promoteServer',
    text:
      'mutation promoteServer($input:PromoteServerInput!){promoteServer(input:$input){...payloadFields operation{...operationFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      operationFields,
  },
  watchGroups: {
    kind: 'subscription',
    field: 'groupStatus',
    text:
      'subscription watchGroups($number:Int){groupStatus(number:$number){...groupFields}}' +
      groupFields +
      serverFields,
  },
  removeForeignKeys: {
    kind: 'mutation',
    field: 'removeForeignKeys',
    text:
      'mutation removeForeignKeys($input:RemoveForeignKeysInput!){removeForeignKeys(input:$input){...payloadFields group{...groupFields}keys slots}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      groupFields +
      serverFields,
  },
  journal: {
    kind: 'query',
    field: 'journal',
    text: 'query journal{journal{...journalFields}}' + journalFields,
  },
  journalSegments: {
    kind: 'query',
    field: 'journal',
    text:
      'query journalSegments($covering:String$at:DateTime){journal{segments(covering:$covering at:$at){...segmentFields}}}' +
      segmentFields,
  },
  purgeJournal: {
    kind: 'mutation',
    field: 'purgeJournal',
    text:
      'mutation purgeJournal($input:PurgeJournalInput!){purgeJournal(input:$input){...payloadFields journal{...journalFields}segments{...segmentFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      journalFields +
      segmentFields,
  },
  restartJournalAfter: {
    kind: 'mutation',
    field: 'restartJournalAfter',
    text:
      'mutation restartJournalAfter($input:RestartJournalAfterInput!){restartJournalAfter(input:$input){...payloadFields journal{...journalFields}discardedGtidSet aheadGtidSet missingGtidSet slaves{...slaveFields}lostSlaves{...slaveFields}folder}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      journalFields +
      slaveFields,
  },
  watchJournal: {
    kind: 'subscription',
    field: 'journalStatus',
    text: 'subscription watchJournal{journalStatus{...journalFields}}' + journalFields,
  },
  members: {
    kind: 'query',
    field: 'members',
    text: 'query members{members{...memberFields}}' + memberFields,
  },
  member: {
    kind: 'query',
    field: 'member',
    text: 'query member($name:String!){member(name:$name){...memberFields}}' + memberFields,
  },
  addMember: {
    kind: 'mutation',
    field: 'addMember',
    text:
      'mutation addMember($input:AddMemberInput!){addMember(input:$input){...payloadFields member{...memberFields}members{...memberFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      memberFields,
  },
  updateMember: {
    kind: 'mutation',
    field: 'updateMember',
    text:
      'mutation updateMember($input:UpdateMemberInput!){updateMember(input:$input){...payloadFields member{...memberFields}members{...memberFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      memberFields,
  },
  removeMember: {
    kind: 'mutation',
    field: 'removeMember',
    text:
      'mutation removeMember($input:RemoveMemberInput!){removeMember(input:$input){...payloadFields member{...memberFields}members{...memberFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      memberFields,
  },
  updateAdminUrls: {
    kind: 'mutation',
    field: 'updateAdminUrls',
    text:
      'mutation updateAdminUrls($input:UpdateAdminUrlsInput!){updateAdminUrls(input:$input){...payloadFields member{...memberFields}members{...memberFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      memberFields,
  },
  transferLeadership: {
    kind: 'mutation',
    field: 'transferLeadership',
    text:
      'mutation transferLeadership($input:TransferLeadershipInput!){transferLeadership(input:$input){...payloadFields member{...memberFields}members{...memberFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      memberFields,
  },
  watchMembers: {
    kind: 'subscription',
    field: 'memberStatus',
    text: 'subscription watchMembers($name:String){memberStatus(name:$name){...memberFields}}' + memberFields,
  },
  operations: {
    kind: 'query',
    field: 'operations',
    text:
      'query operations($state:[OperationState!]$first:Int$after:String$last:Int$before:String){operations(state:$state first:$first after:$after last:$last before:$before){nodes{...operationFields}pageInfo{...pageInfoFields}totalCount}}' +
      operationFields +
      pageInfoFields,
  },
  operation: {
    kind: 'query',
    field: 'operation',
    text: 'query operation($id:ID!){operation(id:$id){...operationFields}}' + operationFields,
  },
  pauseOperation: {
    kind: 'mutation',
    field: 'pauseOperation',
    text:
      'mutation pauseOperation($input:PauseOperationInput!){pauseOperation(input:$input){...payloadFields operation{...operationFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      operationFields,
  },
  resumeOperation: {
    kind: 'mutation',
    field: 'resumeOperation',
    text:
      'mutation resumeOperation($input:ResumeOperationInput!){resumeOperation(input:$input){...payloadFields operation{...operationFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      operationFields,
  },
  cancelOperation: {
    kind: 'mutation',
    field: 'cancelOperation',
    text:
      'mutation cancelOperation($input:CancelOperationInput!){cancelOperation(input:$input){...payloadFields operation{...operationFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      operationFields,
  },
  watchOperations: {
    kind: 'subscription',
    field: 'operationProgress',
    text:
      'subscription watchOperations($id:ID){operationProgress(id:$id){...operationFields}}' + operationFields,
  },
  proxies: { kind: 'query', field: 'proxies', text: 'query proxies{proxies{...proxyFields}}' + proxyFields },
  proxy: {
    kind: 'query',
    field: 'proxy',
    text: 'query proxy($name:String!){proxy(name:$name){...proxyFields}}' + proxyFields,
  },
  proxyStatistics: {
    kind: 'query',
    field: 'proxy',
    text:
      'query proxyStatistics($name:String!){proxy(name:$name){name windowed{...statisticsFields}statistics{sessionsTotal sessionsRefused heldSessions inFlight serverConnections proxyErrors serverErrors commands{name calls}latency{upToMs count}slowLog{id at durationMs command key slot server failed}}}}' +
      statisticsFields,
  },
  setProxyState: {
    kind: 'mutation',
    field: 'setProxyState',
    text:
      'mutation setProxyState($input:SetProxyStateInput!){setProxyState(input:$input){...payloadFields proxy{...proxyFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      proxyFields,
  },
  removeProxy: {
    kind: 'mutation',
    field: 'removeProxy',
    text:
      'mutation removeProxy($input:RemoveProxyInput!){removeProxy(input:$input){...payloadFields proxy{...proxyFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      proxyFields,
  },
  watchProxies: {
    kind: 'subscription',
    field: 'proxyStatus',
    text: 'subscription watchProxies($name:String){proxyStatus(name:$name){...proxyFields}}' + proxyFields,
  },
  slaves: {
    kind: 'query',
    field: 'slaves',
    text:
      'query slaves($binlogServer:String){slaves(binlogServer:$binlogServer){...slaveFields}}' + slaveFields,
  },
  disconnectSlave: {
    kind: 'mutation',
    field: 'disconnectSlave',
    text:
      'mutation disconnectSlave($input:DisconnectSlaveInput!){disconnectSlave(input:$input){...payloadFields slave{...slaveFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      slaveFields,
  },
  watchSlaves: {
    kind: 'subscription',
    field: 'slaveStatus',
    text:
      'subscription watchSlaves($binlogServer:String){slaveStatus(binlogServer:$binlogServer){...slaveFields}}' +
      slaveFields,
  },
  slots: {
    kind: 'query',
    field: 'slots',
    text:
      'query slots($from:Int$to:Int$group:Int$status:[SlotStatus!]){slots(from:$from to:$to group:$group status:$status){...slotFields}}' +
      slotFields,
  },
  slot: {
    kind: 'query',
    field: 'slot',
    text: 'query slot($number:Int!){slot(number:$number){...slotFields keys}}' + slotFields,
  },
  slotOf: {
    kind: 'query',
    field: 'slotOf',
    text: 'query slotOf($key:String!){slotOf(key:$key){...slotFields keys}}' + slotFields,
  },
  slotRanges: {
    kind: 'query',
    field: 'slotRanges',
    text: 'query slotRanges{slotRanges{...slotRangeFields}}' + slotRangeFields,
  },
  migrationLimits: {
    kind: 'query',
    field: 'migrationLimits',
    text: 'query migrationLimits{migrationLimits{...migrationLimitsFields}}' + migrationLimitsFields,
  },
  initSlots: {
    kind: 'mutation',
    field: 'initSlots',
    text:
      'mutation initSlots($input:InitSlotsInput){initSlots(input:$input){...payloadFields slots{...slotFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      slotFields,
  },
  assignSlots: {
    kind: 'mutation',
    field: 'assignSlots',
    text:
      'mutation assignSlots($input:AssignSlotsInput!){assignSlots(input:$input){...payloadFields slots{...slotFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      slotFields,
  },
  moveSlots: {
    kind: 'mutation',
    field: 'moveSlots',
    text:
      'mutation moveSlots($input:MoveSlotsInput!){moveSlots(input:$input){...payloadFields operation{...operationFields}plan{...slotMoveFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      operationFields +
      slotMoveFields,
  },
  rebalanceSlots: {
    kind: 'mutation',
    field: 'rebalanceSlots',
    text:
      'mutation rebalanceSlots($input:RebalanceSlotsInput){rebalanceSlots(input:$input){...payloadFields operation{...operationFields}plan{...slotMoveFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      operationFields +
      slotMoveFields,
  },
  setMigrationLimits: {
    kind: 'mutation',
    field: 'setMigrationLimits',
    text:
      'mutation setMigrationLimits($input:SetMigrationLimitsInput!){setMigrationLimits(input:$input){...payloadFields limits{...migrationLimitsFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      migrationLimitsFields,
  },
  watchSlots: {
    kind: 'subscription',
    field: 'slotStatus',
    text:
      'subscription watchSlots($from:Int$to:Int){slotStatus(from:$from to:$to){...slotFields}}' + slotFields,
  },
  syncer: { kind: 'query', field: 'syncer', text: 'query syncer{syncer{...syncerFields}}' + syncerFields },
  startSyncer: {
    kind: 'mutation',
    field: 'startSyncer',
    text:
      'mutation startSyncer($input:StartSyncerInput!){startSyncer(input:$input){...payloadFields syncer{...syncerFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      syncerFields,
  },
  stopSyncer: {
    kind: 'mutation',
    field: 'stopSyncer',
    text:
      'mutation stopSyncer($input:StopSyncerInput){stopSyncer(input:$input){...payloadFields syncer{...syncerFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      syncerFields,
  },
  switchSource: {
    kind: 'mutation',
    field: 'switchSource',
    text:
      'mutation switchSource($input:SwitchSourceInput!){switchSource(input:$input){...payloadFields syncer{...syncerFields}}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      syncerFields,
  },
  skipTransaction: {
    kind: 'mutation',
    field: 'skipTransaction',
    text:
      'mutation skipTransaction($input:SkipTransactionInput!){skipTransaction(input:$input){...payloadFields syncer{...syncerFields}consequence}}' +
      payloadFields +
      userErrorFields +
      proposalFields +
      syncerFields,
  },
  watchSyncer: {
    kind: 'subscription',
    field: 'syncerStatus',
    text: 'subscription watchSyncer{syncerStatus{...syncerFields}}' + syncerFields,
  },
  throughput: {
    kind: 'query',
    field: 'throughput',
    text: 'query throughput{throughput{...throughputSampleFields}}' + throughputSampleFields,
  },
  watchThroughput: {
    kind: 'subscription',
    field: 'throughputStatus',
    text:
      'subscription watchThroughput{throughputStatus{...throughputSampleFields}}' + throughputSampleFields,
  },
} as const;
