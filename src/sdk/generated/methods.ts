// Written by `npm run sdk` from schema/; not to be changed by hand.
import type { CallOptions } from '../options.js';
import type * as types from './types.js';

/** One method for each operation. */
export interface Operations {
  /** Whoever asks, and what they may do. */
  viewer(variables?: types.ViewerQueryVariables, options?: CallOptions): Promise<types.ViewerQuery['viewer']>;

  /** The tokens of the answering member's file, by name; none when it is open to this machine only. */
  tokens(variables?: types.TokensQueryVariables, options?: CallOptions): Promise<types.TokensQuery['tokens']>;

  /** The action feed, oldest first. */
  actions(
    variables?: types.ActionsQueryVariables,
    options?: CallOptions,
  ): Promise<types.ActionsQuery['actions']>;

  /** Forgets old actions. A feed that wants to resume before them is answered COMPACTED. */
  collectActions(
    variables: types.CollectActionsMutationVariables,
    options?: CallOptions,
  ): Promise<types.CollectActionsMutation['collectActions']>;

  /** The action feed: every action after a revision, once and in order. To resume after a break, give the revision of the last action seen. Without a revision: the newest action, then those to come. */
  watchActions(
    variables?: types.WatchActionsSubscriptionVariables,
    options?: CallOptions,
  ): AsyncIterableIterator<types.WatchActionsSubscription['actions']>;

  /** All binlog servers, by name. */
  binlogServers(
    variables?: types.BinlogServersQueryVariables,
    options?: CallOptions,
  ): Promise<types.BinlogServersQuery['binlogServers']>;

  /** One binlog server; null when there is none of that name. */
  binlogServer(
    variables: types.BinlogServerQueryVariables,
    options?: CallOptions,
  ): Promise<types.BinlogServerQuery['binlogServer']>;

  /** Lets replicas attach. Also for one that was stopped, with other settings. One that cannot listen is tried again and says why in its state. */
  startBinlogServer(
    variables: types.StartBinlogServerMutationVariables,
    options?: CallOptions,
  ): Promise<types.StartBinlogServerMutation['startBinlogServer']>;

  /** Disconnects its slaves and listens no more, until it is started again. */
  stopBinlogServer(
    variables: types.StopBinlogServerMutationVariables,
    options?: CallOptions,
  ): Promise<types.StopBinlogServerMutation['stopBinlogServer']>;

  /** Stops it when it runs, and forgets it. */
  removeBinlogServer(
    variables: types.RemoveBinlogServerMutationVariables,
    options?: CallOptions,
  ): Promise<types.RemoveBinlogServerMutation['removeBinlogServer']>;

  /** Every binlog server as it is, then each that changes, its slaves included; each at most ten times a second. */
  watchBinlogServers(
    variables?: types.WatchBinlogServersSubscriptionVariables,
    options?: CallOptions,
  ): AsyncIterableIterator<types.WatchBinlogServersSubscription['binlogServerStatus']>;

  /** The whole cluster: who leads, what decides, what is wrong. */
  cluster(
    variables?: types.ClusterQueryVariables,
    options?: CallOptions,
  ): Promise<types.ClusterQuery['cluster']>;

  /** The whole cluster: who leads, what decides, what is wrong. */
  clusterStatistics(
    variables?: types.ClusterStatisticsQueryVariables,
    options?: CallOptions,
  ): Promise<types.ClusterStatisticsQuery['cluster']>;

  /** Any object by its id; null when there is none. Tokens are shown to an ADMIN only. */
  node(variables: types.NodeQueryVariables, options?: CallOptions): Promise<types.NodeQuery['node']>;

  /** The cluster as it is, then whenever its leader, health or problems change. */
  watchCluster(
    variables?: types.WatchClusterSubscriptionVariables,
    options?: CallOptions,
  ): AsyncIterableIterator<types.WatchClusterSubscription['clusterStatus']>;

  /** All groups, by number. */
  groups(variables?: types.GroupsQueryVariables, options?: CallOptions): Promise<types.GroupsQuery['groups']>;

  /** One group; null when there is none of that number. */
  group(variables: types.GroupQueryVariables, options?: CallOptions): Promise<types.GroupQuery['group']>;

  /** Makes an empty group. */
  createGroup(
    variables: types.CreateGroupMutationVariables,
    options?: CallOptions,
  ): Promise<types.CreateGroupMutation['createGroup']>;

  /** Refused while a slot refers to it or a server is in it. */
  removeGroup(
    variables: types.RemoveGroupMutationVariables,
    options?: CallOptions,
  ): Promise<types.RemoveGroupMutation['removeGroup']>;

