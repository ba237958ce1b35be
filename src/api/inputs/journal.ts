import { Field, InputType } from 'type-graphql';
import { z } from 'zod';
import { BigIntScalar, DateTimeScalar } from '../scalars.js';
import { adminOnly } from './admin-only.js';
import { checkedBy } from './validate.js';
import { EXPECTED_OR_NONE, gtidSet, revision } from './values.js';

@InputType({ description: 'Behind which transactions another journal is to begin.' })
export class RestartJournalAfterInput {
  @Field(() => String, {
    description:
      'All transactions before it, such as gtid_executed of a dump; empty: it begins with the first of all.',
  })
  gtidSet!: string;

  @Field(() => Boolean, { defaultValue: false, description: 'Only say what would be lost.' })
  dryRun!: boolean;

  @Field(() => BigIntScalar, EXPECTED_OR_NONE)
  expectedRevision?: bigint | null;
}
checkedBy(
  RestartJournalAfterInput,
  z.object({
    gtidSet: gtidSet,
    dryRun: z.boolean(),
    expectedRevision: revision.nullish(),
  }),
);

@InputType({
  description: 'The part of the journal that stays. Exactly one of keepBytes, olderThan, toSegment.',
})
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
adminOnly(PurgeJournalInput, ({ force }) => force);
checkedBy(
  PurgeJournalInput,
  z
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
    ),
);
