// Written by `npm run sdk` from schema/; not to be changed by hand.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> =
  T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** The rights of a token; each role includes those before it. */
export type Role =
  /** To read and to subscribe. */
  | 'VIEWER'
  /** To change things. */
  | 'OPERATOR'
  /** To force, to fence, to purge what is still needed, and to see who has tokens. */
  | 'ADMIN';

/** The kind of a problem. A code never changes its meaning. */
export type ProblemCode =
  /** A binlog server does not listen at a member where it should. */
  | 'BINLOG_SERVER_FAILED'
  /** The leader takes events from the source that it cannot commit. */
  | 'COMMITS_STALLED'
  /** The coordinator answers, and no change is committed to it. */
  | 'COORDINATOR_READ_ONLY'
  /** The coordinator is at an older revision than this member has seen. */
  | 'COORDINATOR_RESTORED'
  /** The coordinator does not answer this member. */
  | 'COORDINATOR_UNREACHABLE'
  /** A disk has no room for what is to be stored. */
  | 'DISK_FULL'
  /** A server holds keys of slots that its group does not own. */
  | 'FOREIGN_KEYS'
  /** This member cannot open, read or continue its copy of the journal. */
  | 'JOURNAL_CLOSED'
  /** This member set a part of its journal aside that had been committed. */
  | 'JOURNAL_SET_ASIDE'
  /** A group's master does not answer. */
  | 'MASTER_DOWN'
  /** A group's master is a replica of another server. */
  | 'MASTER_IS_REPLICA'
  /** A member that votes does not run. */
  | 'MEMBER_DOWN'
  /** A member that votes does not follow the journal. */
  | 'MEMBER_LAGS'
  /** An operation rests and waits for a decision. */
  | 'OPERATION_PAUSED'
  /** A proxy does not confirm the routing that is in force. */
  | 'PROXY_LAGS'
  /** A proxy has lost touch with the coordinator, or was ended without a word. */
  | 'PROXY_UNREACHABLE'
  /** Fewer members run than the journal needs to commit. */
  | 'QUORUM_LOST'
  /** This member does not understand a record of the coordinator. */
  | 'RECORD_UNREADABLE'
  /** A replica does not answer, or does not have what its master has. */
  | 'REPLICA_BROKEN'
  /** A Redis server answers requests with errors of its own. */
  | 'SERVER_REFUSES'
  /** A Redis server was replaced by one that cannot serve in a group. */
  | 'SERVER_UNFIT'
  /** Slots belong to no group: requests for their keys are refused. */
  | 'SLOTS_UNASSIGNED'
  /** The source is not connected, and tried again. */
  | 'SOURCE_UNREACHABLE'
  /** The source is set up in a way that may cost data or replicas. */
  | 'SOURCE_WARNING'
  /** The source cannot be followed until somebody decides. */
  | 'SYNCER_FAILED';

/** The severity of a problem. */
export type Severity =
  /** Clients are served. Something that protects it is gone (a replica, a member, a proxy), or an operator has to decide. */
  | 'WARNING'
  /** Clients are refused, the journal stands still, no change can be made, or committed data are at risk. */
  | 'CRITICAL';

/** The part that a member has in the quorum of the journal. */
export type MemberRole =
  /** Counts in quorums. */
  | 'VOTER'
  /** Catching up; counts in no quorum yet. */
  | 'LEARNER';

/** A state of a member. */
export type MemberState =
  /** Registered, not yet in touch. */
  | 'JOINING'
  /** Fetching what it lacks. */
  | 'CATCHING_UP'
  /** In touch with the coordinator. */
  | 'HEALTHY'
  /** Not in touch with the coordinator. */
  | 'UNREACHABLE'
  /** No longer part of the cluster. */
  | 'REMOVED';

/** The store in which all decisions of the cluster are kept. */
export type CoordinatorKind =
  /** An etcd cluster, shared by all members. */
  | 'ETCD'
  /** A store inside the one member there is. */
  | 'EMBEDDED';

/** All problems in a word: it follows from the worst severity. */
export type Health =
  /** No problem is known. */
  | 'OK'
  /** Everything that clients use works, and at least one WARNING is known. */
  | 'DEGRADED'
  /** Something that clients or operators use does not work: a CRITICAL problem is known. */
  | 'DOWN';

/** The reason why a Redis request was answered with an error. Errors of servers are told apart by their first word. */
export type ErrorKind =
  /** The slot of the request was held for a change of topology for longer than a request may be. */
  | 'HELD'
  /** The slot of the request has no group. */
  | 'SLOT_OFFLINE'
  /** The server did not answer in time. */
  | 'TIMEOUT'
  /** The server cannot be connected to, or the connection was lost. */
  | 'UNREACHABLE'
  /** The server takes no more connections. */
  | 'MAXCLIENTS'
  /** A server's `OOM`: its memory is full. */
  | 'OOM'
  /** A server's `NOREPLICAS`: too few replicas are up for it to take writes. */
  | 'NOREPLICAS'
  /** A server's `MISCONF`: it cannot save, and takes no writes. */
  | 'MISCONF'
  /** A server's `READONLY`: it is a replica. */
  | 'READONLY'
  /** A server's `LOADING`: it is reading its data set. */
  | 'LOADING'
  /** A server's `MASTERDOWN`: it is a replica without its master. */
  | 'MASTERDOWN'
  /** A server's `BUSY`: a script runs for too long. */
  | 'BUSY'
  /** A server's `NOPERM`: its user may not do this. */
  | 'NOPERM'
  /** `NOAUTH` or `WRONGPASS`, by the proxy for its clients', or by a server for the proxy's. */
  | 'NOAUTH'
  /** The keys are of several slots. */
  | 'CROSSSLOT'
  /** A server's `NOSCRIPT`: it does not have the script. */
  | 'NOSCRIPT'
  /** A server's `WRONGTYPE`: the key is of another type. */
  | 'WRONGTYPE'
  /** Any other, `ERR` included. */
  | 'OTHER';

/** Whose binlog and GTIDs they are. */
export type Flavour =
  /** MySQL: GTIDs are `uuid:number`. */
  | 'MYSQL'
  /** MariaDB: GTIDs are `domain-server-number`. */
  | 'MARIADB';

/** A state of a binlog server. */
export type BinlogServerState =
  /** The binlog server is not to run. */
  | 'STOPPED'
  /** The binlog server was started and does not listen yet. */
  | 'STARTING'
  /** The binlog server listens. */
  | 'RUNNING'
  /** The binlog server cannot listen, or its member does not run; it is tried again and again. */
  | 'FAILED'
  /** The member of the binlog server runs and does not answer; the slaves shown are those known last. */
  | 'UNREACHABLE';

/** A state of the syncer. */
export type SyncerState =
  /** The syncer is not to run. */
  | 'STOPPED'
  /** The syncer was started, and its first event has not come. */
  | 'CONNECTING'
  /** The syncer follows its source. */
  | 'RUNNING'
  /** The source was lost; it is tried again and again. */
  | 'RETRYING'
  /** Somebody has to change something; it is tried again now and then. */
  | 'FAILED';

