import { Field, ObjectType } from 'type-graphql';
import { Syncer } from '../syncer.js';
import { Payload } from '../payload.js';

/** What a change of the syncer answers. */
@ObjectType({ implements: Payload })
export abstract class SyncerChange extends Payload {
  @Field(() => Syncer, { nullable: true, description: 'The syncer as it is now.' })
  syncer!: Syncer | null;
}

@ObjectType({ description: 'What became of starting the syncer.' })
export class StartSyncerPayload extends SyncerChange {}

@ObjectType({ description: 'What became of stopping the syncer.' })
export class StopSyncerPayload extends SyncerChange {}

@ObjectType({ description: 'What became of switching to another source.' })
export class SwitchSourcePayload extends SyncerChange {}

@ObjectType({ description: 'What became of skipping a transaction.' })
export class SkipTransactionPayload extends SyncerChange {
  @Field(() => String, {
    nullable: true,
    description:
      'What replicas get in its place, and what they lack from then on; for people. Null when turned down.',
  })
  consequence!: string | null;
}
