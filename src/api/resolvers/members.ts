import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import type { ApiContext } from '../context.js';
import {
  AddMemberInput,
  RemoveMemberInput,
  TransferLeadershipInput,
  UpdateAdminUrlsInput,
  UpdateMemberInput,
} from '../inputs/cluster.js';
import { proposeOnce } from '../once.js';
import { presentMemberChange } from '../present/members.js';
import { withInputNames } from '../refusals.js';
import {
  AddMemberPayload,
  RemoveMemberPayload,
  TransferLeadershipPayload,
  UpdateAdminUrlsPayload,
  UpdateMemberPayload,
} from '../types/payloads/members.js';

@Resolver()
export class MemberMutations {
  @Authorized('ADMIN')
  @Mutation(() => AddMemberPayload, {
    description:
      'Names a new member, which may then be started. It learns until it has what is committed, and then votes by itself; ' +
      'an operation shows how far it is. Refused while a member that votes does not run.',
  })
  async addMember(
    @Arg('input', () => AddMemberInput, { description: 'The member.' }) input: AddMemberInput,
    @Ctx() context: ApiContext,
  ): Promise<AddMemberPayload> {
    const { services, caller } = context;
    const proposed = await proposeOnce(context, input, (claim) =>
      services.membershipChanges.add(input, caller.name, claim),
    );
    return presentMemberChange(proposed, input.name, services);
  }

  @Authorized('ADMIN')
  @Mutation(() => UpdateMemberPayload, {
    description:
      'Changes where the others reach the journal of a member. When it starts, a member says itself where it is.',
  })
  async updateMember(
    @Arg('input', () => UpdateMemberInput, { description: 'The change.' }) input: UpdateMemberInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<UpdateMemberPayload> {
    const { name, newPeerUrls: peerUrls, expectedRevision } = input;
    const proposed = await withInputNames({ peerUrls: 'newPeerUrls' }, () =>
      services.membershipChanges.update(name, { peerUrls }, expectedRevision, caller.name),
    );
    return presentMemberChange(proposed, name, services);
  }

  @Authorized('ADMIN')
  @Mutation(() => RemoveMemberPayload, {
    description:
      'Takes a member out, running or not; its process ends. Refused unless a majority of the rest runs and has all that ' +
      'is committed. It may be added again, and then comes with an empty data directory.',
  })
  async removeMember(
    @Arg('input', () => RemoveMemberInput, { description: 'The member.' }) input: RemoveMemberInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<RemoveMemberPayload> {
    const { name, force } = input;
    return presentMemberChange(
      await services.membershipChanges.remove(name, force, caller.name),
      name,
      services,
    );
  }

  @Authorized('ADMIN')
  @Mutation(() => UpdateAdminUrlsPayload, {
    description: "Changes the addresses of a member's API. When it starts, a member says itself where it is.",
  })
  async updateAdminUrls(
    @Arg('input', () => UpdateAdminUrlsInput, { description: 'The change.' }) input: UpdateAdminUrlsInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<UpdateAdminUrlsPayload> {
    const { name, adminUrls, expectedRevision } = input;
    const proposed = await services.membershipChanges.update(
      name,
      { adminUrls },
      expectedRevision,
      caller.name,
    );
    return presentMemberChange(proposed, name, services);
  }

  @Authorized('ADMIN')
  @Mutation(() => TransferLeadershipPayload, {
    description: 'Lets another member lead, which votes, runs and has caught up. Answers when another leads.',
  })
  async transferLeadership(
    @Arg('input', () => TransferLeadershipInput, { description: 'The member that is to lead.' })
    input: TransferLeadershipInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<TransferLeadershipPayload> {
    const { to = null } = input;
    const proposed = await services.transferLeadership(to, caller.name);
    return presentMemberChange(proposed, to ?? services.memberName, services);
  }
}
