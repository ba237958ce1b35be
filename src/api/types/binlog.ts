import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { BigIntScalar, DateTimeScalar } from '../scalars.js';
import { Member } from './cluster.js';
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

export const Flavour = Object.freeze({ MYSQL: 'MYSQL', MARIADB: 'MARIADB' } as const);
registerEnumType(Flavour, {
  name: 'Flavour',
  description: 'Whose binlog and GTIDs they are.',
  valuesConfig: {
    MYSQL: { description: 'MySQL: GTIDs are `uuid:number`.' },
    MARIADB: { description: 'MariaDB: GTIDs are `domain-server-number`.' },
  },
});

export const BinlogServerState = Object.freeze({
  STOPPED: 'STOPPED',
  STARTING: 'STARTING',
  RUNNING: 'RUNNING',
  FAILED: 'FAILED',
  UNREACHABLE: 'UNREACHABLE',
} as const);
registerEnumType(BinlogServerState, {
  name: 'BinlogServerState',
  description: 'A state of a binlog server.',
  valuesConfig: {
    STOPPED: { description: 'The binlog server is not to run.' },
    STARTING: { description: 'The binlog server was started and does not listen yet.' },
    RUNNING: { description: 'The binlog server listens.' },
    FAILED: {
      description:
        'The binlog server cannot listen, or its member does not run; it is tried again and again.',
    },
    UNREACHABLE: {
      description:
        'The member of the binlog server runs and does not answer; the slaves shown are those known last.',
    },
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

  @Field(() => String, { nullable: true, description: 'Why it does not run.' })
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
    description: 'Those of them that the journal no longer holds; null when executedGtidSet is.',
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

@ObjectType({ implements: Node, description: 'A file of the journal: a binlog file.' })
export class Segment extends Node {
  @Field(() => String, { description: 'The name of the segment, such as `quorate-binlog.000001`.' })
  name!: string;

  @Field(() => BigIntScalar, { description: 'Offset in the journal of its first byte.' })
  startOffset!: number;

  @Field(() => BigIntScalar, { description: 'The size of the segment, in bytes.' })
  sizeBytes!: number;

  @Field(() => String, { description: 'All GTIDs before it.' })
  previousGtidSet!: string;

  @Field(() => String, { description: 'The GTIDs in it.' })
  addedGtidSet!: string;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When its earliest transaction was committed.',
  })
  minTimestamp!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When its latest transaction was committed.' })
  maxTimestamp!: Date | null;

  @Field(() => DateTimeScalar, { description: 'When it was made, here.' })
  createdAt!: Date;
}

@ObjectType({
  implements: Node,
  description: 'The stored binlog: whole transactions of the source, as the answering member has it.',
})
export class Journal extends Node {
  @Field(() => BigIntScalar, {
    nullable: true,
    description:
      'The offset at which the journal begins, in bytes since it was first begun; null before it has begun.',
  })
  startOffset!: number | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Up to where it is committed; null before it has begun.',
  })
  committedOffset!: number | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Under which it is appended to: epoch and generation, such as `17.0`; null before it has begun.',
  })
  term!: string | null;

  @Field(() => [Member], { description: 'The members that have all that is committed on disk.' })
  holders!: Member[];

  @Field(() => BigIntScalar, {
    nullable: true,
    description:
      'Bytes on disk, without its indexes; null before it has begun, and when the answering member cannot open it.',
  })
  sizeBytes!: number | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Coordinator revision of the last change of where it begins; null before it has begun.',
  })
  revision!: bigint | null;

  @Field(() => String, {
    nullable: true,
    description:
      'All GTIDs that are committed, purged ones included; null before it has begun, and when the answering member cannot ' +
      'open it.',
  })
  executedGtidSet!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Those before its start; null when executedGtidSet is.',
  })
  purgedGtidSet!: string | null;
}

@ObjectType({ implements: Node, description: 'A replica or another client that is sent the binlog.' })
export class Slave extends Node {
  @Field(() => BigIntScalar, { description: 'Unique within its binlog server.' })
  connectionId!: number;

