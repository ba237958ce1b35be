import { Field, ID, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { isAdminUrl, normalPeerUrl, parsePeerUrl } from '../../cluster/membership/urls.js';
import { BigIntScalar, DateTimeScalar } from '../scalars.js';
import { OperationDirection } from '../types/feed.js';
import { checkedBy } from './validate.js';
import { IDEMPOTENCY_KEY, idempotencyKey, label, revision } from './values.js';

const EXPECTED = {
  nullable: true,
  description: "Refused with CONFLICT unless the member's revision is this one.",
} as const;

@InputType({ description: 'A new member.' })
export class AddMemberInput {
  @Field(() => String, { description: 'The name of the member, unique in the cluster.' })
  name!: string;

  @Field(() => [String], { description: 'The URLs at which other members fetch its journal.' })
  peerUrls!: string[];

  @Field(() => [String], { defaultValue: [], description: 'The URLs at which its API answers.' })
  adminUrls!: string[];

  @Field(() => ID, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null;
}
const peerUrls = z
  .array(
    z
      .string()
      .refine((url) => parsePeerUrl(url) !== undefined, 'A peer URL is of the form tcp://HOST:PORT.')
      .transform(normalPeerUrl),
  )
  .max(16)
  .transform((urls) => [...new Set(urls)]);
const hasOne = (urls: readonly string[]): boolean => urls.length > 0;
const NEEDS_ONE = 'A member has at least one peer URL.';
const adminUrls = z
  .array(
    z
      .string()
      .refine(
        isAdminUrl,
        'An admin URL is of the form http://HOST:PORT or https://HOST:PORT, at a port that browsers connect to.',
      ),
  )
  .max(16);
checkedBy(
  AddMemberInput,
  z.object({
    name: label,
    peerUrls: peerUrls.refine(hasOne, NEEDS_ONE),
    adminUrls,
    idempotencyKey: idempotencyKey.nullish(),
  }),
);

@InputType({ description: 'New peer URLs of a member.' })
export class UpdateMemberInput {
  @Field(() => String, { description: 'The name of the member.' })
  name!: string;

  @Field(() => [String], { description: 'The URLs that replace the present ones.' })
  newPeerUrls!: string[];

  @Field(() => BigIntScalar, EXPECTED)
  expectedRevision?: bigint | null;
}

checkedBy(
  UpdateMemberInput,
  z.object({
    name: z.string(),
    newPeerUrls: peerUrls.refine(hasOne, NEEDS_ONE),
    expectedRevision: revision.nullish(),
  }),
);

@InputType({ description: 'A member to take out of the cluster.' })
export class RemoveMemberInput {
  @Field(() => String, { description: 'The name of the member.' })
  name!: string;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Also while another member that votes does not run. Never without a majority of the rest.',
  })
  force!: boolean;
}
checkedBy(RemoveMemberInput, z.object({ name: z.string(), force: z.boolean() }));

@InputType({ description: "New addresses of a member's API." })
export class UpdateAdminUrlsInput {
  @Field(() => String, { description: 'The name of the member.' })
  name!: string;

  @Field(() => [String], { description: 'The URLs that replace the present ones.' })
  adminUrls!: string[];

  @Field(() => BigIntScalar, EXPECTED)
  expectedRevision?: bigint | null;
}

checkedBy(
  UpdateAdminUrlsInput,
  z.object({
    name: z.string(),
    adminUrls: adminUrls.min(1, 'A member has at least one admin URL.'),
    expectedRevision: revision.nullish(),
  }),
);

@InputType({ description: 'The member that is to lead.' })
export class TransferLeadershipInput {
  @Field(() => String, { nullable: true, description: 'Name of the member; null: any other.' })
  to?: string | null;
}
checkedBy(TransferLeadershipInput, z.object({ to: z.string().nullish() }));

/** Long work by its id. */
@InputType()
abstract class OperationId {
  @Field(() => ID, { description: 'The id of the operation.' })
  id!: string;
}
const operationId = z.object({ id: z.string().min(1).max(100) });

@InputType({ description: 'Long work to stop and to undo.' })
export class CancelOperationInput extends OperationId {}
checkedBy(CancelOperationInput, operationId);

@InputType({ description: 'Long work to stop half-way.' })
export class PauseOperationInput extends OperationId {}
checkedBy(PauseOperationInput, operationId);

@InputType({ description: 'Long work to go on with.' })
export class ResumeOperationInput extends OperationId {
  @Field(() => OperationDirection, {
    nullable: true,
    description: 'The direction; null for the direction that the operation had when it was paused.',
  })
  direction?: keyof typeof OperationDirection | null;
}
checkedBy(ResumeOperationInput, operationId.extend({ direction: z.enum(['FORWARD', 'BACK']).nullish() }));

@InputType({ description: 'The actions to forget. Give exactly one of the two.' })
export class CollectActionsInput {
  @Field(() => Int, { nullable: true, description: 'All but this many of the newest.' })
  keepLast?: number | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'Actions that were proposed before that time.',
  })
  olderThan?: Date | null;
}
checkedBy(
  CollectActionsInput,
  z
    .object({
      keepLast: z.number().int().min(0, 'keepLast is not negative.').nullish(),
      olderThan: z.date().nullish(),
    })
    .refine(
      (input) => (input.keepLast == null) !== (input.olderThan == null),
      'Give exactly one of keepLast and olderThan.',
    ),
);
