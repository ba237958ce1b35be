import { Field, Int, InputType } from 'type-graphql';
import { z } from 'zod';
import { BigIntScalar } from '../scalars.js';
import { KeysAtTarget, MoveSpeed, ProxyState } from '../types/redis.js';
import { MOVE_SPEEDS } from '../../redis/topology/records.js';
import { groupNumber, label, password, revision, serverAddress, slotNumber } from './validate.js';

/** How every `expectedRevision` is described. */
export const EXPECTED = {
  nullable: true,
  description: "Refused with CONFLICT unless the object's revision is this one.",
} as const;

@InputType({ description: 'A new group.' })
export class CreateGroupInput {
  @Field(() => Int, { description: 'Its number, 1 to 9999.' })
  number!: number;
}
export const createGroupSchema = z.object({ number: groupNumber });

@InputType({ description: 'A group to remove.' })
export class RemoveGroupInput {
  @Field(() => Int, { description: 'Its number.' })
  number!: number;

  @Field(() => BigIntScalar, EXPECTED)
  expectedRevision?: bigint | null;
}
export const removeGroupSchema = z.object({ number: groupNumber, expectedRevision: revision.nullish() });

@InputType({ description: 'A Redis server to take into a group.' })
export class AddServerInput {
  @Field(() => Int, { description: 'Number of the group.' })
  group!: number;

  @Field(() => String, { description: 'HOST:PORT, as the proxies and the other servers reach it.' })
  address!: string;

  @Field(() => String, { nullable: true, description: 'What it asks for; stored encrypted and never shown.' })
  password?: string | null;

  @Field(() => String, { nullable: true, description: 'Where it stands.' })
  dataCenter?: string | null;

  @Field(() => BigIntScalar, EXPECTED)
  expectedRevision?: bigint | null;
}
export const addServerSchema = z.object({
  group: groupNumber,
  address: serverAddress,
  password: password.nullish(),
  dataCenter: label.nullish(),
  expectedRevision: revision.nullish(),
});

@InputType({ description: 'A server to take out of its group; it keeps running as it is.' })
export class RemoveServerInput {
  @Field(() => Int, { description: 'Number of the group.' })
  group!: number;

  @Field(() => String, { description: 'HOST:PORT, as it was added.' })
  address!: string;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Also the master of other servers. Needs the role ADMIN.',
  })
  force!: boolean;

  @Field(() => BigIntScalar, EXPECTED)
  expectedRevision?: bigint | null;
}
export const removeServerSchema = z.object({
  group: groupNumber,
  address: serverAddress,
  force: z.boolean(),
  expectedRevision: revision.nullish(),
});

@InputType({ description: 'A replica to make the master.' })
export class PromoteServerInput {
  @Field(() => Int, { description: 'Number of the group.' })
  group!: number;

  @Field(() => String, { description: 'HOST:PORT of the replica.' })
  address!: string;

  @Field(() => Boolean, { defaultValue: false, description: 'Even when it lacks changes of the master.' })
  force!: boolean;
}

@InputType({ description: 'A group whose servers are to be pointed at their master again.' })
export class ResyncGroupInput {
  @Field(() => Int, { description: 'Number of the group.' })
  group!: number;
}

@InputType({ description: 'Whether replicas answer reads.' })
export class SetReplicaReadsInput {
  @Field(() => Int, { description: 'Number of the group.' })
  group!: number;

  @Field(() => String, { nullable: true, description: 'One server of it; null: all.' })
  address?: string | null;

  @Field(() => Boolean, {
    description: 'On or off. What a replica answers may be older than the last write.',
  })
  enabled!: boolean;
}
export const setReplicaReadsSchema = z.object({
  group: groupNumber,
  address: serverAddress.nullish(),
  enabled: z.boolean(),
});

