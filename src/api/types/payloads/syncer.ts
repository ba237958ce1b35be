import { Field, ObjectType } from 'type-graphql';
import { Syncer } from '../syncer.js';
import { Payload } from '../payload.js';

/** The answer to a change of the syncer. */
@ObjectType({ implements: Payload })
export abstract class SyncerChange extends Payload {
  @Field(() => Syncer, { nullable: true, description: 'The syncer as it is now.' })
  syncer!: Syncer | null;
}

@ObjectType({ description: 'The result of starting the syncer.' })
export class StartSyncerPayload extends SyncerChange {}

@ObjectType({ description: 'The result of stopping the syncer.' })
export class StopSyncerPayload extends SyncerChange {}

@ObjectType({ description: 'The result of switching to another source.' })
export class SwitchSourcePayload extends SyncerChange {}

@ObjectType({ description: 'The result of skipping a transaction.' })
export class SkipTransactionPayload extends SyncerChange {
  @Field(() => String, {
    nullable: true,
    description:
      'The consequence: what replicas get in its place, and what they lack from then on. Null when turned down.',
  })
  consequence!: string | null;
}
