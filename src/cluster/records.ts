import { z } from 'zod';
import { Collection } from './collection.js';

/** A running `quorate serve`; lives and dies with its session. */
export const memberRecord = z.object({
  name: z.string(),
  /** Unique per process start. */
  incarnation: z.string(),
  /** Where the other members reach its API. */
  adminUrls: z.array(z.string()),
  peerUrls: z.array(z.string()),
  version: z.string(),
  /** The level of changes that it understands; version 0.1.0 announced none. */
  featureLevel: z.number().default(1),
  pid: z.number(),
  hostName: z.string(),
  startedAt: z.string(),
});
export type MemberRecord = z.infer<typeof memberRecord>;

/** Value of the leadership key. */
export const leaderRecord = z.object({ member: z.string(), incarnation: z.string() });
export type LeaderRecord = z.infer<typeof leaderRecord>;

/** Who is to lead after the leader of that epoch; the others let it go first for a moment. */
export const successionRecord = z.object({ to: z.string(), epoch: z.string() });
export type SuccessionRecord = z.infer<typeof successionRecord>;

export const ACTION_TYPES = [
  'MEMBER_ADDED',
  'MEMBER_UPDATED',
  'MEMBER_REMOVED',
  'LEADER_CHANGED',
  'SYNCER_CHANGED',
  'BINLOG_SERVER_CHANGED',
  'JOURNAL_PURGED',
  'JOURNAL_RESTARTED',
  'TRANSACTION_SKIPPED',
  'GROUP_CHANGED',
  'GROUP_REMOVE',
  'SLOT_CHANGED',
  'MULTI_SLOT_CHANGED',
  'SLOT_PREMIGRATE',
  'SLOT_MIGRATE',
  'PROXY_CHANGED',
  'OPERATION_CHANGED',
  'SETTINGS_CHANGED',
] as const;
export type ActionType = (typeof ACTION_TYPES)[number];

/** One entry of the action feed. Its id is the proposal's, its revision that of its key's creation. */
export const actionRecord = z.object({
  type: z.enum(ACTION_TYPES),
  description: z.string(),
  actor: z.string(),
  at: z.string(),
  /** What it was done to, e.g. `group/1` or `slot/0-511`. */
  target: z.string(),
  /** Proxies that were asked to confirm it. */
  receivers: z.array(z.string()),
  /** The member that proposed it. */
  proposedBy: z.string(),
});
export type ActionRecord = z.infer<typeof actionRecord>;

/** `<action id>/<proxy name>`: that the proxy had applied the action, and when. */
export const receiptRecord = z.object({ confirmedAt: z.string() });
export type ReceiptRecord = z.infer<typeof receiptRecord>;

export const OPERATION_KINDS = [
  'MOVE_SLOTS',
  'REBALANCE',
  'ASSIGN_SLOTS',
  'PROMOTE',
  'RESYNC_GROUP',
  'JOIN_MEMBER',
] as const;
export type OperationKind = (typeof OPERATION_KINDS)[number];
export const OPERATION_STATES = [
  'PENDING',
  'RUNNING',
  'PAUSED',
  'CANCELLING',
  'SUCCEEDED',
  'FAILED',
  'CANCELLED',
] as const;
export type OperationState = (typeof OPERATION_STATES)[number];

export const operationRecord = z.object({
  kind: z.enum(OPERATION_KINDS),
  state: z.enum(OPERATION_STATES),
  title: z.string(),
  done: z.number(),
  total: z.number().nullable(),
  unit: z.string(),
  /** Units per second, measured over the last seconds of work. */
  rate: z.number().nullable(),
  /** What it holds back for, in a sentence; null when it does not. */
  pace: z.string().nullish(),
  error: z.string().nullable(),
  /** Whether it is being undone, also while it rests: then resuming it goes on with that. */
  returning: z.boolean().default(false),
  startedBy: z.string(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
});
export type OperationRecord = z.infer<typeof operationRecord>;

/** A change that was made once under a key; see `idempotency.ts`. */
export const idempotencyRecord = z.object({
  /** A digest of what was asked for, with a key of its own: it may hold passwords. */
  digest: z.string(),
  /** The id of the proposal; its revision is that of this record. */
  proposal: z.string(),
  /** The member that proposed it. */
  committedBy: z.string(),
  at: z.string(),
  /** More of the answer, if it needs anything. */
  answer: z.unknown().optional(),
});
export type IdempotencyRecord = z.infer<typeof idempotencyRecord>;

export const collections = {
  members: new Collection<MemberRecord>('members/', memberRecord),
  leadership: new Collection<LeaderRecord>('leadership/', leaderRecord),
  succession: new Collection<SuccessionRecord>('succession/', successionRecord),
  actions: new Collection<ActionRecord>('actions/', actionRecord),
  receipts: new Collection<ReceiptRecord>('receipts/', receiptRecord),
  operations: new Collection<OperationRecord>('operations/', operationRecord),
  /** By a digest of actor and key. */
  idempotency: new Collection<IdempotencyRecord>('idempotency/', idempotencyRecord),
  /** `actions`: the revision up to which the feed has been collected. */
  floors: new Collection<{ revision: string }>('floors/', z.object({ revision: z.string() })),
  /** `leader`: written anew while nothing else is, as proof that changes can be made. */
  heartbeats: new Collection<{ at: string }>('heartbeats/', z.object({ at: z.string() })),
  /** `<code>/<subject>`: when a leader first found a problem that is still there. */
  problems: new Collection<{ since: string }>('problems/', z.object({ since: z.string() })),
  /** `fingerprint`: tells a process that was started with another cluster's secret key. */
  secrets: new Collection<{ fingerprint: string }>('secrets/', z.object({ fingerprint: z.string() })),
};

/** The key that makes its holder the leader. */
export const LEADER_KEY = collections.leadership.key('leader');

export const SUCCESSION_KEY = collections.succession.key('next');

/** Whether nothing will change about the operation any more. */
export function isFinished(state: OperationState): boolean {
  return state === 'SUCCEEDED' || state === 'FAILED' || state === 'CANCELLED';
}