@InputType({ description: 'From which group to remove keys of slots that it does not own.' })
export class RemoveForeignKeysInput {
  @Field(() => Int, { description: 'Number of the group.' })
  group!: number;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Only say how many there are, and of which slots.',
  })
  dryRun!: boolean;

  @Field(() => BigIntScalar, EXPECTED)
  expectedRevision?: bigint | null;
}
export const removeForeignKeysSchema = z.object({
  group: groupNumber,
  dryRun: z.boolean(),
  expectedRevision: revision.nullish(),
});

@InputType({ description: 'Whether a replica takes over by itself.' })
export class SetAutoFailoverInput {
  @Field(() => Int, { description: 'Number of the group.' })
  group!: number;

  @Field(() => Boolean, { description: 'On or off.' })
  enabled!: boolean;
}

@InputType({ description: 'How to create the slots.' })
export class InitSlotsInput {
  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Also when they exist: all go OFFLINE, their data stay where they are. Needs the role ADMIN.',
  })
  force!: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'With force: as in assignSlots, give up the old owners, which may be dead.',
  })
  acceptDataLoss!: boolean;
}

@InputType({ description: 'Slots to give to a group without moving data.' })
export class AssignSlotsInput {
  @Field(() => Int, { description: 'The first slot.' })
  from!: number;

  @Field(() => Int, { description: 'The last slot.' })
  to!: number;

  @Field(() => Int, { nullable: true, description: 'Number of the group; null: OFFLINE.' })
  group?: number | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Also slots that have a group: their data stay behind. Needs the role ADMIN.',
  })
  force!: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'With force: give up the old owners, which may be dead, with the requests under way there, and take slots also ' +
      'from moves that are paused. What clients had written there and was not copied is lost. End the old servers for ' +
      'certain first, or keep them from coming back.',
  })
  acceptDataLoss!: boolean;

  @Field(() => KeysAtTarget, {
    defaultValue: 'REFUSE',
    description: 'What to do with keys of these slots that the group holds already.',
  })
  keysAtTarget!: keyof typeof KeysAtTarget;
}
export const assignSlotsSchema = z.object({
  from: slotNumber,
  to: slotNumber,
  group: groupNumber.nullish(),
  force: z.boolean(),
  acceptDataLoss: z.boolean(),
  keysAtTarget: z.enum(['REFUSE', 'KEEP', 'DISCARD']),
});

@InputType({ description: 'Slots to move. Either from and to, or sourceGroup and count.' })
export class MoveSlotsInput {
  @Field(() => Int, { nullable: true, description: 'The first slot.' })
  from?: number | null;

  @Field(() => Int, { nullable: true, description: 'The last slot.' })
  to?: number | null;

  @Field(() => Int, { nullable: true, description: 'The group to take slots from.' })
  sourceGroup?: number | null;

  @Field(() => Int, { nullable: true, description: 'How many of its slots.' })
  count?: number | null;

  @Field(() => Int, { description: 'The group that they go to.' })
  targetGroup!: number;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Only say what would move. A key of our own is sent there as a rehearsal, as before the move itself.',
  })
  dryRun!: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Removes keys of these slots that their target holds already, from another life of it, before the slots set out. ' +
      'Otherwise the move stops there. Needs the role ADMIN.',
  })
  discardAtTarget!: boolean;

  @Field(() => MoveSpeed, {
    defaultValue: MoveSpeed.GENTLE,
    description: 'Whether the move holds back for the clients of its source.',
  })
  speed!: keyof typeof MoveSpeed;
}
export const moveSlotsSchema = z.object({
  from: slotNumber.nullish(),
  to: slotNumber.nullish(),
  sourceGroup: groupNumber.nullish(),
  count: z.number().int().min(1, 'count is at least 1.').nullish(),
  targetGroup: groupNumber,
  dryRun: z.boolean(),
  discardAtTarget: z.boolean(),
  speed: z.enum(MOVE_SPEEDS).default('GENTLE'),
});

