import { Field, Int, ObjectType } from 'type-graphql';
import { BigIntScalar } from '../../scalars.js';
import { Payload } from '../payload.js';
import { Group, Server } from '../redis.js';

/** The answer to a change of a group. */
@ObjectType({ implements: Payload })
export abstract class GroupChange extends Payload {
  @Field(() => Group, { nullable: true, description: 'The group as it is now; null when there is none.' })
  group!: Group | null;
}

@ObjectType({ description: 'The result of making a group.' })
export class CreateGroupPayload extends GroupChange {}

@ObjectType({ description: 'The result of removing a group.' })
export class RemoveGroupPayload extends GroupChange {}

@ObjectType({ description: 'The result of taking a server into a group.' })
export class AddServerPayload extends GroupChange {}

@ObjectType({ description: 'The result of taking a server out of its group.' })
export class RemoveServerPayload extends GroupChange {}

@ObjectType({ description: 'The result of a change of whether replicas answer reads.' })
export class SetReplicaReadsPayload extends GroupChange {}

@ObjectType({ description: 'The result of a change of whether a replica takes over by itself.' })
export class SetAutoFailoverPayload extends GroupChange {}

@ObjectType({
  description: 'Keys of slots that a group does not own, and that it held.',
})
export class RemoveForeignKeysPayload extends GroupChange {
  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'The number of keys that were removed, or with dryRun would be; null when turned down.',
  })
  keys!: bigint | null;

  @Field(() => [Int], { description: 'The slots whose keys they are; none when turned down.' })
  slots!: number[];
}

@ObjectType({ implements: Payload, description: 'The result of a change of what is recorded of a server.' })
export class UpdateServerPayload extends Payload {
  @Field(() => Server, { nullable: true, description: 'The server as it is now; null when there is none.' })
  server!: Server | null;
}
