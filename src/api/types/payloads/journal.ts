import { Field, ObjectType } from 'type-graphql';
import { Slave } from '../binlog.js';
import { Journal, Segment } from '../journal.js';
import { Payload } from '../payload.js';

/** The answer to a change of the journal. */
@ObjectType({ implements: Payload })
export abstract class JournalChange extends Payload {
  @Field(() => Journal, { nullable: true, description: 'The journal as it is now.' })
  journal!: Journal | null;
}

@ObjectType({ description: 'The result of a purge of the journal.' })
export class PurgeJournalPayload extends JournalChange {
  @Field(() => [Segment], { description: 'Segments that went, or with dryRun would; oldest first.' })
  segments!: Segment[];
}

@ObjectType({
  description:
    'The result of the transactions of a journal that was restarted, and of its slaves, or with dryRun would.',
})
export class RestartJournalAfterPayload extends JournalChange {
  @Field(() => String, {
    nullable: true,
    description:
      'The transactions that the journal holds and that go with it. This and the next two are null when turned down.',
  })
  discardedGtidSet!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Transactions of the journal that the new one does not count as executed. Replicas that have them are ahead of it: they ' +
      'have to be provisioned anew, unless the source sends the same ones again.',
  })
  aheadGtidSet!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Transactions behind which the new journal begins and that the present one has not had. Replicas that lack them have to be ' +
      'provisioned anew.',
  })
  missingGtidSet!: string | null;

  @Field(() => [Slave], {
    description: 'The slaves that are attached and are cut off; most come back by themselves.',
  })
  slaves!: Slave[];

  @Field(() => [Slave], { description: 'The slaves that cannot go on from the new journal.' })
  lostSlaves!: Slave[];

  @Field(() => String, {
    nullable: true,
    description:
      'The folder in which this member keeps the files of the old journal; the others keep theirs beside their own journal under ' +
      'the same name. Null when there are none.',
  })
  folder!: string | null;
}