@InputType({ description: 'How to spread the slots.' })
export class RebalanceSlotsInput {
  @Field(() => [Int], {
    nullable: true,
    description: 'Only among these groups; null: all that have a server.',
  })
  groups?: number[] | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Only say what would move. A key of our own is sent there as a rehearsal, as before the move itself.',
  })
  dryRun!: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Removes keys of these slots that their target holds already, from another life of it, before the slots set out. ' +
      'Otherwise the move stops there. Needs the role ADMIN.',
  })
  discardAtTarget!: boolean;

  @Field(() => MoveSpeed, {
    defaultValue: MoveSpeed.GENTLE,
    description: 'Whether the move holds back for the clients of its source.',
  })
  speed!: keyof typeof MoveSpeed;
}
// GraphQL fills in no default of a field when the whole input is left out: hence the default again.
export const rebalanceSlotsSchema = z.object({
  groups: z.array(groupNumber).min(1, 'Name at least one group, or leave it out.').nullish(),
  dryRun: z.boolean().default(false),
  discardAtTarget: z.boolean().default(false),
  speed: z.enum(MOVE_SPEEDS).default('GENTLE'),
});

@InputType({ description: 'New limits of all moves. What is left out stays; null lifts a limit.' })
export class MigrationLimitsInput {
  @Field(() => Int, { nullable: true, description: 'Keys per second and source server.' })
  keysPerSecond?: number | null;

  @Field(() => BigIntScalar, { nullable: true, description: 'Bytes of memory per second and source server.' })
  bytesPerSecond?: bigint | null;

  @Field(() => Int, { nullable: true, description: 'How many slots change hands together, 1 to 1024.' })
  slotsPerBatch?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'How many pairs of groups move slots at a time, 1 to 64.',
  })
  parallelPairs?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Slow down above this latency of the source, in milliseconds.',
  })
  sourceLatencyMs?: number | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'The largest key that is moved, in bytes of memory.',
  })
  maxKeyBytes?: bigint | null;
}
const atLeastOne = (name: string) => z.number().int().min(1, `${name} is at least 1, or null for no limit.`);
export const migrationLimitsSchema = z.object({
  keysPerSecond: atLeastOne('keysPerSecond').nullish(),
  bytesPerSecond: z
    .bigint()
    .min(1n, 'bytesPerSecond is at least 1, or null for no limit.')
    .max(2n ** 53n)
    .nullish(),
  slotsPerBatch: z
    .number()
    .int()
    .min(1, 'slotsPerBatch is 1 to 1024.')
    .max(1_024, 'slotsPerBatch is 1 to 1024.')
    .nullish(),
  parallelPairs: z
    .number()
    .int()
    .min(1, 'parallelPairs is 1 to 64.')
    .max(64, 'parallelPairs is 1 to 64.')
    .nullish(),
  sourceLatencyMs: atLeastOne('sourceLatencyMs').nullish(),
  maxKeyBytes: z
    .bigint()
    .min(1n, 'maxKeyBytes is at least 1.')
    .max(2n ** 53n)
    .nullish(),
});

@InputType({ description: 'What a proxy is to do.' })
export class SetProxyStateInput {
  @Field(() => String, { description: 'Name of the proxy.' })
  name!: string;

  @Field(() => ProxyState, {
    description:
      'ONLINE: serve. OFFLINE: stop serving, waiting until it has. FENCED: cut it off from every server; it must ' +
      'be out of touch with the coordinator, and the role ADMIN is needed.',
  })
  state!: keyof typeof ProxyState;
}
export const setProxyStateSchema = z.object({
  name: label,
  state: z.enum(['ONLINE', 'OFFLINE', 'FENCED'], { error: 'A proxy can be set ONLINE, OFFLINE or FENCED.' }),
});

@InputType({ description: 'A proxy to forget.' })
export class RemoveProxyInput {
  @Field(() => String, { description: 'Name of the proxy.' })
  name!: string;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Fence it first, whether it answers or not. Needs the role ADMIN.',
  })
  force!: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'With force: leave out servers that cannot be asked to cut its connections. End its process for certain first: ' +
      'what it still changes there is lost.',
  })
  acceptDataLoss!: boolean;
}
export const removeProxySchema = z.object({ name: label, force: z.boolean(), acceptDataLoss: z.boolean() });
