import { Arg, Authorized, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { VERSION } from '../../common/version.js';
import { collections } from '../../cluster/records.js';
import type { ApiContext, Services } from '../context.js';
import {
  AddMemberInput,
  RemoveMemberInput,
  TransferLeadershipInput,
  UpdateAdminUrlsInput,
  UpdateMemberInput,
} from '../inputs/cluster.js';
import {
  presentAction,
  presentGroupNumber,
  presentMember,
  presentOperationId,
  presentProxy,
} from '../present.js';
import { presentNamedServer, presentSlaves } from '../present-binlog.js';
import { Cluster, Member, type Health } from '../types/cluster.js';
import { Node } from '../types/node.js';
import { unsupported } from '../types/payload.js';
import { MemberPayload } from '../types/payloads.js';

export function presentCluster(services: Services): Cluster {
  const leadership = services.view.get(collections.leadership, 'leader');
  const leader = leadership && services.view.get(collections.members, leadership.value.member);
  const { status } = services.coordinatorWatch;
  const problems = services.problems.list();
  const health: Health = problems.some((problem) => problem.severity === 'CRITICAL')
    ? 'DOWN'
    : problems.length > 0
      ? 'DEGRADED'
      : 'OK';
  return {
    name: services.clusterName,
    coordinator: {
      kind: services.coordinator.kind,
      endpoints: [...services.coordinator.endpoints],
      reachable: status.reachable,
      revision: status.revision > services.view.revision ? status.revision : services.view.revision,
      members: status.members.map((member) => ({
        ...member,
        peerUrls: [...member.peerUrls],
        clientUrls: [...member.clientUrls],
      })),
    },
    leader: leader ? presentMember(leader, services) : null,
    epoch: leadership?.createRevision ?? null,
    health,
    problems,
    version: VERSION,
  };
}

export function presentMembers(services: Services): Member[] {
  return services.view
    .list(collections.members)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((member) => presentMember(member, services));
}

@Resolver()
export class ClusterResolver {
  @Authorized('VIEWER')
  @Query(() => Cluster, { description: 'The whole cluster: who leads, what decides, what is wrong.' })
  cluster(@Ctx() { services }: ApiContext): Cluster {
    return presentCluster(services);
  }

  @Authorized('VIEWER')
  @Query(() => [Member], { description: 'The running members, by name.' })
  members(@Ctx() { services }: ApiContext): Member[] {
    return presentMembers(services);
  }

  @Authorized('VIEWER')
  @Query(() => Member, { nullable: true, description: 'One member; null when none of that name runs.' })
  member(
    @Arg('name', () => String, { description: 'Its name.' }) name: string,
    @Ctx() { services }: ApiContext,
  ): Member | null {
    const member = services.view.get(collections.members, name);
    return member ? presentMember(member, services) : null;
  }

  @Authorized('VIEWER')
  @Query(() => Node, { nullable: true, description: 'Any object by its id; null when there is none.' })
  node(
    @Arg('id', () => ID, { description: 'As found in the field `id`.' }) id: string,
    @Ctx() { services }: ApiContext,
  ): Node | null {
    const [kind, name = '', part] = id.split('/', 3);
    if (kind === 'member') return this.member(name, { services } as ApiContext);
    if (kind === 'group') return presentGroupNumber(Number(name), services);
    if (kind === 'proxy') {
      const proxy = services.topology.proxy(name);
      return proxy ? presentProxy(proxy, services) : null;
    }
    if (kind === 'binlogServer') return presentNamedServer(name, services);
    if (kind === 'slave' && part !== undefined)
      return presentSlaves(name, services).find((slave) => slave.id === id) ?? null;
    const action = services.view.get(collections.actions, id);
    return action ? presentAction(action, services) : presentOperationId(id, services);
  }

  @Authorized('ADMIN')
  @Mutation(() => MemberPayload, {
    description: 'Names a new member. Not in this version: members register by themselves.',
  })
  addMember(
    @Arg('input', () => AddMemberInput, { description: 'The member.' }) _input: AddMemberInput,
    @Ctx() { services }: ApiContext,
  ): MemberPayload {
    return unsupportedMember('name members in advance', services);
  }

  @Authorized('ADMIN')
  @Mutation(() => MemberPayload, { description: "Changes a member's peer URLs. Not in this version." })
  updateMember(
    @Arg('input', () => UpdateMemberInput, { description: 'What to change.' }) _input: UpdateMemberInput,
    @Ctx() { services }: ApiContext,
  ): MemberPayload {
    return unsupportedMember('change peer URLs', services);
  }

  @Authorized('ADMIN')
  @Mutation(() => MemberPayload, {
    description: 'Takes a member out. Not in this version: stop its process.',
  })
  removeMember(
    @Arg('input', () => RemoveMemberInput, { description: 'The member.' }) _input: RemoveMemberInput,
    @Ctx() { services }: ApiContext,
  ): MemberPayload {
    return unsupportedMember('remove members; stop the process instead', services);
  }

  @Authorized('ADMIN')
  @Mutation(() => MemberPayload, {
    description: "Changes the addresses of a member's API. Not in this version.",
  })
  updateAdminUrls(
    @Arg('input', () => UpdateAdminUrlsInput, { description: 'What to change.' })
    _input: UpdateAdminUrlsInput,
    @Ctx() { services }: ApiContext,
  ): MemberPayload {
    return unsupportedMember('change admin URLs; use --advertise', services);
  }

  @Authorized('ADMIN')
  @Mutation(() => MemberPayload, { description: 'Lets another member lead. Not in this version.' })
  transferLeadership(
    @Arg('input', () => TransferLeadershipInput, { description: 'Who is to lead.' })
    _input: TransferLeadershipInput,
    @Ctx() { services }: ApiContext,
  ): MemberPayload {
    return unsupportedMember('transfer leadership', services);
  }
}

function unsupportedMember(what: string, services: Services): MemberPayload {
  return unsupported(what, { member: null, members: presentMembers(services) });
}