  /** The first server becomes the master, the next replicate from it. Answers once the server has been reached and a replica has its data. */
  addServer(
    variables: types.AddServerMutationVariables,
    options?: CallOptions,
  ): Promise<types.AddServerMutation['addServer']>;

  /** Takes a server out of its group; it keeps running as it is. */
  removeServer(
    variables: types.RemoveServerMutationVariables,
    options?: CallOptions,
  ): Promise<types.RemoveServerMutation['removeServer']>;

  /** Changes what is recorded of a server. A new password, or address, is tried first; connections that are open live on, and no request fails because of it. With a new address, it answers once every proxy uses that. */
  updateServer(
    variables: types.UpdateServerMutationVariables,
    options?: CallOptions,
  ): Promise<types.UpdateServerMutation['updateServer']>;

  /** Lets proxies send reads to replicas, or no longer. */
  setReplicaReads(
    variables: types.SetReplicaReadsMutationVariables,
    options?: CallOptions,
  ): Promise<types.SetReplicaReadsMutation['setReplicaReads']>;

  /** Points a group's replicas at its master. Not in this version. */
  resyncGroup(
    variables: types.ResyncGroupMutationVariables,
    options?: CallOptions,
  ): Promise<types.ResyncGroupMutation['resyncGroup']>;

  /** Lets a replica take over by itself. Not in this version. */
  setAutoFailover(
    variables: types.SetAutoFailoverMutationVariables,
    options?: CallOptions,
  ): Promise<types.SetAutoFailoverMutation['setAutoFailover']>;

  /** Makes a replica the master. Not in this version. */
  promoteServer(
    variables: types.PromoteServerMutationVariables,
    options?: CallOptions,
  ): Promise<types.PromoteServerMutation['promoteServer']>;

  /** Every group as it is, then each that changes, its servers included. */
  watchGroups(
    variables?: types.WatchGroupsSubscriptionVariables,
    options?: CallOptions,
  ): AsyncIterableIterator<types.WatchGroupsSubscription['groupStatus']>;

  /** Removes keys that the master holds of slots which its group does not own: from an old snapshot, say, or left behind by a forced assignment. Nobody is served them. */
  removeForeignKeys(
    variables: types.RemoveForeignKeysMutationVariables,
    options?: CallOptions,
  ): Promise<types.RemoveForeignKeysMutation['removeForeignKeys']>;

  /** The stored binlog. */
  journal(
    variables?: types.JournalQueryVariables,
    options?: CallOptions,
  ): Promise<types.JournalQuery['journal']>;

  /** The stored binlog. */
  journalSegments(
    variables?: types.JournalSegmentsQueryVariables,
    options?: CallOptions,
  ): Promise<types.JournalSegmentsQuery['journal']>;

  /** Removes old segments, never the newest one. Refused when an attached slave still needs one of them, unless forced. */
  purgeJournal(
    variables: types.PurgeJournalMutationVariables,
    options?: CallOptions,
  ): Promise<types.PurgeJournalMutation['purgeJournal']>;

  /** Sets the journal aside at all members, and puts an empty one in its place that begins behind these transactions. For a source that was reset, or has purged what the journal needs. A syncer that is to run must be able to go on from there; stop it first to restart the journal all the same. */
  restartJournalAfter(
    variables: types.RestartJournalAfterMutationVariables,
    options?: CallOptions,
  ): Promise<types.RestartJournalAfterMutation['restartJournalAfter']>;

  /** The journal as it is, then as it grows; at most ten times a second. */
  watchJournal(
    variables?: types.WatchJournalSubscriptionVariables,
    options?: CallOptions,
  ): AsyncIterableIterator<types.WatchJournalSubscription['journalStatus']>;

  /** The members, by name, whether they run or not. */
  members(
    variables?: types.MembersQueryVariables,
    options?: CallOptions,
  ): Promise<types.MembersQuery['members']>;

  /** One member; null when there is none of that name. */
  member(variables: types.MemberQueryVariables, options?: CallOptions): Promise<types.MemberQuery['member']>;

  /** Names a new member, which may then be started. It learns until it has what is committed, and then votes by itself; an operation shows how far it is. Refused while a member that votes does not run. */
  addMember(
    variables: types.AddMemberMutationVariables,
    options?: CallOptions,
  ): Promise<types.AddMemberMutation['addMember']>;

  /** Changes where the others reach the journal of a member. When it starts, a member says itself where it is. */
  updateMember(
    variables: types.UpdateMemberMutationVariables,
    options?: CallOptions,
  ): Promise<types.UpdateMemberMutation['updateMember']>;

