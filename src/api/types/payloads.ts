import { Field, Int, ObjectType } from 'type-graphql';
import { BigIntScalar } from '../scalars.js';
import { BinlogServer, Journal, Segment, Slave, Syncer } from './binlog.js';
import { Member } from './cluster.js';
import { Operation } from './feed.js';
import { Payload } from './payload.js';
import { Group, MigrationLimits, Proxy, Slot, SlotMove, Server } from './redis.js';

@ObjectType({ implements: Payload, description: 'What became of a change of members.' })
export class MemberPayload extends Payload {
  @Field(() => Member, { nullable: true, description: 'The member as it is now.' })
  member!: Member | null;

  @Field(() => [Member], { description: 'All members as they are now.' })
  members!: Member[];
}

@ObjectType({ implements: Payload, description: 'What became of a change of the syncer.' })
export class SyncerPayload extends Payload {
  @Field(() => Syncer, { nullable: true, description: 'The syncer as it is now.' })
  syncer!: Syncer | null;
}

@ObjectType({ implements: Payload, description: 'What became of a change of a binlog server.' })
export class BinlogServerPayload extends Payload {
  @Field(() => BinlogServer, {
    nullable: true,
    description: 'The binlog server as it is now; null when there is none.',
  })
  binlogServer!: BinlogServer | null;
}

@ObjectType({ implements: Payload, description: 'What became of disconnecting a slave.' })
export class SlavePayload extends Payload {
  @Field(() => Slave, { nullable: true, description: 'The slave as it was; null when there is none.' })
  slave!: Slave | null;
}

@ObjectType({ implements: Payload, description: 'What became of a purge of the journal.' })
export class JournalPayload extends Payload {
  @Field(() => Journal, { nullable: true, description: 'The journal as it is now.' })
  journal!: Journal | null;

  @Field(() => [Segment], { description: 'Segments that went, or with dryRun would; oldest first.' })
  segments!: Segment[];
}

@ObjectType({ implements: Payload, description: 'What became of skipping a transaction.' })
export class SkipTransactionPayload extends Payload {
  @Field(() => Syncer, { nullable: true, description: 'The syncer as it is now.' })
  syncer!: Syncer | null;

  @Field(() => String, {
    nullable: true,
    description:
      'What replicas get in its place, and what they lack from then on; for people. Null when turned down.',
  })
  consequence!: string | null;
}

@ObjectType({
  implements: Payload,
  description:
    'What became of the transactions of a journal that was restarted, and of its slaves, or with dryRun would.',
})
export class RestartJournalPayload extends Payload {
  @Field(() => Journal, { nullable: true, description: 'The journal as it is now.' })
  journal!: Journal | null;

  @Field(() => String, { description: 'The transactions that the journal holds and that go with it.' })
  discardedGtidSet!: string;

  @Field(() => String, {
    description:
      'Transactions of the journal that the new one does not count as executed. Replicas that have them are ahead of it: they ' +
      'have to be provisioned anew, unless the source sends the same ones again.',
  })
  aheadGtidSet!: string;

  @Field(() => String, {
    description:
      'Transactions behind which the new journal begins and that the present one has not had. Replicas that lack them have to be ' +
      'provisioned anew.',
  })
  missingGtidSet!: string;

  @Field(() => [Slave], {
    description: 'The slaves that are attached and are cut off; most come back by themselves.',
  })
  slaves!: Slave[];

  @Field(() => [Slave], { description: 'Those of them that cannot go on from the new journal.' })
  lostSlaves!: Slave[];

  @Field(() => String, {
    nullable: true,
    description:
      'The folder in which this member keeps the files of the old journal; the others keep theirs beside their own journal under ' +
      'the same name. Null when there are none.',
  })
  folder!: string | null;
}

@ObjectType({ implements: Payload, description: 'What became of a change of a group.' })
export class GroupPayload extends Payload {
  @Field(() => Group, { nullable: true, description: 'The group as it is now; null when there is none.' })
  group!: Group | null;
}

@ObjectType({ implements: Payload, description: 'What became of a change of what is recorded of a server.' })
export class UpdateServerPayload extends Payload {
  @Field(() => Server, { nullable: true, description: 'The server as it is now; null when there is none.' })
  server!: Server | null;
}

@ObjectType({
  implements: Payload,
  description: 'Keys of slots that a group does not own, and that it held.',
})
export class RemoveForeignKeysPayload extends Payload {
  @Field(() => Group, { nullable: true, description: 'The group as it is now; null when there is none.' })
  group!: Group | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'The number of keys that were removed, or with dryRun would be; null when turned down.',
  })
  keys!: bigint | null;

  @Field(() => [Int], { description: 'The slots whose keys they are; none when turned down.' })
  slots!: number[];
}

@ObjectType({ implements: Payload, description: 'What became of a request about long work.' })
export class OperationPayload extends Payload {
  @Field(() => Operation, { nullable: true, description: 'The operation as it is now.' })
  operation!: Operation | null;
}

@ObjectType({ implements: Payload, description: 'What became of a change of slots.' })
export class SlotsPayload extends Payload {
  @Field(() => [Slot], { description: 'The slots in question as they are now; none when turned down.' })
  slots!: Slot[];
}

@ObjectType({ implements: Payload, description: 'What will move, or with dryRun would.' })
export class MoveSlotsPayload extends Payload {
  @Field(() => Operation, {
    nullable: true,
    description: 'The operation that was started; null on a dry run.',
  })
  operation!: Operation | null;

  @Field(() => [SlotMove], { description: 'What will move, or with dryRun would.' })
  plan!: SlotMove[];
}

@ObjectType({ implements: Payload, description: 'What became of a change of the limits.' })
export class MigrationLimitsPayload extends Payload {
  @Field(() => MigrationLimits, { nullable: true, description: 'The limits as they are now.' })
  limits!: MigrationLimits | null;
}

@ObjectType({ implements: Payload, description: 'What became of a change of a proxy.' })
export class ProxyPayload extends Payload {
  @Field(() => Proxy, { nullable: true, description: 'The proxy as it is now; null when there is none.' })
  proxy!: Proxy | null;
}

@ObjectType({ implements: Payload, description: 'What became of collecting the change feed.' })
export class CollectActionsPayload extends Payload {
  @Field(() => Int, { description: 'The number of actions that were forgotten.' })
  collected!: number;
}
