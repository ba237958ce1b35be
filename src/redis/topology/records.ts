import { z } from 'zod';
import { Collection } from '../../cluster/collection.js';

export const SERVER_TYPES = ['MASTER', 'SLAVE', 'OFFLINE'] as const;

export const serverRecord = z.object({
  /** Stays the same when the server gets another address. Absent from 0.1.0: see `server-ids.ts`. */
  id: z.string().optional(),
  /** `host:port`. */
  address: z.string(),
  type: z.enum(SERVER_TYPES),
  dataCenter: z.string().nullable(),
  /** Whether proxies may send reads to it although it is a replica. */
  replicaReads: z.boolean(),
  /** Sealed with the cluster's secret key; null when the server asks for none. */
  password: z.string().nullable(),
  /**
   * What the process called itself when it was added; another one answers after a restart. It stays the same when the server gets
   * another address. Null from 0.1.0.
   */
  runId: z.string().nullable().default(null),
});
export type ServerRecord = z.infer<typeof serverRecord>;

/** A Redis master with its replicas; at most one server is MASTER, and only an empty group has none. */
export const groupRecord = z.object({
  number: z.number(),
  servers: z.array(serverRecord),
  promoting: z.string().nullable(),
  outOfSync: z.boolean(),
  autoFailover: z.boolean(),
});
export type GroupRecord = z.infer<typeof groupRecord>;

export const SLOT_STATUSES = ['OFFLINE', 'ONLINE', 'PRE_MIGRATE', 'MIGRATE'] as const;

/**
 * One slot. `group` is null exactly when it is OFFLINE; `targetGroup` is set in PRE_MIGRATE and MIGRATE, but not in
 * PRE_MIGRATE of a slot that is to become OFFLINE; `operation` is the long work that has claimed the slot, from its planning to its end.
 */
export const slotRecord = z.object({
  status: z.enum(SLOT_STATUSES),
  group: z.number().nullable(),
  targetGroup: z.number().nullable(),
  operation: z.string().nullable(),
  changedAt: z.string(),
});
export type SlotRecord = z.infer<typeof slotRecord>;

/** Slots are stored 64 to a record, so that a change of all 1024 fits in one transaction. */
export const SLOTS_PER_RECORD = 64;
export const slotsRecord = z.object({ slots: z.array(slotRecord).length(SLOTS_PER_RECORD) });
export type SlotsRecord = z.infer<typeof slotsRecord>;

export const PROXY_STATES = ['ONLINE', 'OFFLINE', 'MARK_OFFLINE', 'FENCED'] as const;

/**
 * A registered proxy. It stays when the process is gone without saying so, because until it is fenced its
 * late commands have to be reckoned with.
 */
export const proxyRecord = z.object({
  name: z.string(),
  incarnation: z.string(),
  address: z.string(),
  adminAddress: z.string().nullable(),
  /**
   * ONLINE serves; MARK_OFFLINE was asked to stop; OFFLINE has stopped and said so; FENCED was cut from
   * every server. The last two have no request under way and none to come.
   */
  state: z.enum(PROXY_STATES),
  pid: z.number(),
  /** Processes that serve clients. */
  workers: z.number().default(1),
  hostName: z.string(),
  dataCenter: z.string().nullable(),
  version: z.string(),
  /** The level of changes that it understands; version 0.1.0 announced none. */
  featureLevel: z.number().default(1),
  startedAt: z.string(),
  lastEvent: z.string(),
  lastEventAt: z.string(),
});
export type ProxyRecord = z.infer<typeof proxyRecord>;

export const proxySessionRecord = z.object({
  incarnation: z.string(),
  /** After this long without a sign of life the record is gone, in milliseconds. */
  ttlMs: z.number(),
});
export type ProxySessionRecord = z.infer<typeof proxySessionRecord>;

export const proxyAckRecord = z.object({
  incarnation: z.string(),
  /** The newest revision that the proxy has applied, as a decimal string. */
  revision: z.string(),
  /** What keeps it from applying a newer one; null when nothing does. */
  waitingFor: z.string().nullable(),
  /** Whether clients can connect; version 0.1.0 did not say. */
  listening: z.boolean().default(true),
});
export type ProxyAckRecord = z.infer<typeof proxyAckRecord>;

/** A string of that size stops its servers for about 50 ms, a hash of small fields for 350 ms. */
const MAX_KEY_BYTES = 16 * 2 ** 20;

export const migrationLimitsRecord = z.object({
  keysPerSecond: z.number().nullable(),
  bytesPerSecond: z.number().nullable(),
  slotsPerBatch: z.number(),
  parallelPairs: z.number(),
  sourceLatencyMs: z.number().nullable(),
  maxKeyBytes: z.number().default(MAX_KEY_BYTES),
});
export type MigrationLimits = z.infer<typeof migrationLimitsRecord>;

