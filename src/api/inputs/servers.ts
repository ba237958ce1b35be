import { Field, ID, Int, InputType } from 'type-graphql';
import { z } from 'zod';
import { BigIntScalar } from '../scalars.js';
import { adminOnly } from './admin-only.js';
import { checkedBy } from './validate.js';
import {
  EXPECTED,
  IDEMPOTENCY_KEY,
  groupNumber,
  idempotencyKey,
  label,
  password,
  revision,
  serverAddress,
} from './values.js';

@InputType({ description: 'A Redis server to take into a group.' })
export class AddServerInput {
  @Field(() => Int, { description: 'Number of the group.' })
  group!: number;

  @Field(() => String, { description: 'HOST:PORT, as the proxies and the other servers reach it.' })
  address!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The password that the server asks for; stored encrypted and never shown.',
  })
  password?: string | null;

  @Field(() => String, { nullable: true, description: 'The data center of the server.' })
  dataCenter?: string | null;

  @Field(() => BigIntScalar, EXPECTED)
  expectedRevision?: bigint | null;

  @Field(() => ID, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null;
}
checkedBy(
  AddServerInput,
  z.object({
    group: groupNumber,
    address: serverAddress,
    password: password.nullish(),
    dataCenter: label.nullish(),
    expectedRevision: revision.nullish(),
    idempotencyKey: idempotencyKey.nullish(),
  }),
);

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
adminOnly(RemoveServerInput, ({ force }) => force);
checkedBy(
  RemoveServerInput,
  z.object({
    group: groupNumber,
    address: serverAddress,
    force: z.boolean(),
    expectedRevision: revision.nullish(),
  }),
);

@InputType({ description: 'A replica to make the master.' })
export class PromoteServerInput {
  @Field(() => Int, { description: 'Number of the group.' })
  group!: number;

  @Field(() => String, { description: 'HOST:PORT of the replica.' })
  address!: string;

  @Field(() => Boolean, { defaultValue: false, description: 'Even when it lacks changes of the master.' })
  force!: boolean;

  @Field(() => ID, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null;
}
checkedBy(
  PromoteServerInput,
  z.object({
    group: groupNumber,
    address: serverAddress,
    force: z.boolean(),
    idempotencyKey: idempotencyKey.nullish(),
  }),
);

@InputType({ description: 'The new record of a server; fields that are left out stay as they are.' })
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
      'The password that the server asks for now, tried before it is stored; null when it asks for none. Replicas are told the password of their master.',
  })
  password?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The data center of the server; null when none is to be known.',
  })
  dataCenter?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Only try whether the server takes the password, and is at the new address.',
  })
  dryRun!: boolean;

  @Field(() => BigIntScalar, EXPECTED)
  expectedRevision?: bigint | null;
}
checkedBy(
  UpdateServerInput,
  z.object({
    group: groupNumber,
    address: serverAddress,
    newAddress: serverAddress.nullish(),
    password: password.nullish(),
    dataCenter: label.nullish(),
    dryRun: z.boolean(),
    expectedRevision: revision.nullish(),
  }),
);
