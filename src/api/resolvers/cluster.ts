import { Arg, Authorized, Ctx, ID, Query, Resolver } from 'type-graphql';
import { VERSION } from '../../common/version.js';
import { healthOf } from '../../cluster/problems/health.js';
import { collections } from '../../cluster/records.js';
import type { ApiContext, Services } from '../context.js';
import { presentMember, presentMemberNamed } from '../present.js';
import { presentNode, presentProblem } from '../present-node.js';
import { Cluster, Member } from '../types/cluster.js';
import { Node } from '../types/node.js';

export function presentCluster(services: Services): Cluster {
  const leadership = services.view.get(collections.leadership, 'leader');
  const { status } = services.coordinatorWatch;
  const problems = services.problems.list();
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
    leader: leadership ? presentMemberNamed(leadership.value.member, services) : null,
    epoch: leadership?.createRevision ?? null,
    health: healthOf(problems),
    problems: problems.map((problem) => presentProblem(problem, services)),
    featureLevel: services.features.common,
    version: VERSION,
  };
}

export function presentMembers(services: Services): Member[] {
  return [...services.membership.members]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
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
  @Query(() => [Member], { description: 'The members, by name, whether they run or not.' })
  members(@Ctx() { services }: ApiContext): Member[] {
    return presentMembers(services);
  }

  @Authorized('VIEWER')
  @Query(() => Member, { nullable: true, description: 'One member; null when there is none of that name.' })
  member(
    @Arg('name', () => String, { description: 'Its name.' }) name: string,
    @Ctx() { services }: ApiContext,
  ): Member | null {
    return presentMemberNamed(name, services);
  }

  @Authorized('VIEWER')
  @Query(() => Node, { nullable: true, description: 'Any object by its id; null when there is none.' })
  node(
    @Arg('id', () => ID, { description: 'As found in the field `id`.' }) id: string,
    @Ctx() { services }: ApiContext,
  ): Node | null {
    return presentNode(id, services);
  }
}
