import { Field, Int, ObjectType } from 'type-graphql';
import { Operation } from '../feed.js';
import { Payload } from '../payload.js';

/** The answer to a request about long work. */
@ObjectType({ implements: Payload })
export abstract class OperationChange extends Payload {
  @Field(() => Operation, { nullable: true, description: 'The operation as it is now.' })
  operation!: Operation | null;
}

@ObjectType({ description: 'The result of making a replica the master.' })
export class PromoteServerPayload extends OperationChange {}

@ObjectType({ description: 'The result of pointing the replicas of a group at its master.' })
export class ResyncGroupPayload extends OperationChange {}

@ObjectType({ description: 'The result of cancelling long work.' })
export class CancelOperationPayload extends OperationChange {}

@ObjectType({ description: 'The result of pausing long work.' })
export class PauseOperationPayload extends OperationChange {}

@ObjectType({ description: 'The result of resuming long work.' })
export class ResumeOperationPayload extends OperationChange {}

@ObjectType({ implements: Payload, description: 'The result of collecting the action feed.' })
export class CollectActionsPayload extends Payload {
  @Field(() => Int, {
    nullable: true,
    description: 'The number of actions that were forgotten; null when turned down.',
  })
  collected!: number | null;
}