export const DEFAULT_LIMITS: MigrationLimits = Object.freeze({
  keysPerSecond: null,
  bytesPerSecond: null,
  slotsPerBatch: 128,
  parallelPairs: 4,
  sourceLatencyMs: null,
  maxKeyBytes: MAX_KEY_BYTES,
});

/**
 * Keys of slots that a server holds before it gets those slots, from another life of it: nobody gets them unless that is
 * asked for, since they are not what clients have written last.
 */
export const KEYS_AT_TARGET = ['REFUSE', 'KEEP', 'DISCARD'] as const;
export type KeysAtTarget = (typeof KEYS_AT_TARGET)[number];

/** Whether a move of slots holds back for the clients of its source, or takes what it can get. */
export const MOVE_SPEEDS = ['GENTLE', 'FAST'] as const;
export type MoveSpeed = (typeof MOVE_SPEEDS)[number];

/** What a move of slots set out to do. */
export const movePlanRecord = z.object({
  /** [slot, from group, to group] */
  moves: z.array(z.tuple([z.number(), z.number(), z.number()])),
  /** Written by version 0.1.0 only: whether an error stopped it on its way back; now in the operation's record. */
  returning: z.boolean().default(false),
  /** Whether keys of these slots that the targets hold before the move are removed there; otherwise the move stops. */
  discardAtTarget: z.boolean().default(false),
  /** Moves that version 0.1.0 has planned are held back as well. */
  speed: z.enum(MOVE_SPEEDS).default('GENTLE'),
});
export type MovePlan = z.infer<typeof movePlanRecord>;

/** What a change of slots' owners, without their data, set out to do; see migration/assignment-runner.ts. */
export const assignmentRecord = z.object({
  /** The new owner; null makes the slots OFFLINE. */
  group: z.number().nullable(),
  /** What to do with keys of these slots that the new owner holds already. */
  keysAtTarget: z.enum(KEYS_AT_TARGET),
  /** Whether the old owners are given up with the requests that are under way there. */
  acceptDataLoss: z.boolean(),
  /** What each slot was before it was claimed, to which it returns when a proxy does not confirm. */
  before: z.array(z.object({ number: z.number(), slot: slotRecord })),
});
export type AssignmentRecord = z.infer<typeof assignmentRecord>;

/**
 * A server that was given up, by its address: the requests that were on their way to it for these slots are waited for
 * no longer. It gets none of them before it has answered and its old connections have been cut (`fences.ts`).
 */
export const abandonedRecord = z.object({
  slots: z.array(z.number()),
  /** The operation by which it was given up last. */
  operation: z.string(),
  since: z.string(),
});
export type AbandonedRecord = z.infer<typeof abandonedRecord>;

/** The keys of slots that a group does not own, as they were last counted at its master. */
export const foreignKeysRecord = z.object({
  /** The master's address. */
  server: z.string(),
  /** The server, its life and its group's slots: when any of them changes, the count says nothing any more. */
  basis: z.string(),
  keys: z.number(),
  /** How many slots they are of. */
  slots: z.number(),
  /** These slots, as people write them. */
  named: z.string(),
});
export type ForeignKeysRecord = z.infer<typeof foreignKeysRecord>;

export const topologyCollections = {
  groups: new Collection<GroupRecord>('groups/', groupRecord),
  /** By address: the group that a server belongs to. Makes an address unique over all groups. */
  servers: new Collection<{ group: number }>('servers/', z.object({ group: z.number() })),
  /** By run id: as which address a process was added. Makes it one server, under however many names it is added at once. */
  identities: new Collection<{ address: string }>('server-identities/', z.object({ address: z.string() })),
  slots: new Collection<SlotsRecord>('slots/', slotsRecord),
  proxies: new Collection<ProxyRecord>('proxies/', proxyRecord),
  /** Under the proxy's session: that its process is alive. */
  proxySessions: new Collection<ProxySessionRecord>('proxy-sessions/', proxySessionRecord),
  /** Under the proxy's session. */
  proxyAcks: new Collection<ProxyAckRecord>('proxy-acks/', proxyAckRecord),
  limits: new Collection<MigrationLimits>('migration-limits/', migrationLimitsRecord),
  plans: new Collection<MovePlan>('operation-plans/', movePlanRecord),
  /** By operation. */
  assignments: new Collection<AssignmentRecord>('slot-assignments/', assignmentRecord),
  /** By address. */
  abandoned: new Collection<AbandonedRecord>('abandoned-servers/', abandonedRecord),
  /** By group. */
  foreignKeys: new Collection<ForeignKeysRecord>('foreign-keys/', foreignKeysRecord),
};