  /** Takes a member out, running or not; its process ends. Refused unless a majority of the rest runs and has all that is committed. It may be added again, and then comes with an empty data directory. */
  removeMember(
    variables: types.RemoveMemberMutationVariables,
    options?: CallOptions,
  ): Promise<types.RemoveMemberMutation['removeMember']>;

  /** Changes the addresses of a member's API. When it starts, a member says itself where it is. */
  updateAdminUrls(
    variables: types.UpdateAdminUrlsMutationVariables,
    options?: CallOptions,
  ): Promise<types.UpdateAdminUrlsMutation['updateAdminUrls']>;

  /** Lets another member lead, which votes, runs and has caught up. Answers when another leads. */
  transferLeadership(
    variables: types.TransferLeadershipMutationVariables,
    options?: CallOptions,
  ): Promise<types.TransferLeadershipMutation['transferLeadership']>;

  /** Every member as it is, then each that changes. */
  watchMembers(
    variables?: types.WatchMembersSubscriptionVariables,
    options?: CallOptions,
  ): AsyncIterableIterator<types.WatchMembersSubscription['memberStatus']>;

  /** Long work, newest first. */
  operations(
    variables?: types.OperationsQueryVariables,
    options?: CallOptions,
  ): Promise<types.OperationsQuery['operations']>;

  /** One piece of long work; null when there is none. */
  operation(
    variables: types.OperationQueryVariables,
    options?: CallOptions,
  ): Promise<types.OperationQuery['operation']>;

  /** Stops long work half-way; clients keep working meanwhile. */
  pauseOperation(
    variables: types.PauseOperationMutationVariables,
    options?: CallOptions,
  ): Promise<types.PauseOperationMutation['pauseOperation']>;

  /** Goes on with long work that was paused, by somebody or by an error; forward also with work that is being cancelled. */
  resumeOperation(
    variables: types.ResumeOperationMutationVariables,
    options?: CallOptions,
  ): Promise<types.ResumeOperationMutation['resumeOperation']>;

  /** Stops long work and undoes what is half done: slots under way return with their keys to where they came from, slots that have arrived stay. Refused when their keys cannot go back, to an older version say. */
  cancelOperation(
    variables: types.CancelOperationMutationVariables,
    options?: CallOptions,
  ): Promise<types.CancelOperationMutation['cancelOperation']>;

  /** Every operation that has not ended as it is, then each that changes. */
  watchOperations(
    variables?: types.WatchOperationsSubscriptionVariables,
    options?: CallOptions,
  ): AsyncIterableIterator<types.WatchOperationsSubscription['operationProgress']>;

  /** All registered proxies, by name. */
  proxies(
    variables?: types.ProxiesQueryVariables,
    options?: CallOptions,
  ): Promise<types.ProxiesQuery['proxies']>;

  /** One proxy; null when none of that name is registered. */
  proxy(variables: types.ProxyQueryVariables, options?: CallOptions): Promise<types.ProxyQuery['proxy']>;

  /** One proxy; null when none of that name is registered. */
  proxyStatistics(
    variables: types.ProxyStatisticsQueryVariables,
    options?: CallOptions,
  ): Promise<types.ProxyStatisticsQuery['proxy']>;

  /** Lets a proxy serve, stops it, or fences it. */
  setProxyState(
    variables: types.SetProxyStateMutationVariables,
    options?: CallOptions,
  ): Promise<types.SetProxyStateMutation['setProxyState']>;

  /** Forced: fenced first, then removed, whether it answers or not. */
  removeProxy(
    variables: types.RemoveProxyMutationVariables,
    options?: CallOptions,
  ): Promise<types.RemoveProxyMutation['removeProxy']>;

  /** Every proxy as it is, then each that changes, its traffic included. */
  watchProxies(
    variables?: types.WatchProxiesSubscriptionVariables,
    options?: CallOptions,
  ): AsyncIterableIterator<types.WatchProxiesSubscription['proxyStatus']>;

  /** The slaves that are attached to the binlog servers of all members. */
  slaves(variables?: types.SlavesQueryVariables, options?: CallOptions): Promise<types.SlavesQuery['slaves']>;

  /** Ends the connection of a slave, at whichever member it is; it may come again. */
  disconnectSlave(
    variables: types.DisconnectSlaveMutationVariables,
    options?: CallOptions,
  ): Promise<types.DisconnectSlaveMutation['disconnectSlave']>;

  /** All slaves attached to any member, then all again whenever one of them changes, comes or goes; at most ten times a second. */
  watchSlaves(
    variables?: types.WatchSlavesSubscriptionVariables,
    options?: CallOptions,
  ): AsyncIterableIterator<types.WatchSlavesSubscription['slaveStatus']>;

