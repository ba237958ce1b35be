import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { ServerRecord } from '../../redis/topology/records.js';
import { BigIntScalar, DateTimeScalar } from '../scalars.js';
import { Operation } from './feed.js';
import { Node } from './node.js';

/** By name in the API: what a record says. */
const ServerRole = Object.freeze({
  MASTER: 'MASTER',
  REPLICA: 'SLAVE',
  OFFLINE: 'OFFLINE',
} as const satisfies Record<string, ServerRecord['type']>);
registerEnumType(ServerRole, {
  name: 'ServerRole',
  description: 'The role of a server in its group.',
  valuesConfig: {
    MASTER: { description: 'Takes the writes.' },
    REPLICA: { description: 'Replicates from the master.' },
    OFFLINE: { description: 'The server was the master, and is out of use.' },
  },
});

export const KeysAtTarget = Object.freeze({ REFUSE: 'REFUSE', KEEP: 'KEEP', DISCARD: 'DISCARD' } as const);
registerEnumType(KeysAtTarget, {
  name: 'KeysAtTarget',
  description:
    'The treatment of keys that a server holds of slots that it is to get. They are from another life of it: an import, ' +
    'or what it held when it had the slots before.',
  valuesConfig: {
    REFUSE: { description: 'Change nothing when there are any, and say how many.' },
    KEEP: { description: 'Serve them.' },
    DISCARD: { description: 'Remove them first.' },
  },
});

export const MoveSpeed = Object.freeze({ GENTLE: 'GENTLE', FAST: 'FAST' } as const);
registerEnumType(MoveSpeed, {
  name: 'MoveSpeed',
  description: 'A share of its source that a move of slots takes.',
  valuesConfig: {
    GENTLE: {
      description:
        'The move takes what clients hardly feel: it slows down when requests at the source take longer than before the move, as the ' +
        'proxies see it, but never below a seventh of the time of the server.',
    },
    FAST: {
      description:
        'The move takes what it can, within setMigrationLimits. Clients may wait several times as long.',
    },
  },
});

export const SlotStatus = Object.freeze({
  OFFLINE: 'OFFLINE',
  ONLINE: 'ONLINE',
  PRE_MIGRATE: 'PRE_MIGRATE',
  MIGRATE: 'MIGRATE',
} as const);
export type SlotStatus = keyof typeof SlotStatus;
registerEnumType(SlotStatus, {
  name: 'SlotStatus',
  description: 'A state of a slot: it says where the requests of the slot go.',
  valuesConfig: {
    OFFLINE: { description: 'To nobody: it has no group, and requests are answered with an error.' },
    ONLINE: { description: 'To its group.' },
    PRE_MIGRATE: { description: 'Held for a moment, because the slot is about to move.' },
    MIGRATE: { description: 'To the target group; a key still at the old one is brought over first.' },
  },
});

@ObjectType({ implements: Node, description: 'A Redis server of a group, as the answering member sees it.' })
export class Server extends Node {
  @Field(() => String, { description: 'HOST:PORT.' })
  address!: string;

  @Field(() => ServerRole, { description: 'The role that the server has in its group.' })
  role!: ServerRecord['type'];

  @Field(() => String, {
    nullable: true,
    description: 'The data center of the server, as given when it was added; null when none was given.',
  })
  dataCenter!: string | null;

  @Field(() => Boolean, { description: 'Whether proxies may send reads to it although it is a replica.' })
  replicaReads!: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'The product that the server runs, e.g. `redis` or `valkey`; null while unknown.',
  })
  engine!: string | null;

  @Field(() => String, { nullable: true, description: 'Version of what it runs.' })
  version!: string | null;

  @Field(() => Boolean, { description: 'Whether it answered at the last look, at most some seconds ago.' })
  reachable!: boolean;

  @Field(() => BigIntScalar, { nullable: true, description: 'Keys in all its databases.' })
  keys!: number | null;

  @Field(() => BigIntScalar, { nullable: true, description: 'Memory in use, in bytes.' })
  usedMemory!: number | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Memory that it may use, in bytes; 0: no limit.',
  })
  maxMemory!: number | null;

  @Field(() => Float, { nullable: true, description: 'Commands per second, by its own account.' })
  opsPerSecond!: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether the link of a replica to its master is up; null for a master, and when it is not known.',
  })
  masterLinkUp!: boolean | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description:
      "The bytes that a replica lacks of its master's stream; null for a master, and when they are not known.",
  })
  replicationLag!: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'The problem of the server, as a sentence; null when there is none.',
  })
  problem!: string | null;
}