/** The kind of a change. */
export type ActionType =
  /** A member came. */
  | 'MEMBER_ADDED'
  /** A member changed its addresses. */
  | 'MEMBER_UPDATED'
  /** A member was taken out. */
  | 'MEMBER_REMOVED'
  /** Another member leads. */
  | 'LEADER_CHANGED'
  /** The syncer was started, stopped or pointed elsewhere. */
  | 'SYNCER_CHANGED'
  /** A binlog server was started, stopped or removed. */
  | 'BINLOG_SERVER_CHANGED'
  /** Old segments were purged. */
  | 'JOURNAL_PURGED'
  /** The journal was set aside, and another one began in its place. */
  | 'JOURNAL_RESTARTED'
  /** A transaction of the source was passed over. */
  | 'TRANSACTION_SKIPPED'
  /** A group or its servers changed. */
  | 'GROUP_CHANGED'
  /** One slot changed hands. */
  | 'SLOT_CHANGED'
  /** Several slots changed hands. */
  | 'MULTI_SLOT_CHANGED'
  /** A proxy came, went or changed its state. */
  | 'PROXY_CHANGED'
  /** Long work was planned, paused, resumed, cancelled or finished. */
  | 'OPERATION_CHANGED'
  /** A setting changed, or the feed was collected. */
  | 'SETTINGS_CHANGED'
  /** A group was removed. */
  | 'GROUP_REMOVED'
  /** Requests of slots are held, because they are about to move. */
  | 'SLOT_MIGRATION_PREPARED'
  /** Slots move: requests bring their keys over. */
  | 'SLOT_MIGRATION_STARTED';

/** The kind of an operation. */
export type OperationKind =
  /** Moves slots with their keys to a group. */
  | 'MOVE_SLOTS'
  /** Moves slots until all groups have as many. */
  | 'REBALANCE'
  /** Gives slots to a group, or to none, without moving their data. */
  | 'ASSIGN_SLOTS'
  /** Makes a replica the master of its group. */
  | 'PROMOTE'
  /** Points a group's replicas at its master. */
  | 'RESYNC_GROUP'
  /** Brings a new member up to date. */
  | 'JOIN_MEMBER';

/** A state of long work. */
export type OperationState =
  /** Planned; the leader has not begun. */
  | 'PENDING'
  /** Under way. */
  | 'RUNNING'
  /** Stopped half-way by somebody or by an error; it can be resumed or cancelled. */
  | 'PAUSED'
  /** On its way back. */
  | 'CANCELLING'
  /** Done. */
  | 'SUCCEEDED'
  /** The operation cannot go on. */
  | 'FAILED'
  /** Undone. */
  | 'CANCELLED';

/** Whether long work goes on, or is undone. */
export type OperationDirection =
  /** The operation is carried out. */
  | 'FORWARD'
  /** The operation was cancelled, and what was half done is being undone. */
  | 'BACK';

/** The role of a server in its group. */
export type ServerRole =
  /** Takes the writes. */
  | 'MASTER'
  /** Replicates from the master. */
  | 'REPLICA'
  /** The server was the master, and is out of use. */
  | 'OFFLINE';

/** A state of a slot: it says where the requests of the slot go. */
export type SlotStatus =
  /** To nobody: it has no group, and requests are answered with an error. */
  | 'OFFLINE'
  /** To its group. */
  | 'ONLINE'
  /** Held for a moment, because the slot is about to move. */
  | 'PRE_MIGRATE'
  /** To the target group; a key still at the old one is brought over first. */
  | 'MIGRATE';

/** A state of a proxy. */
export type ProxyState =
  /** Is to serve, and clients cannot connect yet. */
  | 'STARTING'
  /** Serves. */
  | 'ONLINE'
  /** Has stopped serving and said so. */
  | 'OFFLINE'
  /** The proxy was asked to stop serving. */
  | 'MARK_OFFLINE'
  /** Should serve, but is not in touch with the coordinator. */
  | 'UNREACHABLE'
  /** The proxy was cut off from every server. */
  | 'FENCED';

/** The kind of reason why a change was turned down. */
export type UserErrorCode =
  /** The input is malformed. */
  | 'INVALID_INPUT'
  /** The named object does not exist. */
  | 'NOT_FOUND'
  /** The object exists already. */
  | 'ALREADY_EXISTS'
  /** The named object existed, and is over. */
  | 'GONE'
  /** The object is not at the expected revision, or changed meanwhile. */
  | 'CONFLICT'
  /** The state does not allow it; the message says what is missing. */
  | 'PRECONDITION_FAILED'
  /** Something it needs is not healthy. */
  | 'UNHEALTHY'
  /** The members left would be no quorum. */
  | 'WOULD_LOSE_QUORUM'
  /** The thing to be started runs already. */
  | 'ALREADY_RUNNING'
  /** The thing to be stopped does not run. */
  | 'NOT_RUNNING'
  /** Something else still needs it. */
  | 'IN_USE'
  /** The change did not come about in time. */
  | 'TIMEOUT'
  /** A server it needs does not answer. */
  | 'UNREACHABLE'
  /** This version cannot do it. */
  | 'UNSUPPORTED'
  /** The source of the binlog cannot be followed; the message says what to change there. */
  | 'SOURCE_REFUSED'
  /** The source of the binlog does not answer. */
  | 'SOURCE_UNAVAILABLE';

/** A binlog server. member null: on every member. */
export type StartBinlogServerInput = {
  /** Unique in the cluster. */
  readonly name: string;
  /** The member to run on; null: every member. */
  readonly member?: string | null | undefined;
  /** HOST:PORT to listen at. */
  readonly address: string;
  /** The user that replicas log in as. */
  readonly user: string;
  /** With which password; stored encrypted and never shown. */
  readonly password: string;
  /** PREFERRED, or none: TLS is offered, and replicas decide. REQUIRED: nobody is let in without. DISABLED: it is not offered. Without cert and key each member makes a certificate of its own and keeps it in its data directory. */
  readonly tls?: TlsInput | null | undefined;
  /** Refused with CONFLICT unless the object's revision is this one; 0: unless there is none. */
  readonly expectedRevision?: string | number | null | undefined;
  /** Any text, unlike those of all other changes. Within 24 hours, a request with the same key and the same input changes nothing more and is answered as the first one that was not refused; with another input it is refused with CONFLICT. */
  readonly idempotencyKey?: string | null | undefined;
};

/** ca, cert and key are PEM texts; key is never shown again. */
export type TlsInput = {
  /** Whether, and whom to trust. */
  readonly mode?: TlsMode;
  /** The authorities to trust; none: those that the system of the member trusts. */
  readonly ca?: string | null | undefined;
  /** Our certificate. */
  readonly cert?: string | null | undefined;
  /** The private key of the certificate; stored encrypted. */
  readonly key?: string | null | undefined;
};

/** Whether a connection is encrypted, and whose certificate is accepted. */
export type TlsMode =
  /** Never. */
  | 'DISABLED'
  /** TLS is used when the other side can, whatever its certificate. */
  | 'PREFERRED'
  /** Not without, whatever its certificate. */
  | 'REQUIRED'
  /** Not without, and its certificate is signed by a known authority. */
  | 'VERIFY_CA'
  /** TLS is required as with VERIFY_CA, and the certificate names the host. */
  | 'VERIFY_IDENTITY';

/** A binlog server to stop. */
export type StopBinlogServerInput = {
  /** The name of the binlog server. */
  readonly name: string;
  /** Refused with CONFLICT unless the object's revision is this one; 0: unless there is none. */
  readonly expectedRevision?: string | number | null | undefined;
};

/** A binlog server to forget. */
export type RemoveBinlogServerInput = {
  /** The name of the binlog server. */
  readonly name: string;
  /** Refused with CONFLICT unless the object's revision is this one; 0: unless there is none. */
  readonly expectedRevision?: string | number | null | undefined;
};

/** A slave to disconnect; it may come again. */
export type DisconnectSlaveInput = {
  /** Name of the binlog server. */
  readonly binlogServer: string;
  /** The slave's connectionId. */
  readonly connectionId: string | number;
  /** Name of the member where it is attached. Needed only when slaves at several have the same connectionId. */
  readonly member?: string | null | undefined;
};

/** A new member. */
export type AddMemberInput = {
  /** The name of the member, unique in the cluster. */
  readonly name: string;
  /** The URLs at which other members fetch its journal. */
  readonly peerUrls: ReadonlyArray<string>;
  /** The URLs at which its API answers. */
  readonly adminUrls?: ReadonlyArray<string>;
  /** Any text, unlike those of all other changes. Within 24 hours, a request with the same key and the same input changes nothing more and is answered as the first one that was not refused; with another input it is refused with CONFLICT. */
  readonly idempotencyKey?: string | null | undefined;
};

