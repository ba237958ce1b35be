import { Field, ObjectType } from 'type-graphql';
import { Member } from '../cluster.js';
import { Payload } from '../payload.js';

/** The answer to a change of members. */
@ObjectType({ implements: Payload })
export abstract class MemberChange extends Payload {
  @Field(() => Member, { nullable: true, description: 'The member as it is now.' })
  member!: Member | null;

  @Field(() => [Member], { description: 'All members as they are now.' })
  members!: Member[];
}

@ObjectType({ description: 'The result of naming a new member.' })
export class AddMemberPayload extends MemberChange {}

@ObjectType({ description: 'The result of a change of the peer URLs of a member.' })
export class UpdateMemberPayload extends MemberChange {}

@ObjectType({ description: 'The result of taking a member out.' })
export class RemoveMemberPayload extends MemberChange {}

@ObjectType({ description: 'The result of a change of the admin URLs of a member.' })
export class UpdateAdminUrlsPayload extends MemberChange {}

@ObjectType({ description: 'The result of letting another member lead.' })
export class TransferLeadershipPayload extends MemberChange {}
