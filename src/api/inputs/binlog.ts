import { Field, InputType, registerEnumType } from 'type-graphql';
import { z } from 'zod';
import { TLS_MODES } from '../../binlog/syncer/source-options.js';
import { BigIntScalar, DateTimeScalar } from '../scalars.js';
import { Flavour } from '../types/binlog.js';
import { label, password, revision, serverAddress, serverId, user, uuid } from './validate.js';

const EXPECTED = {
  nullable: true,
  description: "Refused with CONFLICT unless the object's revision is this one; 0: unless there is none.",
} as const;

/** A server that has had many sources tells of some hundred kilobytes; the coordinator takes no more. */
const gtidSet = z.string().max(600_000);

const TlsMode = Object.freeze({
  DISABLED: 'DISABLED',
  PREFERRED: 'PREFERRED',
  REQUIRED: 'REQUIRED',
  VERIFY_CA: 'VERIFY_CA',
  VERIFY_IDENTITY: 'VERIFY_IDENTITY',
} as const);
registerEnumType(TlsMode, {
  name: 'TlsMode',
  description: 'Whether a connection is encrypted, and whose certificate is accepted.',
  valuesConfig: {
    DISABLED: { description: 'Never.' },
    PREFERRED: { description: 'When the other side can, whatever its certificate.' },
    REQUIRED: { description: 'Not without, whatever its certificate.' },
    VERIFY_CA: { description: 'Not without, and its certificate is signed by a known authority.' },
    VERIFY_IDENTITY: { description: 'As VERIFY_CA, and its certificate names its host.' },
  },
});

@InputType({ description: 'ca, cert and key are PEM texts; key is never shown again.' })
export class TlsInput {
  @Field(() => TlsMode, { defaultValue: 'PREFERRED', description: 'Whether, and whom to trust.' })
  mode!: keyof typeof TlsMode;

  @Field(() => String, {
    nullable: true,
    description: 'The authorities to trust; none: those that the system of the member trusts.',
  })
  ca?: string | null;

  @Field(() => String, { nullable: true, description: 'Our certificate.' })
  cert?: string | null;

  @Field(() => String, { nullable: true, description: 'Its key; stored encrypted.' })
  key?: string | null;
}
const pem = z.string().max(65_536, 'A PEM text has at most 65536 characters.');
const tls = z.object({
  mode: z.enum(TLS_MODES),
  ca: pem.nullish(),
  cert: pem.nullish(),
  key: pem.nullish(),
});

@InputType({ description: 'What to follow, and as whom.' })
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

  @Field(() => String, { description: 'Its password; stored encrypted and never shown.' })
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

  @Field(() => BigIntScalar, EXPECTED)
  expectedRevision?: bigint | null;
}
export const startSyncerSchema = z.object({
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
});

@InputType({ description: 'How to stop the syncer.' })
export class StopSyncerInput {
  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Also delete its settings, password and key included. The journal stays.',
  })
  forget!: boolean;
}
// GraphQL fills in no default of a field when the whole input is left out: hence the default again.
export const stopSyncerSchema = z.object({ forget: z.boolean().default(false) });

@InputType({ description: 'What of the source to pass over. Exactly one of gtid and position.' })
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

  @Field(() => BigIntScalar, EXPECTED)
  expectedRevision?: bigint | null;
}
export const skipTransactionSchema = z
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
  );

@InputType({ description: 'Another source. What is left out stays as it is.' })
export class SwitchSourceInput {
  @Field(() => String, { description: 'HOST:PORT of the new source.' })
  sourceAddress!: string;

  @Field(() => String, { nullable: true, description: 'An account there with REPLICATION SLAVE.' })
  user?: string | null;

  @Field(() => String, { nullable: true, description: 'Its password; stored encrypted and never shown.' })
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
export const switchSourceSchema = z.object({
  sourceAddress: serverAddress,
  user: user.nullish(),
  password: z.string().max(1_024).nullish(),
  tls: tls.nullish(),
  force: z.boolean(),
  dryRun: z.boolean(),
});

@InputType({ description: 'A binlog server. member null: on every member.' })
export class StartBinlogServerInput {
  @Field(() => String, { description: 'Unique in the cluster.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'The member to run on; null: every member.' })
  member?: string | null;

  @Field(() => String, { description: 'HOST:PORT to listen at.' })
  address!: string;

  @Field(() => String, { description: 'Whom replicas log in as.' })
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

  @Field(() => BigIntScalar, EXPECTED)
  expectedRevision?: bigint | null;
}
export const startBinlogServerSchema = z.object({
  name: label,
  member: label.nullish(),
  address: serverAddress,
  user,
  password,
  tls: tls.nullish(),
  expectedRevision: revision.nullish(),
});

@InputType({ description: 'An object by its name.' })
export class NameInput {
  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => BigIntScalar, EXPECTED)
  expectedRevision?: bigint | null;
}
export const nameSchema = z.object({ name: label, expectedRevision: revision.nullish() });

@InputType({ description: 'A slave to disconnect; it may come again.' })
export class DisconnectSlaveInput {
  @Field(() => String, { description: 'Name of the binlog server.' })
  binlogServer!: string;

  @Field(() => BigIntScalar, { description: "The slave's connectionId." })
  connectionId!: bigint;

  @Field(() => String, {
    nullable: true,
    description:
      'Name of the member where it is attached. Needed only when slaves at several have the same connectionId.',
  })
  member?: string | null;
}
export const disconnectSlaveSchema = z.object({
  binlogServer: label,
  connectionId: z
    .bigint()
    .min(1n, 'A connectionId is positive.')
    .max(2n ** 53n - 1n)
    .transform(Number),
  member: label.nullish(),
});

@InputType({ description: 'Behind which transactions another journal is to begin.' })
export class RestartJournalInput {
  @Field(() => String, {
    description:
      'All transactions before it, such as gtid_executed of a dump; empty: it begins with the first of all.',
  })
  gtidSet!: string;

  @Field(() => Boolean, { defaultValue: false, description: 'Only say what would be lost.' })
  dryRun!: boolean;

  @Field(() => BigIntScalar, EXPECTED)
  expectedRevision?: bigint | null;
}
export const restartJournalSchema = z.object({
  gtidSet: gtidSet,
  dryRun: z.boolean(),
  expectedRevision: revision.nullish(),
});

@InputType({ description: 'What to keep of the journal. Exactly one of keepBytes, olderThan, toSegment.' })
export class PurgeJournalInput {
  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'At least so many bytes at the end; only whole segments go.',
  })
  keepBytes?: bigint | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'Segments go whose transactions are all older than this.',
  })
  olderThan?: Date | null;

  @Field(() => String, { nullable: true, description: 'Segments before the one of this name go.' })
  toSegment?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Also what an attached slave has not been sent yet: it has to be provisioned anew. Needs the role ADMIN.',
  })
  force!: boolean;

  @Field(() => Boolean, { defaultValue: false, description: 'Only say which segments would go.' })
  dryRun!: boolean;
}
export const purgeJournalSchema = z
  .object({
    keepBytes: z
      .bigint()
      .min(0n, 'keepBytes is not negative.')
      .max(2n ** 53n - 1n)
      .nullish(),
    olderThan: z.date().nullish(),
    toSegment: z.string().max(64).nullish(),
    force: z.boolean(),
    dryRun: z.boolean(),
  })
  .refine(
    ({ keepBytes, olderThan, toSegment }) =>
      [keepBytes, olderThan, toSegment].filter((each) => each != null).length === 1,
    'Give exactly one of keepBytes, olderThan and toSegment.',
  );
