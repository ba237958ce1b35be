import { Field, Float, ObjectType, registerEnumType } from 'type-graphql';
import { BigIntScalar, DateTimeScalar } from '../scalars.js';
import { Member } from './cluster.js';
import { Node } from './node.js';

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

  @Field(() => String, {
    nullable: true,
    description: 'The host name that the slave reports (report_host); null when it reports none.',
  })
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

  @Field(() => String, {
    nullable: true,
    description: 'The reason why the binlog server does not listen, and the member; null when it listens.',
  })
  stateReason!: string | null;

  @Field(() => [Slave], { description: 'The slaves that are attached, at all members.' })
  slaves!: Slave[];

  @Field(() => String, { nullable: true, description: 'The GTID that was committed last.' })
  currentGtid!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Transactions that replicas of the answering member are told as gtid_executed, or as binlog state; null before the journal has begun, ' +
      'and when that member cannot open it.',
  })
  executedGtidSet!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Transactions that the binlog server can no longer send; null when executedGtidSet is.',
  })
  purgedGtidSet!: string | null;

  @Field(() => String, { nullable: true, description: 'The newest file, as replicas are told.' })
  lastBinlogFile!: string | null;

  @Field(() => BigIntScalar, { nullable: true, description: 'The end of what is committed in it, in bytes.' })
  lastFilePosition!: number | null;

  @Field(() => BigIntScalar, { description: "Coordinator revision of this record's last change." })
  revision!: bigint;
}
