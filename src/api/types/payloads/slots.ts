import { Field, ObjectType } from 'type-graphql';
import { Operation } from '../feed.js';
import { Payload } from '../payload.js';
import { MigrationLimits, Slot, SlotMove } from '../redis.js';

/** The answer to a change of slots. */
@ObjectType({ implements: Payload })
export abstract class SlotsChange extends Payload {
  @Field(() => [Slot], { description: 'The slots in question as they are now; none when turned down.' })
  slots!: Slot[];
}

@ObjectType({ description: 'The result of creating the slots.' })
export class InitSlotsPayload extends SlotsChange {}

@ObjectType({ description: 'The result of giving slots to a group.' })
export class AssignSlotsPayload extends SlotsChange {}

/** The answer to the start of a move. */
@ObjectType({ implements: Payload })
export abstract class StartedMove extends Payload {
  @Field(() => Operation, {
    nullable: true,
    description: 'The operation that was started; null on a dry run.',
  })
  operation!: Operation | null;

  @Field(() => [SlotMove], { description: 'The plan: the slots that move, or with dryRun would.' })
  plan!: SlotMove[];
}

@ObjectType({ description: 'The plan: the slots that move, or with dryRun would.' })
export class MoveSlotsPayload extends StartedMove {}

@ObjectType({ description: 'The plan: the slots that move so that all are spread, or with dryRun would.' })
export class RebalanceSlotsPayload extends StartedMove {}

@ObjectType({ implements: Payload, description: 'The result of a change of the limits.' })
export class SetMigrationLimitsPayload extends Payload {
  @Field(() => MigrationLimits, { nullable: true, description: 'The limits as they are now.' })
  limits!: MigrationLimits | null;
}
