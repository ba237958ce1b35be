// Written by `npm run sdk` from schema/; not to be changed by hand.
import type * as types from './types.js';

/** A reason why a change was turned down, and the field of the input that it concerns. */
export type UserError = types.UserErrorFieldsFragment;

/** A mutation's mark in the consensus log: which proposal carried it and where it committed. */
export type Proposal = types.ProposalFieldsFragment;

/** The neighbours of a page of a list. */
export type PageInfo = types.PageInfoFieldsFragment;

/** The fields of every mutation's payload. revision and proposal are null when nothing was committed. When it was turned down, all fields but userErrors are null or empty. */
export type Payload = types.PayloadFieldsFragment;

/** Something that is not as it should be. Its code and what it is about are its identity. */
export type Problem = types.ProblemFieldsFragment;

/** A running `quorate serve` process. */
export type Member = types.MemberFieldsFragment;

/** The whole cluster as this member sees it. */
export type Cluster = types.ClusterFieldsFragment;

/** The leader's connection to the MySQL or MariaDB server that is followed. */
export type Syncer = types.SyncerFieldsFragment;

/** A file of the journal: a binlog file. */
export type Segment = types.SegmentFieldsFragment;

/** The stored binlog: whole transactions of the source, as the answering member has it. */
export type Journal = types.JournalFieldsFragment;

/** A replica or another client that is sent the binlog. */
export type Slave = types.SlaveFieldsFragment;

/** A listener that looks to replicas like the source. Of one on another member, state and slaves are as that member has said last, a second ago at most while it answers. */
export type BinlogServer = types.BinlogServerFieldsFragment;

/** A Redis server of a group, as the answering member sees it. */
export type Server = types.ServerFieldsFragment;

/** A Redis master with its replicas. */
export type Group = types.GroupFieldsFragment;

/** One of the 1024 shards of the key space. */
export type Slot = types.SlotFieldsFragment;

/** Neighbouring slots that are alike. */
export type SlotRange = types.SlotRangeFieldsFragment;

/** One slot's way in a move. */
export type SlotMove = types.SlotMoveFieldsFragment;

/** The limits that all moves of slots keep together; null: no limit. */
export type MigrationLimits = types.MigrationLimitsFieldsFragment;

/** A registered `quorate proxy` process. */
export type Proxy = types.ProxyFieldsFragment;

/** Long work with progress. */
export type Operation = types.OperationFieldsFragment;

/** One entry of the action feed. */
export type Action = types.ActionFieldsFragment;

/** The throughput of both clusters during two seconds, as the answering member sees it. */
export type ThroughputSample = types.ThroughputSampleFieldsFragment;

/** The answers to Redis requests in the last seconds or minutes. */
export type Statistics = types.StatisticsFieldsFragment;