/** New peer URLs of a member. */
export type UpdateMemberInput = {
  /** The name of the member. */
  readonly name: string;
  /** The URLs that replace the present ones. */
  readonly newPeerUrls: ReadonlyArray<string>;
  /** Refused with CONFLICT unless the member's revision is this one. */
  readonly expectedRevision?: string | number | null | undefined;
};

/** A member to take out of the cluster. */
export type RemoveMemberInput = {
  /** The name of the member. */
  readonly name: string;
  /** Also while another member that votes does not run. Never without a majority of the rest. */
  readonly force?: boolean;
};

/** New addresses of a member's API. */
export type UpdateAdminUrlsInput = {
  /** The name of the member. */
  readonly name: string;
  /** The URLs that replace the present ones. */
  readonly adminUrls: ReadonlyArray<string>;
  /** Refused with CONFLICT unless the member's revision is this one. */
  readonly expectedRevision?: string | number | null | undefined;
};

/** The member that is to lead. */
export type TransferLeadershipInput = {
  /** Name of the member; null: any other. */
  readonly to?: string | null | undefined;
};

/** Long work to stop and to undo. */
export type CancelOperationInput = {
  /** The id of the operation. */
  readonly id: string;
};

/** Long work to stop half-way. */
export type PauseOperationInput = {
  /** The id of the operation. */
  readonly id: string;
};

/** Long work to go on with. */
export type ResumeOperationInput = {
  /** The id of the operation. */
  readonly id: string;
  /** The direction; null for the direction that the operation had when it was paused. */
  readonly direction?: OperationDirection | null | undefined;
};

/** The actions to forget. Give exactly one of the two. */
export type CollectActionsInput = {
  /** All but this many of the newest. */
  readonly keepLast?: number | null | undefined;
  /** Actions that were proposed before that time. */
  readonly olderThan?: string | null | undefined;
};

/** A new group. */
export type CreateGroupInput = {
  /** The number of the group, 1 to 9999. */
  readonly number: number;
};

/** A group to remove. */
export type RemoveGroupInput = {
  /** The number of the group. */
  readonly number: number;
  /** Refused with CONFLICT unless the object's revision is this one. */
  readonly expectedRevision?: string | number | null | undefined;
};

/** A Redis server to take into a group. */
export type AddServerInput = {
  /** Number of the group. */
  readonly group: number;
  /** HOST:PORT, as the proxies and the other servers reach it. */
  readonly address: string;
  /** The password that the server asks for; stored encrypted and never shown. */
  readonly password?: string | null | undefined;
  /** The data center of the server. */
  readonly dataCenter?: string | null | undefined;
  /** Refused with CONFLICT unless the object's revision is this one. */
  readonly expectedRevision?: string | number | null | undefined;
  /** Any text, unlike those of all other changes. Within 24 hours, a request with the same key and the same input changes nothing more and is answered as the first one that was not refused; with another input it is refused with CONFLICT. */
  readonly idempotencyKey?: string | null | undefined;
};

/** A server to take out of its group; it keeps running as it is. */
export type RemoveServerInput = {
  /** Number of the group. */
  readonly group: number;
  /** HOST:PORT, as it was added. */
  readonly address: string;
  /** Also the master of other servers. Needs the role ADMIN. */
  readonly force?: boolean;
  /** Refused with CONFLICT unless the object's revision is this one. */
  readonly expectedRevision?: string | number | null | undefined;
};

/** The new record of a server; fields that are left out stay as they are. */
export type UpdateServerInput = {
  /** Number of the group. */
  readonly group: number;
  /** HOST:PORT, as it was added. */
  readonly address: string;
  /** HOST:PORT where it is reached from now on, with the data that it has: the same process, or a replica that has the data of its master. Both addresses should lead to it until this has answered. Replicas are told where their master is. */
  readonly newAddress?: string | null | undefined;
  /** The password that the server asks for now, tried before it is stored; null when it asks for none. Replicas are told the password of their master. */
  readonly password?: string | null | undefined;
  /** The data center of the server; null when none is to be known. */
  readonly dataCenter?: string | null | undefined;
  /** Only try whether the server takes the password, and is at the new address. */
  readonly dryRun?: boolean;
  /** Refused with CONFLICT unless the object's revision is this one. */
  readonly expectedRevision?: string | number | null | undefined;
};

/** Whether replicas answer reads. */
export type SetReplicaReadsInput = {
  /** Number of the group. */
  readonly group: number;
  /** One server of it; null: all. */
  readonly address?: string | null | undefined;
  /** On or off. What a replica answers may be older than the last write. */
  readonly enabled: boolean;
};

/** From which group to remove keys of slots that it does not own. */
export type RemoveForeignKeysInput = {
  /** Number of the group. */
  readonly group: number;
  /** Only say how many there are, and of which slots. */
  readonly dryRun?: boolean;
  /** Refused with CONFLICT unless the object's revision is this one. */
  readonly expectedRevision?: string | number | null | undefined;
};

/** A replica to make the master. */
export type PromoteServerInput = {
  /** Number of the group. */
  readonly group: number;
  /** HOST:PORT of the replica. */
  readonly address: string;
  /** Even when it lacks changes of the master. */
  readonly force?: boolean;
  /** Any text, unlike those of all other changes. Within 24 hours, a request with the same key and the same input changes nothing more and is answered as the first one that was not refused; with another input it is refused with CONFLICT. */
  readonly idempotencyKey?: string | null | undefined;
};

/** A group whose servers are to be pointed at their master again. */
export type ResyncGroupInput = {
  /** Number of the group. */
  readonly group: number;
  /** Any text, unlike those of all other changes. Within 24 hours, a request with the same key and the same input changes nothing more and is answered as the first one that was not refused; with another input it is refused with CONFLICT. */
  readonly idempotencyKey?: string | null | undefined;
};

/** Whether a replica takes over by itself. */
export type SetAutoFailoverInput = {
  /** Number of the group. */
  readonly group: number;
  /** On or off. */
  readonly enabled: boolean;
};

/** The part of the journal that stays. Exactly one of keepBytes, olderThan, toSegment. */
export type PurgeJournalInput = {
  /** At least so many bytes at the end; only whole segments go. */
  readonly keepBytes?: string | number | null | undefined;
  /** Segments go whose transactions are all older than this. */
  readonly olderThan?: string | null | undefined;
  /** Segments before the one of this name go. */
  readonly toSegment?: string | null | undefined;
  /** Also what an attached slave has not been sent yet: it has to be provisioned anew. Needs the role ADMIN. */
  readonly force?: boolean;
  /** Only say which segments would go. */
  readonly dryRun?: boolean;
};

/** Behind which transactions another journal is to begin. */
export type RestartJournalAfterInput = {
  /** All transactions before it, such as gtid_executed of a dump; empty: it begins with the first of all. */
  readonly gtidSet: string;
  /** Only say what would be lost. */
  readonly dryRun?: boolean;
  /** Refused with CONFLICT unless the object's revision is this one; 0: unless there is none. */
  readonly expectedRevision?: string | number | null | undefined;
};

/** The state that a proxy is to have. */
export type SetProxyStateInput = {
  /** Name of the proxy. */
  readonly name: string;
  /** ONLINE: serve. OFFLINE: stop serving; the mutation waits until the proxy has. MARK_OFFLINE: the same without waiting. FENCED: cut it off from every server; it must be out of touch with the coordinator, and the role ADMIN is needed. */
  readonly state: ProxyState;
};

/** A proxy to forget. */
export type RemoveProxyInput = {
  /** Name of the proxy. */
  readonly name: string;
  /** Fence it first, whether it answers or not. Needs the role ADMIN. */
  readonly force?: boolean;
  /** With force: leave out servers that cannot be asked to cut its connections. End its process for certain first: what it still changes there is lost. */
  readonly acceptDataLoss?: boolean;
};