  /** Slots, by number; none before initSlots. */
  slots(variables?: types.SlotsQueryVariables, options?: CallOptions): Promise<types.SlotsQuery['slots']>;

  /** One slot; null before initSlots. */
  slot(variables: types.SlotQueryVariables, options?: CallOptions): Promise<types.SlotQuery['slot']>;

  /** The slot that a key belongs to. */
  slotOf(variables: types.SlotOfQueryVariables, options?: CallOptions): Promise<types.SlotOfQuery['slotOf']>;

  /** All slots, neighbours that are alike taken together. */
  slotRanges(
    variables?: types.SlotRangesQueryVariables,
    options?: CallOptions,
  ): Promise<types.SlotRangesQuery['slotRanges']>;

  /** The limits that all moves of slots keep together. */
  migrationLimits(
    variables?: types.MigrationLimitsQueryVariables,
    options?: CallOptions,
  ): Promise<types.MigrationLimitsQuery['migrationLimits']>;

  /** Creates the 1024 slots, all OFFLINE. Refused when they exist, unless forced. */
  initSlots(
    variables?: types.InitSlotsMutationVariables,
    options?: CallOptions,
  ): Promise<types.InitSlotsMutation['initSlots']>;

  /** Sets the owner without moving data: for OFFLINE slots, or forced. */
  assignSlots(
    variables: types.AssignSlotsMutationVariables,
    options?: CallOptions,
  ): Promise<types.AssignSlotsMutation['assignSlots']>;

  /** Moves slots with their keys while clients keep working. */
  moveSlots(
    variables: types.MoveSlotsMutationVariables,
    options?: CallOptions,
  ): Promise<types.MoveSlotsMutation['moveSlots']>;

  /** Moves slots until no group has two more than another. OFFLINE slots are left alone. */
  rebalanceSlots(
    variables?: types.RebalanceSlotsMutationVariables,
    options?: CallOptions,
  ): Promise<types.RebalanceSlotsMutation['rebalanceSlots']>;

  /** Changes what all moves keep within, those under way included. */
  setMigrationLimits(
    variables: types.SetMigrationLimitsMutationVariables,
    options?: CallOptions,
  ): Promise<types.SetMigrationLimitsMutation['setMigrationLimits']>;

  /** All slots of the range as they are, then those that changed. */
  watchSlots(
    variables?: types.WatchSlotsSubscriptionVariables,
    options?: CallOptions,
  ): AsyncIterableIterator<types.WatchSlotsSubscription['slotStatus']>;

  /** The connection to the source. There is one in a cluster. */
  syncer(variables?: types.SyncerQueryVariables, options?: CallOptions): Promise<types.SyncerQuery['syncer']>;

  /** Follows a source: tries it first (login, settings, GTIDs), and writes nothing when it cannot be followed. Refused while there is a syncer that runs. */
  startSyncer(
    variables: types.StartSyncerMutationVariables,
    options?: CallOptions,
  ): Promise<types.StartSyncerMutation['startSyncer']>;

  /** Ends the connection to the source, until it is started again. The journal is served on. */
  stopSyncer(
    variables?: types.StopSyncerMutationVariables,
    options?: CallOptions,
  ): Promise<types.StopSyncerMutation['stopSyncer']>;

  /** To another source with the same history; refused when GTIDs would be missing there, unless forced. A syncer that is stopped stays so. */
  switchSource(
    variables: types.SwitchSourceMutationVariables,
    options?: CallOptions,
  ): Promise<types.SwitchSourceMutation['switchSource']>;

  /** Passes over a transaction of the source that cannot be replicated or is not wanted. Recorded, so that it holds also after a restart and for whoever leads next. What the journal has is not taken out. */
  skipTransaction(
    variables: types.SkipTransactionMutationVariables,
    options?: CallOptions,
  ): Promise<types.SkipTransactionMutation['skipTransaction']>;

  /** The syncer as it is, then whenever it changes; at most ten times a second. */
  watchSyncer(
    variables?: types.WatchSyncerSubscriptionVariables,
    options?: CallOptions,
  ): AsyncIterableIterator<types.WatchSyncerSubscription['syncerStatus']>;

  /** The last quarter of an hour, the oldest first. */
  throughput(
    variables?: types.ThroughputQueryVariables,
    options?: CallOptions,
  ): Promise<types.ThroughputQuery['throughput']>;

  /** The last quarter of an hour, the oldest first, then what has come since. */
  watchThroughput(
    variables?: types.WatchThroughputSubscriptionVariables,
    options?: CallOptions,
  ): AsyncIterableIterator<types.WatchThroughputSubscription['throughputStatus']>;
}