@ObjectType({ implements: Node, description: 'A Redis master with its replicas.' })
export class Group extends Node {
  @Field(() => Int, { description: 'The number of the group, 1 to 9999.' })
  number!: number;

  @Field(() => [Server], { description: 'The master first.' })
  servers!: Server[];

  @Field(() => Server, {
    nullable: true,
    description: 'The server that takes the writes; null in an empty group.',
  })
  master!: Server | null;

  @Field(() => Int, {
    description:
      'The number of slots that the group owns; slots that move to it count once they have arrived.',
  })
  slotCount!: number;

  @Field(() => String, { nullable: true, description: 'Address of the server that is being made master.' })
  promoting!: string | null;

  @Field(() => Boolean, { description: 'Whether a server of it is not what it is to be.' })
  outOfSync!: boolean;

  @Field(() => Boolean, { description: 'Whether a replica takes over by itself when the master is down.' })
  autoFailover!: boolean;

  @Field(() => BigIntScalar, { description: "Coordinator revision of this record's last change." })
  revision!: bigint;
}

@ObjectType({ implements: Node, description: 'One of the 1024 shards of the key space.' })
export class Slot extends Node {
  @Field(() => Int, { description: '0 to 1023: crc32 of the key, or of its {tag}, modulo 1024.' })
  number!: number;

  @Field(() => Group, {
    nullable: true,
    description: 'The group that owns it; while it moves, the one it leaves.',
  })
  group!: Group | null;

  @Field(() => SlotStatus, { description: 'The state of the slot.' })
  status!: SlotStatus;

  @Field(() => Group, { nullable: true, description: 'The group that it moves to.' })
  targetGroup!: Group | null;

  @Field(() => Operation, { nullable: true, description: 'The long work that has claimed it.' })
  operation!: Operation | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'The time of its last change.' })
  lastChangedAt!: Date | null;

  @Field(() => BigIntScalar, {
    description: "Coordinator revision of its record's last change; 64 neighbouring slots share a record.",
  })
  revision!: bigint;

  /** For field resolvers. */
  groupNumber!: number | null;
}

@ObjectType({ description: 'Neighbouring slots that are alike.' })
export class SlotRange {
  @Field(() => Int, { description: 'The first.' })
  from!: number;

  @Field(() => Int, { description: 'The last.' })
  to!: number;

  @Field(() => SlotStatus, { description: 'Their status.' })
  status!: SlotStatus;

  @Field(() => Group, { nullable: true, description: 'The group that owns them.' })
  group!: Group | null;

  @Field(() => Group, { nullable: true, description: 'The group that they move to.' })
  targetGroup!: Group | null;
}

@ObjectType({ description: "One slot's way in a move." })
export class SlotMove {
  @Field(() => Int, { description: 'The slot.' })
  slot!: number;

  @Field(() => Int, { nullable: true, description: 'The group that it leaves.' })
  fromGroup!: number | null;

  @Field(() => Int, { description: 'The group that it goes to.' })
  toGroup!: number;
}

@ObjectType({ description: 'The limits that all moves of slots keep together; null: no limit.' })
export class MigrationLimits {
  @Field(() => Int, { nullable: true, description: 'Keys per second and source server.' })
  keysPerSecond!: number | null;

  @Field(() => BigIntScalar, { nullable: true, description: 'Bytes of memory per second and source server.' })
  bytesPerSecond!: number | null;

  @Field(() => Int, { description: 'The number of slots that change hands together.' })
  slotsPerBatch!: number;

  @Field(() => Int, {
    description: 'The number of pairs of groups that move slots at a time; no group is in two.',
  })
  parallelPairs!: number;

  @Field(() => Int, {
    nullable: true,
    description:
      'Moves slow down when the source takes longer than this for a trivial command, in milliseconds.',
  })
  sourceLatencyMs!: number | null;

  @Field(() => BigIntScalar, {
    description:
      'A larger key is not moved, since both servers stand still while one moves: the operation pauses and ' +
      'names it. Bytes of memory, as MEMORY USAGE estimates them.',
  })
  maxKeyBytes!: number;
}
