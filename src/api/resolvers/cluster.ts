import { Arg, Authorized, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import type { ApiContext } from '../context.js';
import { presentCluster } from '../present/cluster.js';
import { presentMemberNamed, presentMembers } from '../present/members.js';
import { presentNode, presentSubject } from '../present/node.js';
import { Cluster, Member } from '../types/cluster.js';
import { Node } from '../types/node.js';
import { Problem } from '../types/problem.js';

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
    @Arg('name', () => String, { description: 'The name of the member.' }) name: string,
    @Ctx() { services }: ApiContext,
  ): Member | null {
    return presentMemberNamed(name, services);
  }

  @Authorized('VIEWER')
  @Query(() => Node, {
    nullable: true,
    description: 'Any object by its id; null when there is none. Tokens are shown to an ADMIN only.',
  })
  node(
    @Arg('id', () => ID, { description: 'The id of the object, as its field `id` has it.' }) id: string,
    @Ctx() context: ApiContext,
  ): Node | null {
    return presentNode(id, context);
  }
}

@Resolver(() => Problem)
export class ProblemFields {
  @FieldResolver(() => Node, {
    nullable: true,
    description: 'The object that has the problem; null when it has no id of its own.',
  })
  object(@Root() { subject }: Problem, @Ctx() context: ApiContext): Node | null {
    return presentSubject(subject, context);
  }
}
