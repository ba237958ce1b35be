import { Field, ID, Int, InputType } from 'type-graphql';
import { z } from 'zod';
import { BigIntScalar } from '../scalars.js';
import { checkedBy } from './validate.js';
import { EXPECTED, IDEMPOTENCY_KEY, groupNumber, idempotencyKey, revision, serverAddress } from './values.js';

@InputType({ description: 'A new group.' })
export class CreateGroupInput {
  @Field(() => Int, { description: 'The number of the group, 1 to 9999.' })
  number!: number;
}
checkedBy(CreateGroupInput, z.object({ number: groupNumber }));

@InputType({ description: 'A group to remove.' })
export class RemoveGroupInput {
  @Field(() => Int, { description: 'The number of the group.' })
  number!: number;

  @Field(() => BigIntScalar, EXPECTED)
  expectedRevision?: bigint | null;
}
checkedBy(RemoveGroupInput, z.object({ number: groupNumber, expectedRevision: revision.nullish() }));

@InputType({ description: 'A group whose servers are to be pointed at their master again.' })
export class ResyncGroupInput {
  @Field(() => Int, { description: 'Number of the group.' })
  group!: number;

  @Field(() => ID, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null;
}
checkedBy(ResyncGroupInput, z.object({ group: groupNumber, idempotencyKey: idempotencyKey.nullish() }));

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
checkedBy(
  SetReplicaReadsInput,
  z.object({
    group: groupNumber,
    address: serverAddress.nullish(),
    enabled: z.boolean(),
  }),
);

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
checkedBy(
  RemoveForeignKeysInput,
  z.object({
    group: groupNumber,
    dryRun: z.boolean(),
    expectedRevision: revision.nullish(),
  }),
);

@InputType({ description: 'Whether a replica takes over by itself.' })
export class SetAutoFailoverInput {
  @Field(() => Int, { description: 'Number of the group.' })
  group!: number;

  @Field(() => Boolean, { description: 'On or off.' })
  enabled!: boolean;
}
checkedBy(SetAutoFailoverInput, z.object({ group: groupNumber, enabled: z.boolean() }));
