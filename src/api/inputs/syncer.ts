import { Field, ID, InputType } from 'type-graphql';
import { z } from 'zod';
import { BigIntScalar } from '../scalars.js';
import { Flavour } from '../types/binlog.js';
import { tls, TlsInput } from './tls.js';
import { adminOnly } from './admin-only.js';
import { checkedBy } from './validate.js';
import {
  EXPECTED_OR_NONE,
  IDEMPOTENCY_KEY,
  gtidSet,
  idempotencyKey,
  revision,
  serverAddress,
  serverId,
  user,
  uuid,
} from './values.js';

@InputType({ description: 'The source, and the account at it.' })
export class StartSyncerInput {
  @Field(() => BigIntScalar, {
    description: 'Our server_id, 1 to 4294967295, unlike that of any server in the replication.',
  })
  serverId!: bigint;

  @Field(() => String, { description: 'Our server_uuid, unlike that of any server in the replication.' })
  serverUuid!: string;

  @Field(() => String, { description: 'HOST:PORT of the source.' })
  sourceAddress!: string;

  @Field(() => String, { description: 'An account there with REPLICATION SLAVE.' })
  user!: string;

  @Field(() => String, { description: 'The password of that user; stored encrypted and never shown.' })
  password!: string;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Let the source wait until its transactions are committed here, if it has that switched on.',
  })
  semiSync!: boolean;

  @Field(() => Flavour, { nullable: true, description: 'Refused unless the source is of this one.' })
  flavour?: keyof typeof Flavour | null;

  @Field(() => TlsInput, { nullable: true, description: 'Encryption; none: as PREFERRED.' })
  tls?: TlsInput | null;

  @Field(() => String, {
    nullable: true,
    description:
      'For an empty journal: it begins after these transactions, such as those of the dump that replicas are made ' +
      'from. None: with all that the source still has.',
  })
  startAfterGtidSet?: string | null;

  @Field(() => BigIntScalar, EXPECTED_OR_NONE)
  expectedRevision?: bigint | null;

  @Field(() => ID, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null;
}
checkedBy(
  StartSyncerInput,
  z.object({
    serverId,
    serverUuid: uuid,
    sourceAddress: serverAddress,
    user,
    password: z.string().max(1_024),
    semiSync: z.boolean(),
    flavour: z.enum(['MYSQL', 'MARIADB']).nullish(),
    tls: tls.nullish(),
    startAfterGtidSet: gtidSet.nullish(),
    expectedRevision: revision.nullish(),
    idempotencyKey: idempotencyKey.nullish(),
  }),
);

@InputType({ description: 'Options of the stop.' })
export class StopSyncerInput {
  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Also delete its settings, password and key included. The journal stays.',
  })
  forget!: boolean;
}
// GraphQL fills in no default of a field when the whole input is left out: hence the default again.
checkedBy(StopSyncerInput, z.object({ forget: z.boolean().default(false) }));

@InputType({ description: 'The transaction of the source to pass over. Exactly one of gtid and position.' })
export class SkipTransactionInput {
  @Field(() => String, {
    nullable: true,
    description:
      'The GTID of one transaction, as the source prints it. An empty transaction is stored in its place.',
  })
  gtid?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "FILE:POSITION in the source's files, of a transaction or an incident without a GTID, as the syncer's stateReason names it.",
  })
  position?: string | null;

  @Field(() => Boolean, { defaultValue: false, description: 'Only say what would become of it.' })
  dryRun!: boolean;

  @Field(() => BigIntScalar, EXPECTED_OR_NONE)
  expectedRevision?: bigint | null;
}
checkedBy(
  SkipTransactionInput,
  z
    .object({
      gtid: z.string().trim().min(1).max(200).nullish(),
      position: z
        .string()
        .trim()
        .max(600)
        .regex(/^[^:]+\.\d+:\d+$/, 'A position has the form FILE:POSITION, such as binlog.000007:4711.')
        .nullish(),
      dryRun: z.boolean(),
      expectedRevision: revision.nullish(),
    })
    .refine(
      ({ gtid, position }) => (gtid == null) !== (position == null),
      'Give exactly one of gtid and position.',
    ),
);

@InputType({ description: 'Another source. What is left out stays as it is.' })
export class SwitchSourceInput {
  @Field(() => String, { description: 'HOST:PORT of the new source.' })
  sourceAddress!: string;

  @Field(() => String, { nullable: true, description: 'An account there with REPLICATION SLAVE.' })
  user?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The password of that user; stored encrypted and never shown.',
  })
  password?: string | null;

  @Field(() => TlsInput, { nullable: true, description: 'Encryption.' })
  tls?: TlsInput | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Also to a MySQL source that lacks transactions which the journal has, such as the last ones of a source that was ' +
      'lost: they stay in the journal and in its replicas, and the new source never has them. Refused all the same ' +
      'when their GTIDs bear its own UUID, and always for MariaDB, because it would give them to other ' +
      'transactions; and when it has purged what the journal needs. Needs the role ADMIN.',
  })
  force!: boolean;

  @Field(() => Boolean, { defaultValue: false, description: 'Only try it and say what would be refused.' })
  dryRun!: boolean;
}
adminOnly(SwitchSourceInput, ({ force }) => force);
checkedBy(
  SwitchSourceInput,
  z.object({
    sourceAddress: serverAddress,
    user: user.nullish(),
    password: z.string().max(1_024).nullish(),
    tls: tls.nullish(),
    force: z.boolean(),
    dryRun: z.boolean(),
  }),
);
