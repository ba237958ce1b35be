import { Field, Float, ObjectType, registerEnumType } from 'type-graphql';
import {
  ACTION_TYPES,
  OPERATION_KINDS,
  OPERATION_STATES,
  type ActionType as ActionTypeName,
  type OperationKind as OperationKindName,
  type OperationState as OperationStateName,
} from '../../cluster/records.js';
import { BigIntScalar, DateTimeScalar } from '../scalars.js';
import { connectionOf, type Connection } from './connection.js';
import { Node } from './node.js';

function enumOf<T extends string>(values: readonly T[]): { readonly [K in T]: K } {
  return Object.freeze(Object.fromEntries(values.map((value) => [value, value]))) as { readonly [K in T]: K };
}

const { GROUP_REMOVE, SLOT_PREMIGRATE, SLOT_MIGRATE, ...namedAlike } = enumOf(ACTION_TYPES);

/** By name in the API: what a record says. All names are of what has happened; three of version 0.1.0 were not. */
export const ActionType = Object.freeze({
  ...namedAlike,
  GROUP_REMOVED: GROUP_REMOVE,
  SLOT_MIGRATION_PREPARED: SLOT_PREMIGRATE,
  SLOT_MIGRATION_STARTED: SLOT_MIGRATE,
});
registerEnumType(ActionType, {
  name: 'ActionType',
  description: 'The kind of a change.',
  valuesConfig: {
    MEMBER_ADDED: { description: 'A member came.' },
    MEMBER_UPDATED: { description: 'A member changed its addresses.' },
    MEMBER_REMOVED: { description: 'A member was taken out.' },
    LEADER_CHANGED: { description: 'Another member leads.' },
    SYNCER_CHANGED: { description: 'The syncer was started, stopped or pointed elsewhere.' },
    BINLOG_SERVER_CHANGED: { description: 'A binlog server was started, stopped or removed.' },
    JOURNAL_PURGED: { description: 'Old segments were purged.' },
    JOURNAL_RESTARTED: { description: 'The journal was set aside, and another one began in its place.' },
    TRANSACTION_SKIPPED: { description: 'A transaction of the source was passed over.' },
    GROUP_CHANGED: { description: 'A group or its servers changed.' },
    GROUP_REMOVED: { description: 'A group was removed.' },
    SLOT_CHANGED: { description: 'One slot changed hands.' },
    MULTI_SLOT_CHANGED: { description: 'Several slots changed hands.' },
    SLOT_MIGRATION_PREPARED: { description: 'Requests of slots are held, because they are about to move.' },
    SLOT_MIGRATION_STARTED: { description: 'Slots move: requests bring their keys over.' },
    PROXY_CHANGED: { description: 'A proxy came, went or changed its state.' },
    OPERATION_CHANGED: { description: 'Long work was planned, paused, resumed, cancelled or finished.' },
    SETTINGS_CHANGED: { description: 'A setting changed, or the feed was collected.' },
  },
});

export const OperationKind = enumOf(OPERATION_KINDS);
registerEnumType(OperationKind, {
  name: 'OperationKind',
  description: 'The kind of an operation.',
  valuesConfig: {
    MOVE_SLOTS: { description: 'Moves slots with their keys to a group.' },
    REBALANCE: { description: 'Moves slots until all groups have as many.' },
    ASSIGN_SLOTS: { description: 'Gives slots to a group, or to none, without moving their data.' },
    PROMOTE: { description: 'Makes a replica the master of its group.' },
    RESYNC_GROUP: { description: "Points a group's replicas at its master." },
    JOIN_MEMBER: { description: 'Brings a new member up to date.' },
  },
});

export const OperationDirection = Object.freeze({ FORWARD: 'FORWARD', BACK: 'BACK' } as const);
registerEnumType(OperationDirection, {
  name: 'OperationDirection',
  description: 'Whether long work goes on, or is undone.',
  valuesConfig: {
    FORWARD: { description: 'The operation is carried out.' },
    BACK: { description: 'The operation was cancelled, and what was half done is being undone.' },
  },
});