  @Field(() => BigIntScalar, { description: 'The server_id of the slave.' })
  serverId!: number;

  @Field(() => String, {
    nullable: true,
    description: 'The server_uuid of the slave; null when it told none.',
  })
  serverUuid!: string | null;

  @Field(() => String, { nullable: true, description: 'What it calls its host (report_host).' })
  hostName!: string | null;

  @Field(() => String, { description: 'HOST:PORT that it comes from.' })
  address!: string;

  @Field(() => String, { description: 'The user that the slave logged in as.' })
  user!: string;

  @Field(() => Flavour, { description: 'The protocol that the slave speaks.' })
  flavour!: keyof typeof Flavour;

  @Field(() => Boolean, { description: 'Whether it asked for semi-synchronous replication.' })
  semiSync!: boolean;

  @Field(() => DateTimeScalar, { description: 'Since when it is connected.' })
  connectedAt!: Date;

  @Field(() => String, { nullable: true, description: 'The GTID that it was sent last.' })
  currentGtid!: string | null;

  @Field(() => BigIntScalar, { description: "The journal's offset up to which it has been sent." })
  offset!: number;

  @Field(() => BigIntScalar, { description: 'Committed bytes that it has not been sent.' })
  lagBytes!: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'The age of what the slave was sent last, in seconds, while it lags; null before anything was sent.',
  })
  lagSeconds!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Events sent to it, over the last seconds; null, as the next, while it is stale.',
  })
  eventsPerSecond!: number | null;

  @Field(() => Float, { nullable: true, description: 'Bytes of them.' })
  bytesPerSecond!: number | null;

  @Field(() => Boolean, {
    description:
      'Whether the member that it is attached to does not answer: it may be gone. Positions are those told last, lagSeconds and ' +
      'rates are null. After a minute it is forgotten.',
  })
  stale!: boolean;

  /** For field resolvers. */
  serverName!: string;
  memberName!: string;
}

@ObjectType({
  implements: Node,
  description:
    'A listener that looks to replicas like the source. Of one on another member, state and slaves are as that member has ' +
    'said last, a second ago at most while it answers.',
})
export class BinlogServer extends Node {
  @Field(() => String, { description: 'Unique in the cluster.' })
  name!: string;

  @Field(() => Member, {
    description: 'The member that it runs on; of one that runs on every member, the answering one.',
  })
  member!: Member;

  @Field(() => Boolean, { description: 'Whether it runs on every member.' })
  onEveryMember!: boolean;

  @Field(() => String, { description: 'HOST:PORT that it listens at.' })
  address!: string;

  @Field(() => String, { description: 'The user that replicas log in as.' })
  user!: string;

  @Field(() => Boolean, { description: 'Whether a password is stored; it is never shown.' })
  passwordSet!: boolean;

  @Field(() => Boolean, { description: 'Whether it offers TLS.' })
  tls!: boolean;

  @Field(() => BinlogServerState, {
    description:
      'The state of the binlog server; of one that runs on every member, the worst that it is on any.',
  })
  state!: keyof typeof BinlogServerState;

  @Field(() => String, { nullable: true, description: 'Why it does not listen, and where.' })
  stateReason!: string | null;

  @Field(() => [Slave], { description: 'The slaves that are attached, at all members.' })
  slaves!: Slave[];

  @Field(() => String, { nullable: true, description: 'The GTID that was committed last.' })
  currentGtid!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'What replicas of the answering member are told as gtid_executed, or as binlog state; null before the journal has begun, ' +
      'and when that member cannot open it.',
  })
  executedGtidSet!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'What can no longer be asked for; null when executedGtidSet is.',
  })
  purgedGtidSet!: string | null;

  @Field(() => String, { nullable: true, description: 'The newest file, as replicas are told.' })
  lastBinlogFile!: string | null;

  @Field(() => BigIntScalar, { nullable: true, description: 'The end of what is committed in it, in bytes.' })
  lastFilePosition!: number | null;

  @Field(() => BigIntScalar, { description: "Coordinator revision of this record's last change." })
  revision!: bigint;
}