/** Options of the creation. */
export type InitSlotsInput = {
  /** Also when they exist: all go OFFLINE, their data stay where they are. Needs the role ADMIN. */
  readonly force?: boolean;
  /** With force: as in assignSlots, give up the old owners, which may be dead. */
  readonly acceptDataLoss?: boolean;
};

/** Slots to give to a group without moving data. */
export type AssignSlotsInput = {
  /** The first slot. */
  readonly from: number;
  /** The last slot. */
  readonly to: number;
  /** Number of the group; null: OFFLINE. */
  readonly group?: number | null | undefined;
  /** Also slots that have a group: their data stay behind. Needs the role ADMIN. */
  readonly force?: boolean;
  /** With force: give up the old owners, which may be dead, with the requests under way there, and take slots also from moves that are paused. What clients had written there and was not copied is lost. End the old servers for certain first, or keep them from coming back. */
  readonly acceptDataLoss?: boolean;
  /** The treatment of keys of these slots that the group holds already. */
  readonly keysAtTarget?: KeysAtTarget;
  /** Any text, unlike those of all other changes. Within 24 hours, a request with the same key and the same input changes nothing more and is answered as the first one that was not refused; with another input it is refused with CONFLICT. */
  readonly idempotencyKey?: string | null | undefined;
};

/** The treatment of keys that a server holds of slots that it is to get. They are from another life of it: an import, or what it held when it had the slots before. */
export type KeysAtTarget =
  /** Change nothing when there are any, and say how many. */
  | 'REFUSE'
  /** Serve them. */
  | 'KEEP'
  /** Remove them first. */
  | 'DISCARD';

/** Slots to move. Either from and to, or sourceGroup and count. */
export type MoveSlotsInput = {
  /** The first slot. */
  readonly from?: number | null | undefined;
  /** The last slot. */
  readonly to?: number | null | undefined;
  /** The group to take slots from. */
  readonly sourceGroup?: number | null | undefined;
  /** The number of slots to take from that group. */
  readonly count?: number | null | undefined;
  /** The group that they go to. */
  readonly targetGroup: number;
  /** Only say what would move. A key of our own is sent there as a rehearsal, as before the move itself. */
  readonly dryRun?: boolean;
  /** Removes keys of these slots that their target holds already, from another life of it, before the slots set out. Otherwise the move stops there. Needs the role ADMIN. */
  readonly discardAtTarget?: boolean;
  /** Whether the move holds back for the clients of its source. */
  readonly speed?: MoveSpeed;
  /** Any text, unlike those of all other changes. Within 24 hours, a request with the same key and the same input changes nothing more and is answered as the first one that was not refused; with another input it is refused with CONFLICT. */
  readonly idempotencyKey?: string | null | undefined;
};

/** A share of its source that a move of slots takes. */
export type MoveSpeed =
  /** The move takes what clients hardly feel: it slows down when requests at the source take longer than before the move, as the proxies see it, but never below a seventh of the time of the server. */
  | 'GENTLE'
  /** The move takes what it can, within setMigrationLimits. Clients may wait several times as long. */
  | 'FAST';

/** Options of the rebalance. */
export type RebalanceSlotsInput = {
  /** Only among these groups; null: all that have a server. */
  readonly groups?: ReadonlyArray<number> | null | undefined;
  /** Only say what would move. A key of our own is sent there as a rehearsal, as before the move itself. */
  readonly dryRun?: boolean;
  /** Removes keys of these slots that their target holds already, from another life of it, before the slots set out. Otherwise the move stops there. Needs the role ADMIN. */
  readonly discardAtTarget?: boolean;
  /** Whether the move holds back for the clients of its source. */
  readonly speed?: MoveSpeed;
  /** Any text, unlike those of all other changes. Within 24 hours, a request with the same key and the same input changes nothing more and is answered as the first one that was not refused; with another input it is refused with CONFLICT. */
  readonly idempotencyKey?: string | null | undefined;
};

/** New limits of all moves. What is left out stays; null lifts a limit. */
export type SetMigrationLimitsInput = {
  /** Keys per second and source server. */
  readonly keysPerSecond?: number | null | undefined;
  /** Bytes of memory per second and source server. */
  readonly bytesPerSecond?: string | number | null | undefined;
  /** The number of slots that change hands together, 1 to 1024. */
  readonly slotsPerBatch?: number | null | undefined;
  /** The number of pairs of groups that move slots at a time, 1 to 64. */
  readonly parallelPairs?: number | null | undefined;
  /** Slow down above this latency of the source, in milliseconds. */
  readonly sourceLatencyMs?: number | null | undefined;
  /** The largest key that is moved, in bytes of memory. */
  readonly maxKeyBytes?: string | number | null | undefined;
};

/** The source, and the account at it. */
export type StartSyncerInput = {
  /** Our server_id, 1 to 4294967295, unlike that of any server in the replication. */
  readonly serverId: string | number;
  /** Our server_uuid, unlike that of any server in the replication. */
  readonly serverUuid: string;
  /** HOST:PORT of the source. */
  readonly sourceAddress: string;
  /** An account there with REPLICATION SLAVE. */
  readonly user: string;
  /** The password of that user; stored encrypted and never shown. */
  readonly password: string;
  /** Let the source wait until its transactions are committed here, if it has that switched on. */
  readonly semiSync?: boolean;
  /** Refused unless the source is of this one. */
  readonly flavour?: Flavour | null | undefined;
  /** Encryption; none: as PREFERRED. */
  readonly tls?: TlsInput | null | undefined;
  /** For an empty journal: it begins after these transactions, such as those of the dump that replicas are made from. None: with all that the source still has. */
  readonly startAfterGtidSet?: string | null | undefined;
  /** Refused with CONFLICT unless the object's revision is this one; 0: unless there is none. */
  readonly expectedRevision?: string | number | null | undefined;
  /** Any text, unlike those of all other changes. Within 24 hours, a request with the same key and the same input changes nothing more and is answered as the first one that was not refused; with another input it is refused with CONFLICT. */
  readonly idempotencyKey?: string | null | undefined;
};

/** Options of the stop. */
export type StopSyncerInput = {
  /** Also delete its settings, password and key included. The journal stays. */
  readonly forget?: boolean;
};

/** The transaction of the source to pass over. Exactly one of gtid and position. */
export type SkipTransactionInput = {
  /** The GTID of one transaction, as the source prints it. An empty transaction is stored in its place. */
  readonly gtid?: string | null | undefined;
  /** FILE:POSITION in the source's files, of a transaction or an incident without a GTID, as the syncer's stateReason names it. */
  readonly position?: string | null | undefined;
  /** Only say what would become of it. */
  readonly dryRun?: boolean;
  /** Refused with CONFLICT unless the object's revision is this one; 0: unless there is none. */
  readonly expectedRevision?: string | number | null | undefined;
};

/** Another source. What is left out stays as it is. */
export type SwitchSourceInput = {
  /** HOST:PORT of the new source. */
  readonly sourceAddress: string;
  /** An account there with REPLICATION SLAVE. */
  readonly user?: string | null | undefined;
  /** The password of that user; stored encrypted and never shown. */
  readonly password?: string | null | undefined;
  /** Encryption. */
  readonly tls?: TlsInput | null | undefined;
  /** Also to a MySQL source that lacks transactions which the journal has, such as the last ones of a source that was lost: they stay in the journal and in its replicas, and the new source never has them. Refused all the same when their GTIDs bear its own UUID, and always for MariaDB, because it would give them to other transactions; and when it has purged what the journal needs. Needs the role ADMIN. */
  readonly force?: boolean;
  /** Only try it and say what would be refused. */
  readonly dryRun?: boolean;
};

export type ViewerQueryVariables = Exact<{ [key: string]: never }>;

