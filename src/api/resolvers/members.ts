import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Proposed } from '../../cluster/proposals.js';
import type { ApiContext, Services } from '../context.js';
import {
  AddMemberInput,
  addMemberSchema,
  RemoveMemberInput,
  removeMemberSchema,
  TransferLeadershipInput,
  transferLeadershipSchema,
  UpdateAdminUrlsInput,
  updateAdminUrlsSchema,
  UpdateMemberInput,
  updateMemberSchema,
} from '../inputs/cluster.js';
import { validate } from '../inputs/validate.js';
import { presentMemberNamed } from '../present.js';
import { withInputNames } from '../refusals.js';
import { runMutation } from '../types/payload.js';
import { MemberPayload } from '../types/payloads.js';
import { presentMembers } from './cluster.js';

@Resolver()
export class MemberMutations {
  @Authorized('ADMIN')
  @Mutation(() => MemberPayload, {
    description:
      'Names a new member, which may then be started. It learns until it has what is committed, and then votes by itself; ' +
      'an operation shows how far it is. Refused while a member that votes does not run.',
  })
  addMember(
    @Arg('input', () => AddMemberInput, { description: 'The member.' }) input: AddMemberInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<MemberPayload> {
    return change(services, input.name, () =>
      services.memberships.add(validate(addMemberSchema, input), caller.name),
    );
  }

  @Authorized('ADMIN')
  @Mutation(() => MemberPayload, {
    description:
      'Changes where the others reach the journal of a member. When it starts, a member says itself where it is.',
  })
  updateMember(
    @Arg('input', () => UpdateMemberInput, { description: 'What to change.' }) input: UpdateMemberInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<MemberPayload> {
    return change(services, input.name, () => {
      const { name, newPeerUrls, expectedRevision } = validate(updateMemberSchema, input);
      return withInputNames({ peerUrls: 'newPeerUrls' }, () =>
        services.memberships.update(name, { peerUrls: newPeerUrls }, expectedRevision, caller.name),
      );
    });
  }

  @Authorized('ADMIN')
  @Mutation(() => MemberPayload, {
    description:
      'Takes a member out, running or not; its process ends. Refused unless a majority of the rest runs and has all that ' +
      'is committed. It may be added again, and then comes with an empty data directory.',
  })
  removeMember(
    @Arg('input', () => RemoveMemberInput, { description: 'The member.' }) input: RemoveMemberInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<MemberPayload> {
    return change(services, input.name, () => {
      const { name, force } = validate(removeMemberSchema, input);
      return services.memberships.remove(name, force, caller.name);
    });
  }

  @Authorized('ADMIN')
  @Mutation(() => MemberPayload, {
    description: "Changes the addresses of a member's API. When it starts, a member says itself where it is.",
  })
  updateAdminUrls(
    @Arg('input', () => UpdateAdminUrlsInput, { description: 'What to change.' }) input: UpdateAdminUrlsInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<MemberPayload> {
    return change(services, input.name, () => {
      const { name, adminUrls, expectedRevision } = validate(updateAdminUrlsSchema, input);
      return services.memberships.update(name, { adminUrls }, expectedRevision, caller.name);
    });
  }

  @Authorized('ADMIN')
  @Mutation(() => MemberPayload, {
    description: 'Lets another member lead, which votes, runs and has caught up. Answers when another leads.',
  })
  transferLeadership(
    @Arg('input', () => TransferLeadershipInput, { description: 'Who is to lead.' })
    input: TransferLeadershipInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<MemberPayload> {
    return change(services, input.to ?? services.memberName, () =>
      services.transferLeadership(validate(transferLeadershipSchema, input).to ?? null, caller.name),
    );
  }
}

function change(
  services: Services,
  name: string,
  work: () => Promise<Proposed | null>,
): Promise<MemberPayload> {
  return runMutation(work, () => ({
    member: presentMemberNamed(name, services),
    members: presentMembers(services),
  }));
}
