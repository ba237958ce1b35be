import { Field, ID, Int, InputType } from 'type-graphql';
import { z } from 'zod';
import { BigIntScalar } from '../scalars.js';
import { KeysAtTarget } from '../types/redis.js';
import { adminOnly } from './admin-only.js';
import { endsWithMoveOptions, moveOptions, MoveOptions } from './move-options.js';
import { checkedBy } from './validate.js';
import { IDEMPOTENCY_KEY, groupNumber, idempotencyKey, slotNumber } from './values.js';

@InputType({ description: 'Options of the creation.' })
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
adminOnly(InitSlotsInput, ({ force }) => force);
// GraphQL fills in no default of a field when the whole input is left out: hence the default again.
checkedBy(
  InitSlotsInput,
  z.object({ force: z.boolean().default(false), acceptDataLoss: z.boolean().default(false) }),
);

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
    description: 'The treatment of keys of these slots that the group holds already.',
  })
  keysAtTarget!: keyof typeof KeysAtTarget;

  @Field(() => ID, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null;
}
adminOnly(AssignSlotsInput, ({ force }) => force);
checkedBy(
  AssignSlotsInput,
  z.object({
    from: slotNumber,
    to: slotNumber,
    group: groupNumber.nullish(),
    force: z.boolean(),
    acceptDataLoss: z.boolean(),
    keysAtTarget: z.enum(['REFUSE', 'KEEP', 'DISCARD']),
    idempotencyKey: idempotencyKey.nullish(),
  }),
);

@endsWithMoveOptions
@InputType({ description: 'Slots to move. Either from and to, or sourceGroup and count.' })
export class MoveSlotsInput extends MoveOptions {
  @Field(() => Int, { nullable: true, description: 'The first slot.' })
  from?: number | null;

  @Field(() => Int, { nullable: true, description: 'The last slot.' })
  to?: number | null;

  @Field(() => Int, { nullable: true, description: 'The group to take slots from.' })
  sourceGroup?: number | null;

  @Field(() => Int, { nullable: true, description: 'The number of slots to take from that group.' })
  count?: number | null;

  @Field(() => Int, { description: 'The group that they go to.' })
  targetGroup!: number;
}
adminOnly(MoveSlotsInput, ({ discardAtTarget }) => discardAtTarget);
checkedBy(
  MoveSlotsInput,
  z.object({
    from: slotNumber.nullish(),
    to: slotNumber.nullish(),
    sourceGroup: groupNumber.nullish(),
    count: z.number().int().min(1, 'count is at least 1.').nullish(),
    targetGroup: groupNumber,
    ...moveOptions,
  }),
);

@endsWithMoveOptions
@InputType({ description: 'Options of the rebalance.' })
export class RebalanceSlotsInput extends MoveOptions {
  @Field(() => [Int], {
    nullable: true,
    description: 'Only among these groups; null: all that have a server.',
  })
  groups?: number[] | null;
}
adminOnly(RebalanceSlotsInput, ({ discardAtTarget }) => discardAtTarget);
checkedBy(
  RebalanceSlotsInput,
  z.object({
    groups: z.array(groupNumber).min(1, 'Name at least one group, or leave it out.').nullish(),
    ...moveOptions,
  }),
);

@InputType({ description: 'New limits of all moves. What is left out stays; null lifts a limit.' })
export class SetMigrationLimitsInput {
  @Field(() => Int, { nullable: true, description: 'Keys per second and source server.' })
  keysPerSecond?: number | null;

  @Field(() => BigIntScalar, { nullable: true, description: 'Bytes of memory per second and source server.' })
  bytesPerSecond?: bigint | null;

  @Field(() => Int, {
    nullable: true,
    description: 'The number of slots that change hands together, 1 to 1024.',
  })
  slotsPerBatch?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'The number of pairs of groups that move slots at a time, 1 to 64.',
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
checkedBy(
  SetMigrationLimitsInput,
  z.object({
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
  }),
);