export type ViewerQuery = {
  readonly viewer: { readonly name: string; readonly role: Role; readonly expiresAt: string | null };
};

export type TokensQueryVariables = Exact<{ [key: string]: never }>;

export type TokensQuery = {
  readonly tokens: ReadonlyArray<{
    readonly id: string;
    readonly name: string;
    readonly role: Role;
    readonly expiresAt: string | null;
    readonly createdAt: string;
  }>;
};

export type ActionsQueryVariables = Exact<{
  afterRevision?: string | number | null | undefined;
  types?: ReadonlyArray<ActionType> | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;

export type ActionsQuery = {
  readonly actions: {
    readonly totalCount: number;
    readonly nodes: ReadonlyArray<ActionFieldsFragment>;
    readonly pageInfo: PageInfoFieldsFragment;
  };
};

export type CollectActionsMutationVariables = Exact<{
  input: CollectActionsInput;
}>;

export type CollectActionsMutation = {
  readonly collectActions: {
    readonly collected: number | null;
  } & PayloadFields_CollectActionsPayload_Fragment;
};

export type WatchActionsSubscriptionVariables = Exact<{
  afterRevision?: string | number | null | undefined;
  types?: ReadonlyArray<ActionType> | null | undefined;
}>;

export type WatchActionsSubscription = { readonly actions: ActionFieldsFragment };

export type BinlogServersQueryVariables = Exact<{ [key: string]: never }>;

export type BinlogServersQuery = { readonly binlogServers: ReadonlyArray<BinlogServerFieldsFragment> };

export type BinlogServerQueryVariables = Exact<{
  name: string;
}>;

export type BinlogServerQuery = { readonly binlogServer: BinlogServerFieldsFragment | null };

export type StartBinlogServerMutationVariables = Exact<{
  input: StartBinlogServerInput;
}>;

export type StartBinlogServerMutation = {
  readonly startBinlogServer: {
    readonly binlogServer: BinlogServerFieldsFragment | null;
  } & PayloadFields_StartBinlogServerPayload_Fragment;
};

export type StopBinlogServerMutationVariables = Exact<{
  input: StopBinlogServerInput;
}>;

export type StopBinlogServerMutation = {
  readonly stopBinlogServer: {
    readonly binlogServer: BinlogServerFieldsFragment | null;
  } & PayloadFields_StopBinlogServerPayload_Fragment;
};

export type RemoveBinlogServerMutationVariables = Exact<{
  input: RemoveBinlogServerInput;
}>;

export type RemoveBinlogServerMutation = {
  readonly removeBinlogServer: {
    readonly binlogServer: BinlogServerFieldsFragment | null;
  } & PayloadFields_RemoveBinlogServerPayload_Fragment;
};

export type WatchBinlogServersSubscriptionVariables = Exact<{
  name?: string | null | undefined;
}>;

export type WatchBinlogServersSubscription = { readonly binlogServerStatus: BinlogServerFieldsFragment };

export type ClusterQueryVariables = Exact<{ [key: string]: never }>;

export type ClusterQuery = { readonly cluster: ClusterFieldsFragment };

export type ClusterStatisticsQueryVariables = Exact<{ [key: string]: never }>;

export type ClusterStatisticsQuery = {
  readonly cluster: { readonly windowed: StatisticsFieldsFragment | null };
};

export type NodeQueryVariables = Exact<{
  id: string;
}>;

export type NodeQuery = {
  readonly node:
    | { readonly __typename: 'Token'; readonly id: string }
    | { readonly __typename: 'Problem'; readonly id: string }
    | { readonly __typename: 'Member'; readonly id: string }
    | { readonly __typename: 'Cluster'; readonly id: string }
    | { readonly __typename: 'Slave'; readonly id: string }
    | { readonly __typename: 'BinlogServer'; readonly id: string }
    | { readonly __typename: 'Segment'; readonly id: string }
    | { readonly __typename: 'Journal'; readonly id: string }
    | { readonly __typename: 'Syncer'; readonly id: string }
    | { readonly __typename: 'Action'; readonly id: string }
    | { readonly __typename: 'Operation'; readonly id: string }
    | { readonly __typename: 'Server'; readonly id: string }
    | { readonly __typename: 'Group'; readonly id: string }
    | { readonly __typename: 'Slot'; readonly id: string }
    | { readonly __typename: 'Proxy'; readonly id: string }
    | null;
};

export type WatchClusterSubscriptionVariables = Exact<{ [key: string]: never }>;

export type WatchClusterSubscription = { readonly clusterStatus: ClusterFieldsFragment };

export type UserErrorFieldsFragment = {
  readonly code: UserErrorCode;
  readonly path: ReadonlyArray<string>;
  readonly message: string;
};

export type ProposalFieldsFragment = {
  readonly id: string;
  readonly revision: string;
  readonly raftTerm: string | null;
  readonly committedBy: string | null;
};

export type PageInfoFieldsFragment = {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
};

type PayloadFields_StartBinlogServerPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_StopBinlogServerPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_RemoveBinlogServerPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_DisconnectSlavePayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_AddMemberPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_UpdateMemberPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_RemoveMemberPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_UpdateAdminUrlsPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_TransferLeadershipPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_CancelOperationPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_PauseOperationPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_ResumeOperationPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_CollectActionsPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_CreateGroupPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_RemoveGroupPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_AddServerPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_RemoveServerPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_UpdateServerPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_SetReplicaReadsPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_RemoveForeignKeysPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_PromoteServerPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_ResyncGroupPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_SetAutoFailoverPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_PurgeJournalPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_RestartJournalAfterPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_SetProxyStatePayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_RemoveProxyPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_InitSlotsPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_AssignSlotsPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_MoveSlotsPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_RebalanceSlotsPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_SetMigrationLimitsPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_StartSyncerPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_StopSyncerPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_SkipTransactionPayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

type PayloadFields_SwitchSourcePayload_Fragment = {
  readonly revision: string | null;
  readonly userErrors: ReadonlyArray<UserErrorFieldsFragment>;
  readonly proposal: ProposalFieldsFragment | null;
};

export type PayloadFieldsFragment =
  | PayloadFields_StartBinlogServerPayload_Fragment
  | PayloadFields_StopBinlogServerPayload_Fragment
  | PayloadFields_RemoveBinlogServerPayload_Fragment
  | PayloadFields_DisconnectSlavePayload_Fragment
  | PayloadFields_AddMemberPayload_Fragment
  | PayloadFields_UpdateMemberPayload_Fragment
  | PayloadFields_RemoveMemberPayload_Fragment
  | PayloadFields_UpdateAdminUrlsPayload_Fragment
  | PayloadFields_TransferLeadershipPayload_Fragment
  | PayloadFields_CancelOperationPayload_Fragment
  | PayloadFields_PauseOperationPayload_Fragment
  | PayloadFields_ResumeOperationPayload_Fragment
  | PayloadFields_CollectActionsPayload_Fragment
  | PayloadFields_CreateGroupPayload_Fragment
  | PayloadFields_RemoveGroupPayload_Fragment
  | PayloadFields_AddServerPayload_Fragment
  | PayloadFields_RemoveServerPayload_Fragment
  | PayloadFields_UpdateServerPayload_Fragment
  | PayloadFields_SetReplicaReadsPayload_Fragment
  | PayloadFields_RemoveForeignKeysPayload_Fragment
  | PayloadFields_PromoteServerPayload_Fragment
  | PayloadFields_ResyncGroupPayload_Fragment
  | PayloadFields_SetAutoFailoverPayload_Fragment
  | PayloadFields_PurgeJournalPayload_Fragment
  | PayloadFields_RestartJournalAfterPayload_Fragment
  | PayloadFields_SetProxyStatePayload_Fragment
  | PayloadFields_RemoveProxyPayload_Fragment
  | PayloadFields_InitSlotsPayload_Fragment
  | PayloadFields_AssignSlotsPayload_Fragment
  | PayloadFields_MoveSlotsPayload_Fragment
  | PayloadFields_RebalanceSlotsPayload_Fragment
  | PayloadFields_SetMigrationLimitsPayload_Fragment
  | PayloadFields_StartSyncerPayload_Fragment
  | PayloadFields_StopSyncerPayload_Fragment
  | PayloadFields_SkipTransactionPayload_Fragment
  | PayloadFields_SwitchSourcePayload_Fragment;

export type ProblemFieldsFragment = {
  readonly id: string;
  readonly code: ProblemCode;
  readonly severity: Severity;
  readonly subject: string;
  readonly message: string;
  readonly since: string;
  readonly consequence: {
    readonly summary: string;
    readonly slotsUnserved: number;
    readonly slotsReadOnly: number;
    readonly binlogServersAffected: ReadonlyArray<string>;
    readonly redundancyLost: boolean;
  };
  readonly remedies: ReadonlyArray<{
    readonly title: string;
    readonly mutation: string | null;
    readonly variables: Readonly<Record<string, unknown>> | null;
    readonly documentation: string;
  }>;
};

export type MemberFieldsFragment = {
  readonly id: string;
  readonly name: string;
  readonly role: MemberRole;
  readonly isLeader: boolean;
  readonly state: MemberState;
  readonly peerUrls: ReadonlyArray<string>;
  readonly adminUrls: ReadonlyArray<string>;
  readonly journalOffset: string | null;
  readonly committedOffset: string | null;
  readonly lag: string | null;
  readonly startedAt: string | null;
  readonly lastSeenAt: string | null;
  readonly version: string | null;
  readonly revision: string | null;
};

export type ClusterFieldsFragment = {
  readonly id: string;
  readonly name: string;
  readonly epoch: string | null;
  readonly health: Health;
  readonly version: string;
  readonly coordinator: {
    readonly kind: CoordinatorKind;
    readonly endpoints: ReadonlyArray<string>;
    readonly reachable: boolean;
    readonly revision: string;
    readonly members: ReadonlyArray<{
      readonly id: string;
      readonly name: string | null;
      readonly peerUrls: ReadonlyArray<string>;
      readonly clientUrls: ReadonlyArray<string>;
      readonly isLearner: boolean;
      readonly isLeader: boolean;
    }>;
  };
  readonly leader: { readonly name: string } | null;
  readonly problems: ReadonlyArray<ProblemFieldsFragment>;
};

export type SyncerFieldsFragment = {
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
};

export type SegmentFieldsFragment = {
  readonly id: string;
  readonly name: string;
  readonly startOffset: string;
  readonly sizeBytes: string;
  readonly previousGtidSet: string;
  readonly addedGtidSet: string;
  readonly minTimestamp: string | null;
  readonly maxTimestamp: string | null;
  readonly createdAt: string;
};

export type JournalFieldsFragment = {
  readonly id: string;
  readonly startOffset: string | null;
  readonly committedOffset: string | null;
  readonly term: string | null;
  readonly sizeBytes: string | null;
  readonly executedGtidSet: string | null;
  readonly purgedGtidSet: string | null;
  readonly revision: string | null;
  readonly holders: ReadonlyArray<{ readonly name: string }>;
};

export type SlaveFieldsFragment = {
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
  readonly binlogServer: { readonly name: string };
  readonly member: { readonly name: string };
};

export type BinlogServerFieldsFragment = {
  readonly id: string;
  readonly name: string;
  readonly onEveryMember: boolean;
  readonly address: string;
  readonly user: string;
  readonly passwordSet: boolean;
  readonly tls: boolean;
  readonly state: BinlogServerState;
  readonly stateReason: string | null;
  readonly currentGtid: string | null;
  readonly executedGtidSet: string | null;
  readonly purgedGtidSet: string | null;
  readonly lastBinlogFile: string | null;
  readonly lastFilePosition: string | null;
  readonly revision: string;
  readonly member: { readonly name: string };
  readonly slaves: ReadonlyArray<SlaveFieldsFragment>;
};

export type ServerFieldsFragment = {
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
};

export type GroupFieldsFragment = {
  readonly id: string;
  readonly number: number;
  readonly slotCount: number;
  readonly promoting: string | null;
  readonly outOfSync: boolean;
  readonly autoFailover: boolean;
  readonly revision: string;
  readonly servers: ReadonlyArray<ServerFieldsFragment>;
  readonly master: { readonly address: string } | null;
};

export type SlotFieldsFragment = {
  readonly id: string;
  readonly number: number;
  readonly status: SlotStatus;
  readonly lastChangedAt: string | null;
  readonly revision: string;
  readonly group: { readonly number: number } | null;
  readonly targetGroup: { readonly number: number } | null;
  readonly operation: { readonly id: string } | null;
};

export type SlotRangeFieldsFragment = {
  readonly from: number;
  readonly to: number;
  readonly status: SlotStatus;
  readonly group: { readonly number: number } | null;
  readonly targetGroup: { readonly number: number } | null;
};

export type SlotMoveFieldsFragment = {
  readonly slot: number;
  readonly fromGroup: number | null;
  readonly toGroup: number;
  readonly keys: string | null;
};

export type MigrationLimitsFieldsFragment = {
  readonly keysPerSecond: number | null;
  readonly bytesPerSecond: string | null;
  readonly slotsPerBatch: number;
  readonly parallelPairs: number;
  readonly sourceLatencyMs: number | null;
  readonly maxKeyBytes: string;
};

export type ProxyFieldsFragment = {
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
};

export type OperationFieldsFragment = {
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
};

export type ActionFieldsFragment = {
  readonly id: string;
  readonly revision: string;
  readonly type: ActionType;
  readonly description: string;
  readonly actor: string;
  readonly at: string;
  readonly target: string;
  readonly receivers: ReadonlyArray<{ readonly proxy: string; readonly confirmedAt: string | null }>;
};

export type ThroughputSampleFieldsFragment = {
  readonly at: string;
  readonly journalBytesPerSecond: number;
  readonly sentBytesPerSecond: number;
  readonly redisOpsPerSecond: number;
  readonly redisErrorsPerSecond: number;
  readonly redisLatencyP50: number | null;
  readonly redisLatencyP99: number | null;
};

export type StatisticsFieldsFragment = {
  readonly windowSeconds: number;
  readonly measuredAt: string;
  readonly stale: boolean;
  readonly requestsPerSecond: number;
  readonly errorsPerSecond: ReadonlyArray<{ readonly kind: ErrorKind; readonly perSecond: number }>;
  readonly latency: {
    readonly samples: string;
    readonly meanMs: number | null;
    readonly percentiles: ReadonlyArray<{ readonly of: number; readonly valueMs: number | null }>;
  };
};

export type GroupsQueryVariables = Exact<{ [key: string]: never }>;

export type GroupsQuery = { readonly groups: ReadonlyArray<GroupFieldsFragment> };

export type GroupQueryVariables = Exact<{
  number: number;
}>;

export type GroupQuery = { readonly group: GroupFieldsFragment | null };

export type CreateGroupMutationVariables = Exact<{
  input: CreateGroupInput;
}>;

export type CreateGroupMutation = {
  readonly createGroup: {
    readonly group: GroupFieldsFragment | null;
  } & PayloadFields_CreateGroupPayload_Fragment;
};

export type RemoveGroupMutationVariables = Exact<{
  input: RemoveGroupInput;
}>;

export type RemoveGroupMutation = {
  readonly removeGroup: {
    readonly group: GroupFieldsFragment | null;
  } & PayloadFields_RemoveGroupPayload_Fragment;
};

export type AddServerMutationVariables = Exact<{
  input: AddServerInput;
}>;

export type AddServerMutation = {
  readonly addServer: {
    readonly group: GroupFieldsFragment | null;
  } & PayloadFields_AddServerPayload_Fragment;
};

export type RemoveServerMutationVariables = Exact<{
  input: RemoveServerInput;
}>;

export type RemoveServerMutation = {
  readonly removeServer: {
    readonly group: GroupFieldsFragment | null;
  } & PayloadFields_RemoveServerPayload_Fragment;
};

export type UpdateServerMutationVariables = Exact<{
  input: UpdateServerInput;
}>;

export type UpdateServerMutation = {
  readonly updateServer: {
    readonly server: ServerFieldsFragment | null;
  } & PayloadFields_UpdateServerPayload_Fragment;
};

export type SetReplicaReadsMutationVariables = Exact<{
  input: SetReplicaReadsInput;
}>;

export type SetReplicaReadsMutation = {
  readonly setReplicaReads: {
    readonly group: GroupFieldsFragment | null;
  } & PayloadFields_SetReplicaReadsPayload_Fragment;
};

export type ResyncGroupMutationVariables = Exact<{
  input: ResyncGroupInput;
}>;

export type ResyncGroupMutation = {
  readonly resyncGroup: {
    readonly operation: OperationFieldsFragment | null;
  } & PayloadFields_ResyncGroupPayload_Fragment;
};

export type SetAutoFailoverMutationVariables = Exact<{
  input: SetAutoFailoverInput;
}>;

export type SetAutoFailoverMutation = {
  readonly setAutoFailover: {
    readonly group: GroupFieldsFragment | null;
  } & PayloadFields_SetAutoFailoverPayload_Fragment;
};

export type PromoteServerMutationVariables = Exact<{
  input: PromoteServerInput;
}>;

export type PromoteServerMutation = {
  readonly promoteServer: {
    readonly operation: OperationFieldsFragment | null;
  } & PayloadFields_PromoteServerPayload_Fragment;
};

export type WatchGroupsSubscriptionVariables = Exact<{
  number?: number | null | undefined;
}>;

export type WatchGroupsSubscription = { readonly groupStatus: GroupFieldsFragment };

export type RemoveForeignKeysMutationVariables = Exact<{
  input: RemoveForeignKeysInput;
}>;

export type RemoveForeignKeysMutation = {
  readonly removeForeignKeys: {
    readonly keys: string | null;
    readonly slots: ReadonlyArray<number>;
    readonly group: GroupFieldsFragment | null;
  } & PayloadFields_RemoveForeignKeysPayload_Fragment;
};

export type JournalQueryVariables = Exact<{ [key: string]: never }>;

export type JournalQuery = { readonly journal: JournalFieldsFragment };

export type JournalSegmentsQueryVariables = Exact<{
  covering?: string | null | undefined;
  at?: string | null | undefined;
}>;

export type JournalSegmentsQuery = {
  readonly journal: { readonly segments: ReadonlyArray<SegmentFieldsFragment> };
};

export type PurgeJournalMutationVariables = Exact<{
  input: PurgeJournalInput;
}>;

export type PurgeJournalMutation = {
  readonly purgeJournal: {
    readonly journal: JournalFieldsFragment | null;
    readonly segments: ReadonlyArray<SegmentFieldsFragment>;
  } & PayloadFields_PurgeJournalPayload_Fragment;
};

export type RestartJournalAfterMutationVariables = Exact<{
  input: RestartJournalAfterInput;
}>;

export type RestartJournalAfterMutation = {
  readonly restartJournalAfter: {
    readonly discardedGtidSet: string | null;
    readonly aheadGtidSet: string | null;
    readonly missingGtidSet: string | null;
    readonly folder: string | null;
    readonly journal: JournalFieldsFragment | null;
    readonly slaves: ReadonlyArray<SlaveFieldsFragment>;
    readonly lostSlaves: ReadonlyArray<SlaveFieldsFragment>;
  } & PayloadFields_RestartJournalAfterPayload_Fragment;
};

export type WatchJournalSubscriptionVariables = Exact<{ [key: string]: never }>;

export type WatchJournalSubscription = { readonly journalStatus: JournalFieldsFragment };

export type MembersQueryVariables = Exact<{ [key: string]: never }>;

export type MembersQuery = { readonly members: ReadonlyArray<MemberFieldsFragment> };

export type MemberQueryVariables = Exact<{
  name: string;
}>;

export type MemberQuery = { readonly member: MemberFieldsFragment | null };

export type AddMemberMutationVariables = Exact<{
  input: AddMemberInput;
}>;

export type AddMemberMutation = {
  readonly addMember: {
    readonly member: MemberFieldsFragment | null;
    readonly members: ReadonlyArray<MemberFieldsFragment>;
  } & PayloadFields_AddMemberPayload_Fragment;
};

export type UpdateMemberMutationVariables = Exact<{
  input: UpdateMemberInput;
}>;

export type UpdateMemberMutation = {
  readonly updateMember: {
    readonly member: MemberFieldsFragment | null;
    readonly members: ReadonlyArray<MemberFieldsFragment>;
  } & PayloadFields_UpdateMemberPayload_Fragment;
};

export type RemoveMemberMutationVariables = Exact<{
  input: RemoveMemberInput;
}>;

export type RemoveMemberMutation = {
  readonly removeMember: {
    readonly member: MemberFieldsFragment | null;
    readonly members: ReadonlyArray<MemberFieldsFragment>;
  } & PayloadFields_RemoveMemberPayload_Fragment;
};

export type UpdateAdminUrlsMutationVariables = Exact<{
  input: UpdateAdminUrlsInput;
}>;

export type UpdateAdminUrlsMutation = {
  readonly updateAdminUrls: {
    readonly member: MemberFieldsFragment | null;
    readonly members: ReadonlyArray<MemberFieldsFragment>;
  } & PayloadFields_UpdateAdminUrlsPayload_Fragment;
};

export type TransferLeadershipMutationVariables = Exact<{
  input: TransferLeadershipInput;
}>;

export type TransferLeadershipMutation = {
  readonly transferLeadership: {
    readonly member: MemberFieldsFragment | null;
    readonly members: ReadonlyArray<MemberFieldsFragment>;
  } & PayloadFields_TransferLeadershipPayload_Fragment;
};

export type WatchMembersSubscriptionVariables = Exact<{
  name?: string | null | undefined;
}>;

export type WatchMembersSubscription = { readonly memberStatus: MemberFieldsFragment };

export type OperationsQueryVariables = Exact<{
  state?: ReadonlyArray<OperationState> | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;

export type OperationsQuery = {
  readonly operations: {
    readonly totalCount: number;
    readonly nodes: ReadonlyArray<OperationFieldsFragment>;
    readonly pageInfo: PageInfoFieldsFragment;
  };
};

export type OperationQueryVariables = Exact<{
  id: string;
}>;

export type OperationQuery = { readonly operation: OperationFieldsFragment | null };

export type PauseOperationMutationVariables = Exact<{
  input: PauseOperationInput;
}>;

export type PauseOperationMutation = {
  readonly pauseOperation: {
    readonly operation: OperationFieldsFragment | null;
  } & PayloadFields_PauseOperationPayload_Fragment;
};

export type ResumeOperationMutationVariables = Exact<{
  input: ResumeOperationInput;
}>;

export type ResumeOperationMutation = {
  readonly resumeOperation: {
    readonly operation: OperationFieldsFragment | null;
  } & PayloadFields_ResumeOperationPayload_Fragment;
};

export type CancelOperationMutationVariables = Exact<{
  input: CancelOperationInput;
}>;

export type CancelOperationMutation = {
  readonly cancelOperation: {
    readonly operation: OperationFieldsFragment | null;
  } & PayloadFields_CancelOperationPayload_Fragment;
};

export type WatchOperationsSubscriptionVariables = Exact<{
  id?: string | null | undefined;
}>;

export type WatchOperationsSubscription = { readonly operationProgress: OperationFieldsFragment };

export type ProxiesQueryVariables = Exact<{ [key: string]: never }>;

export type ProxiesQuery = { readonly proxies: ReadonlyArray<ProxyFieldsFragment> };

export type ProxyQueryVariables = Exact<{
  name: string;
}>;

export type ProxyQuery = { readonly proxy: ProxyFieldsFragment | null };

export type ProxyStatisticsQueryVariables = Exact<{
  name: string;
}>;

export type ProxyStatisticsQuery = {
  readonly proxy: {
    readonly name: string;
    readonly windowed: StatisticsFieldsFragment | null;
    readonly statistics: {
      readonly sessionsTotal: string;
      readonly sessionsRefused: string;
      readonly heldSessions: number;
      readonly inFlight: number;
      readonly serverConnections: number;
      readonly proxyErrors: string;
      readonly serverErrors: string;
      readonly commands: ReadonlyArray<{ readonly name: string; readonly calls: string }>;
      readonly latency: ReadonlyArray<{ readonly upToMs: number; readonly count: string }>;
      readonly slowLog: ReadonlyArray<{
        readonly id: string;
        readonly at: string;
        readonly durationMs: number;
        readonly command: string;
        readonly key: string | null;
        readonly slot: number | null;
        readonly server: string;
        readonly failed: boolean;
      }>;
    } | null;
  } | null;
};

export type SetProxyStateMutationVariables = Exact<{
  input: SetProxyStateInput;
}>;

export type SetProxyStateMutation = {
  readonly setProxyState: {
    readonly proxy: ProxyFieldsFragment | null;
  } & PayloadFields_SetProxyStatePayload_Fragment;
};

export type RemoveProxyMutationVariables = Exact<{
  input: RemoveProxyInput;
}>;

export type RemoveProxyMutation = {
  readonly removeProxy: {
    readonly proxy: ProxyFieldsFragment | null;
  } & PayloadFields_RemoveProxyPayload_Fragment;
};

export type WatchProxiesSubscriptionVariables = Exact<{
  name?: string | null | undefined;
}>;

export type WatchProxiesSubscription = { readonly proxyStatus: ProxyFieldsFragment };

export type SlavesQueryVariables = Exact<{
  binlogServer?: string | null | undefined;
}>;

export type SlavesQuery = { readonly slaves: ReadonlyArray<SlaveFieldsFragment> };

export type DisconnectSlaveMutationVariables = Exact<{
  input: DisconnectSlaveInput;
}>;

export type DisconnectSlaveMutation = {
  readonly disconnectSlave: {
    readonly slave: SlaveFieldsFragment | null;
  } & PayloadFields_DisconnectSlavePayload_Fragment;
};

export type WatchSlavesSubscriptionVariables = Exact<{
  binlogServer?: string | null | undefined;
}>;

export type WatchSlavesSubscription = { readonly slaveStatus: ReadonlyArray<SlaveFieldsFragment> };

export type SlotsQueryVariables = Exact<{
  from?: number | null | undefined;
  to?: number | null | undefined;
  group?: number | null | undefined;
  status?: ReadonlyArray<SlotStatus> | null | undefined;
}>;

export type SlotsQuery = { readonly slots: ReadonlyArray<SlotFieldsFragment> };

export type SlotQueryVariables = Exact<{
  number: number;
}>;

export type SlotQuery = { readonly slot: ({ readonly keys: string | null } & SlotFieldsFragment) | null };

export type SlotOfQueryVariables = Exact<{
  key: string;
}>;

export type SlotOfQuery = { readonly slotOf: { readonly keys: string | null } & SlotFieldsFragment };

export type SlotRangesQueryVariables = Exact<{ [key: string]: never }>;

export type SlotRangesQuery = { readonly slotRanges: ReadonlyArray<SlotRangeFieldsFragment> };

export type MigrationLimitsQueryVariables = Exact<{ [key: string]: never }>;

export type MigrationLimitsQuery = { readonly migrationLimits: MigrationLimitsFieldsFragment };

export type InitSlotsMutationVariables = Exact<{
  input?: InitSlotsInput | null | undefined;
}>;

export type InitSlotsMutation = {
  readonly initSlots: {
    readonly slots: ReadonlyArray<SlotFieldsFragment>;
  } & PayloadFields_InitSlotsPayload_Fragment;
};

export type AssignSlotsMutationVariables = Exact<{
  input: AssignSlotsInput;
}>;

export type AssignSlotsMutation = {
  readonly assignSlots: {
    readonly slots: ReadonlyArray<SlotFieldsFragment>;
  } & PayloadFields_AssignSlotsPayload_Fragment;
};

export type MoveSlotsMutationVariables = Exact<{
  input: MoveSlotsInput;
}>;

export type MoveSlotsMutation = {
  readonly moveSlots: {
    readonly operation: OperationFieldsFragment | null;
    readonly plan: ReadonlyArray<SlotMoveFieldsFragment>;
  } & PayloadFields_MoveSlotsPayload_Fragment;
};

export type RebalanceSlotsMutationVariables = Exact<{
  input?: RebalanceSlotsInput | null | undefined;
}>;

export type RebalanceSlotsMutation = {
  readonly rebalanceSlots: {
    readonly operation: OperationFieldsFragment | null;
    readonly plan: ReadonlyArray<SlotMoveFieldsFragment>;
  } & PayloadFields_RebalanceSlotsPayload_Fragment;
};

export type SetMigrationLimitsMutationVariables = Exact<{
  input: SetMigrationLimitsInput;
}>;

export type SetMigrationLimitsMutation = {
  readonly setMigrationLimits: {
    readonly limits: MigrationLimitsFieldsFragment | null;
  } & PayloadFields_SetMigrationLimitsPayload_Fragment;
};

export type WatchSlotsSubscriptionVariables = Exact<{
  from?: number | null | undefined;
  to?: number | null | undefined;
}>;

export type WatchSlotsSubscription = { readonly slotStatus: ReadonlyArray<SlotFieldsFragment> };

export type SyncerQueryVariables = Exact<{ [key: string]: never }>;

export type SyncerQuery = { readonly syncer: SyncerFieldsFragment };

export type StartSyncerMutationVariables = Exact<{
  input: StartSyncerInput;
}>;

export type StartSyncerMutation = {
  readonly startSyncer: {
    readonly syncer: SyncerFieldsFragment | null;
  } & PayloadFields_StartSyncerPayload_Fragment;
};

export type StopSyncerMutationVariables = Exact<{
  input?: StopSyncerInput | null | undefined;
}>;

export type StopSyncerMutation = {
  readonly stopSyncer: {
    readonly syncer: SyncerFieldsFragment | null;
  } & PayloadFields_StopSyncerPayload_Fragment;
};

export type SwitchSourceMutationVariables = Exact<{
  input: SwitchSourceInput;
}>;

export type SwitchSourceMutation = {
  readonly switchSource: {
    readonly syncer: SyncerFieldsFragment | null;
  } & PayloadFields_SwitchSourcePayload_Fragment;
};

export type SkipTransactionMutationVariables = Exact<{
  input: SkipTransactionInput;
}>;

export type SkipTransactionMutation = {
  readonly skipTransaction: {
    readonly consequence: string | null;
    readonly syncer: SyncerFieldsFragment | null;
  } & PayloadFields_SkipTransactionPayload_Fragment;
};

export type WatchSyncerSubscriptionVariables = Exact<{ [key: string]: never }>;

export type WatchSyncerSubscription = { readonly syncerStatus: SyncerFieldsFragment };

export type ThroughputQueryVariables = Exact<{ [key: string]: never }>;

export type ThroughputQuery = { readonly throughput: ReadonlyArray<ThroughputSampleFieldsFragment> };

export type WatchThroughputSubscriptionVariables = Exact<{ [key: string]: never }>;

export type WatchThroughputSubscription = {
  readonly throughputStatus: ReadonlyArray<ThroughputSampleFieldsFragment>;
};
