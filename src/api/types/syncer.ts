import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { BigIntScalar, DateTimeScalar } from '../scalars.js';
import { Flavour } from './binlog.js';
import { Node } from './node.js';

export const SyncerState = Object.freeze({
  STOPPED: 'STOPPED',
  CONNECTING: 'CONNECTING',
  RUNNING: 'RUNNING',
  RETRYING: 'RETRYING',
  FAILED: 'FAILED',
} as const);
registerEnumType(SyncerState, {
  name: 'SyncerState',
  description: 'A state of the syncer.',
  valuesConfig: {
    STOPPED: { description: 'The syncer is not to run.' },
    CONNECTING: { description: 'The syncer was started, and its first event has not come.' },
    RUNNING: { description: 'The syncer follows its source.' },
    RETRYING: { description: 'The source was lost; it is tried again and again.' },
    FAILED: { description: 'Somebody has to change something; it is tried again now and then.' },
  },
});

@ObjectType({
  implements: Node,
  description: "The leader's connection to the MySQL or MariaDB server that is followed.",
})
export class Syncer extends Node {
  @Field(() => SyncerState, {
    description: 'The state of the syncer, as the member that leads has said last, a second ago at most.',
  })
  state!: keyof typeof SyncerState;

  @Field(() => String, { nullable: true, description: 'The reason why it does not run; null when it runs.' })
  stateReason!: string | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'The server_id of the syncer, to the source and to slaves.',
  })
  serverId!: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'The server_uuid of the syncer, to the source and to slaves.',
  })
  serverUuid!: string | null;

  @Field(() => String, { nullable: true, description: 'HOST:PORT of the source.' })
  sourceAddress!: string | null;

  @Field(() => String, { nullable: true, description: 'The user that the syncer logs in as.' })
  user!: string | null;

  @Field(() => Boolean, { description: 'Whether a password is stored; it is never shown.' })
  passwordSet!: boolean;

  @Field(() => Boolean, { description: 'Whether semi-synchronous replication is wanted.' })
  semiSync!: boolean;

  @Field(() => Boolean, {
    description: 'Whether the source waits for its acknowledgements: it is wanted, and on at the source.',
  })
  semiSyncActive!: boolean;

  @Field(() => Flavour, {
    nullable: true,
    description:
      "The journal's flavour; before the journal begins, the source's as it said; null when neither is known.",
  })
  flavour!: keyof typeof Flavour | null;

  @Field(() => String, { nullable: true, description: 'Version of the source, as it said last.' })
  sourceVersion!: string | null;

  @Field(() => String, { nullable: true, description: 'The GTID that was committed last.' })
  currentGtid!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'All GTIDs that are committed in the journal, purged ones included; null before it has begun, and when the answering ' +
      'member cannot open it.',
  })
  executedGtidSet!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The executed transactions that the journal no longer holds; null when executedGtidSet is.',
  })
  purgedGtidSet!: string | null;

  @Field(() => String, { nullable: true, description: 'The file of the source in which it reads.' })
  lastBinlogFile!: string | null;

  @Field(() => BigIntScalar, { nullable: true, description: 'The position in that file, in bytes.' })
  lastFilePosition!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'The age of the newest transaction that has come, in seconds; 0 when nothing is left to come.',
  })
  secondsBehindSource!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Events of the source, over the last seconds; null, as the next, while the member that leads does not say.',
  })
  eventsPerSecond!: number | null;

  @Field(() => Float, { nullable: true, description: 'Bytes of them.' })
  bytesPerSecond!: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Since when it follows without a break.' })
  connectedAt!: Date | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'The number of failures of the connection since the member that leads started; null while that does not say.',
  })
  reconnects!: number | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: "Coordinator revision of its settings' last change; null when there are none.",
  })
  revision!: bigint | null;
}
