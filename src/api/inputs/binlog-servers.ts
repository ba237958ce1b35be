import { Field, ID, InputType } from 'type-graphql';
import { z } from 'zod';
import { BigIntScalar } from '../scalars.js';
import { tls, TlsInput } from './tls.js';
import { checkedBy } from './validate.js';
import {
  EXPECTED_OR_NONE,
  IDEMPOTENCY_KEY,
  idempotencyKey,
  label,
  password,
  revision,
  serverAddress,
  user,
} from './values.js';

@InputType({ description: 'A binlog server. member null: on every member.' })
export class StartBinlogServerInput {
  @Field(() => String, { description: 'Unique in the cluster.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'The member to run on; null: every member.' })
  member?: string | null;

  @Field(() => String, { description: 'HOST:PORT to listen at.' })
  address!: string;

  @Field(() => String, { description: 'The user that replicas log in as.' })
  user!: string;

  @Field(() => String, { description: 'With which password; stored encrypted and never shown.' })
  password!: string;

  @Field(() => TlsInput, {
    nullable: true,
    description:
      'PREFERRED, or none: TLS is offered, and replicas decide. REQUIRED: nobody is let in without. DISABLED: it is ' +
      'not offered. Without cert and key each member makes a certificate of its own and keeps it in its data directory.',
  })
  tls?: TlsInput | null;

  @Field(() => BigIntScalar, EXPECTED_OR_NONE)
  expectedRevision?: bigint | null;

  @Field(() => ID, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null;
}
checkedBy(
  StartBinlogServerInput,
  z.object({
    name: label,
    member: label.nullish(),
    address: serverAddress,
    user,
    password,
    tls: tls.nullish(),
    expectedRevision: revision.nullish(),
    idempotencyKey: idempotencyKey.nullish(),
  }),
);

/** A binlog server by its name. */
@InputType()
abstract class BinlogServerName {
  @Field(() => String, { description: 'The name of the binlog server.' })
  name!: string;

  @Field(() => BigIntScalar, EXPECTED_OR_NONE)
  expectedRevision?: bigint | null;
}
const binlogServerName = z.object({ name: label, expectedRevision: revision.nullish() });

@InputType({ description: 'A binlog server to stop.' })
export class StopBinlogServerInput extends BinlogServerName {}
checkedBy(StopBinlogServerInput, binlogServerName);

@InputType({ description: 'A binlog server to forget.' })
export class RemoveBinlogServerInput extends BinlogServerName {}
checkedBy(RemoveBinlogServerInput, binlogServerName);

@InputType({ description: 'A slave to disconnect; it may come again.' })
export class DisconnectSlaveInput {
  @Field(() => String, { description: 'Name of the binlog server.' })
  binlogServer!: string;

  @Field(() => BigIntScalar, { description: "The slave's connectionId." })
  connectionId!: number;

  @Field(() => String, {
    nullable: true,
    description:
      'Name of the member where it is attached. Needed only when slaves at several have the same connectionId.',
  })
  member?: string | null;
}
checkedBy(
  DisconnectSlaveInput,
  z.object({
    binlogServer: label,
    connectionId: z
      .bigint()
      .min(1n, 'A connectionId is positive.')
      .max(2n ** 53n - 1n)
      .transform(Number),
    member: label.nullish(),
  }),
);
