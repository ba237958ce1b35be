import { Field, ObjectType } from 'type-graphql';
import { BigIntScalar, DateTimeScalar } from '../scalars.js';
import { Member } from './cluster.js';
import { Node } from './node.js';

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
    description: 'The time at which its earliest transaction was committed at the source.',
  })
  minTimestamp!: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'The time at which its latest transaction was committed at the source.',
  })
  maxTimestamp!: Date | null;

  @Field(() => DateTimeScalar, { description: 'The time at which the answering member made the file.' })
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
    description: 'The transactions before its start; null when executedGtidSet is.',
  })
  purgedGtidSet!: string | null;
}