export const OperationState = enumOf(OPERATION_STATES);
registerEnumType(OperationState, {
  name: 'OperationState',
  description: 'A state of long work.',
  valuesConfig: {
    PENDING: { description: 'Planned; the leader has not begun.' },
    RUNNING: { description: 'Under way.' },
    PAUSED: { description: 'Stopped half-way by somebody or by an error; it can be resumed or cancelled.' },
    CANCELLING: { description: 'On its way back.' },
    SUCCEEDED: { description: 'Done.' },
    FAILED: { description: 'The operation cannot go on.' },
    CANCELLED: { description: 'Undone.' },
  },
});

@ObjectType({ description: 'That a proxy has applied a change.' })
export class ActionReceipt {
  @Field(() => String, { description: 'Name of the proxy that was asked.' })
  proxy!: string;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'The time at which the proxy had applied the change; null: not yet.',
  })
  confirmedAt!: Date | null;
}

@ObjectType({ implements: Node, description: 'One entry of the action feed.' })
export class Action extends Node {
  @Field(() => BigIntScalar, {
    description: 'Revision at which the change committed; no two actions share one.',
  })
  revision!: bigint;

  @Field(() => ActionType, { description: 'The kind of change.' })
  type!: ActionTypeName;

  @Field(() => String, { description: 'For people.' })
  description!: string;

  @Field(() => String, {
    description: 'The name of whoever did it: a token, `local`, a member, or `quorate` itself.',
  })
  actor!: string;

  @Field(() => DateTimeScalar, { description: 'The time at which it was proposed.' })
  at!: Date;

  @Field(() => String, { description: 'The object that was changed, e.g. `group/1` or `slot/0-511`.' })
  target!: string;

  @Field(() => [ActionReceipt], {
    description: 'The proxies that were asked to confirm it, as they have so far.',
  })
  receivers!: ActionReceipt[];
}

@ObjectType({ implements: Node, description: 'Long work with progress.' })
export class Operation extends Node {
  @Field(() => OperationKind, { description: 'The kind of the operation.' })
  kind!: OperationKindName;

  @Field(() => OperationState, { description: 'The present state of the operation.' })
  state!: OperationStateName;

  @Field(() => String, { description: 'For people.' })
  title!: string;

  @Field(() => BigIntScalar, { description: 'The part that is done, counted in `unit`.' })
  done!: bigint;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'The whole, as counted at the start; null when it is not known.',
  })
  total!: bigint | null;

  @Field(() => String, { description: 'The unit of `done` and `total`, e.g. `keys`.' })
  unit!: string;

  @Field(() => Float, { nullable: true, description: 'Units per second at present.' })
  rate!: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'The pace of a move of slots: why and by how much it holds back; null when it does not.',
  })
  pace!: string | null;

  @Field(() => Float, { nullable: true, description: 'Seconds until it is done at the present rate.' })
  etaSeconds!: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'The reason why it is paused or has failed; null when neither is so.',
  })
  error!: string | null;

  @Field(() => String, { description: 'The name of whoever started the operation.' })
  startedBy!: string;

  @Field(() => DateTimeScalar, { description: 'The time at which it was started.' })
  startedAt!: Date;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'The time at which it ended, in whichever way; null while it runs.',
  })
  finishedAt!: Date | null;

  @Field(() => OperationDirection, {
    description:
      'Whether it is carried out or undone. Resuming it goes on that way, unless another is asked for.',
  })
  direction!: keyof typeof OperationDirection;

  @Field(() => Boolean, { description: 'Whether cancelOperation would take it.' })
  cancellable!: boolean;

  @Field(() => BigIntScalar, { description: "Coordinator revision of this record's last change." })
  revision!: bigint;
}

export const OperationConnection = connectionOf(Operation, 'A page of operations, newest first.');
export type OperationConnection = Connection<Operation>;

export const ActionConnection = connectionOf(Action, 'A page of the action feed, oldest first.');
export type ActionConnection = Connection<Action>;
