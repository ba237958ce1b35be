/**
 * Every kind of problem, with the sentence that the API's schema says of it. A code never changes its meaning: alerts,
 * runbooks and scripts go by it. docs/operating.md, section "Problems", says for each what to do.
 */
export const PROBLEM_CODES = Object.freeze({
  BINLOG_SERVER_FAILED: 'A binlog server does not listen at a member where it should.',
  COMMITS_STALLED: 'The leader takes events from the source that it cannot commit.',
  COORDINATOR_READ_ONLY: 'The coordinator answers, and no change is committed to it.',
  COORDINATOR_RESTORED: 'The coordinator is at an older revision than this member has seen.',
  COORDINATOR_UNREACHABLE: 'The coordinator does not answer this member.',
  DISK_FULL: 'A disk has no room for what is to be stored.',
  FOREIGN_KEYS: 'A server holds keys of slots that its group does not own.',
  JOURNAL_CLOSED: 'This member cannot open, read or continue its copy of the journal.',
  JOURNAL_SET_ASIDE: 'This member set a part of its journal aside that had been committed.',
  MASTER_DOWN: "A group's master does not answer.",
  MASTER_IS_REPLICA: "A group's master is a replica of another server.",
  MEMBER_DOWN: 'A member that votes does not run.',
  MEMBER_LAGS: 'A member that votes does not follow the journal.',
  OPERATION_PAUSED: 'An operation rests and waits for a decision.',
  PROXY_LAGS: 'A proxy does not confirm the routing that is in force.',
  PROXY_UNREACHABLE: 'A proxy has lost touch with the coordinator, or was ended without a word.',
  QUORUM_LOST: 'Fewer members run than the journal needs to commit.',
  RECORD_UNREADABLE: 'This member does not understand a record of the coordinator.',
  REPLICA_BROKEN: 'A replica does not answer, or does not have what its master has.',
  SERVER_REFUSES: 'A Redis server answers requests with errors of its own.',
  SERVER_UNFIT: 'A Redis server was replaced by one that cannot serve in a group.',
  SLOTS_UNASSIGNED: 'Slots belong to no group: requests for their keys are refused.',
  SOURCE_UNREACHABLE: 'The source is not connected, and tried again.',
  SOURCE_WARNING: 'The source is set up in a way that may cost data or replicas.',
  SYNCER_FAILED: 'The source cannot be followed until somebody decides.',
} as const);

export type ProblemCode = keyof typeof PROBLEM_CODES;
