import { Field, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { BigIntScalar } from '../scalars.js';
import { EXPECTED } from './redis.js';
import { groupNumber, label, password, revision, serverAddress } from './validate.js';

@InputType({ description: 'What is to be recorded of a server; what is left out stays as it is.' })
export class UpdateServerInput {
  @Field(() => Int, { description: 'Number of the group.' })
  group!: number;

  @Field(() => String, { description: 'HOST:PORT, as it was added.' })
  address!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'HOST:PORT where it is reached from now on, with the data that it has: the same process, or a replica that has the data of ' +
      'its master. Both addresses should lead to it until this has answered. Replicas are told where their master is.',
  })
  newAddress?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'What it asks for now, tried before it is stored; null when it asks for none. Replicas are told the password of their master.',
  })
  password?: string | null;

  @Field(() => String, { nullable: true, description: 'Where it stands; null when that is not to be known.' })
  dataCenter?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Only try whether the server takes the password, and is at the new address.',
  })
  dryRun!: boolean;

  @Field(() => BigIntScalar, EXPECTED)
  expectedRevision?: bigint | null;
}
export const updateServerSchema = z.object({
  group: groupNumber,
  address: serverAddress,
  newAddress: serverAddress.nullish(),
  password: password.nullish(),
  dataCenter: label.nullish(),
  dryRun: z.boolean(),
  expectedRevision: revision.nullish(),
});
