import { Arg, Authorized, ID, Int, Resolver, Root, Subscription } from 'type-graphql';
import type { ActionType as ActionTypeName } from '../../cluster/records.js';
import { SLOT_COUNT } from '../../redis/slots.js';
import { checkRange } from '../../redis/topology/slot-changes.js';
import { BigIntScalar } from '../scalars.js';
import {
  actionStream,
  clusterStream,
  groupStream,
  memberStream,
  operationStream,
  proxyStream,
  slotStream,
} from '../subscriptions/sources.js';
import { Cluster, Member } from '../types/cluster.js';
import { Action, ActionType, Operation } from '../types/feed.js';
import { Proxy } from '../types/proxy.js';
import { Group, Slot } from '../types/redis.js';
import { source } from './source.js';

@Resolver()
export class StatusSubscriptions {
  @Authorized('VIEWER')
  @Subscription(() => Cluster, {
    description: 'The cluster as it is, then whenever its leader, health or problems change.',
    subscribe: source(({ context }) => clusterStream(context.services)),
  })
  clusterStatus(@Root() cluster: Cluster): Cluster {
    return cluster;
  }

  @Authorized('VIEWER')
  @Subscription(() => Member, {
    description: 'Every member as it is, then each that changes.',
    subscribe: source<{ name?: string | null }, Member>(({ args, context }) =>
      memberStream(context.services, args.name ?? undefined),
    ),
  })
  memberStatus(
    @Root() member: Member,
    @Arg('name', () => String, { nullable: true, description: 'Only this one.' }) _name?: string | null,
  ): Member {
    return member;
  }

  @Authorized('VIEWER')
  @Subscription(() => Group, {
    description: 'Every group as it is, then each that changes, its servers included.',
    subscribe: source<{ number?: number | null }, Group>(({ args, context }) =>
      groupStream(context.services, args.number ?? undefined),
    ),
  })
  groupStatus(
    @Root() group: Group,
    @Arg('number', () => Int, { nullable: true, description: 'Only this one.' }) _number?: number | null,
  ): Group {
    return group;
  }

  @Authorized('VIEWER')
  @Subscription(() => [Slot], {
    description: 'All slots of the range as they are, then those that changed.',
    subscribe: source<{ from?: number | null; to?: number | null }, Slot[]>(({ args, context }) => {
      const from = args.from ?? 0;
      const to = args.to ?? SLOT_COUNT - 1;
      checkRange(from, to);
      return slotStream(context.services, from, to);
    }),
  })
  slotStatus(
    @Root() slots: Slot[],
    @Arg('from', () => Int, { nullable: true, defaultValue: 0, description: 'The first.' })
    _from?: number | null,
    @Arg('to', () => Int, { nullable: true, defaultValue: SLOT_COUNT - 1, description: 'The last.' })
    _to?: number | null,
  ): Slot[] {
    return slots;
  }

  @Authorized('VIEWER')
  @Subscription(() => Proxy, {
    description: 'Every proxy as it is, then each that changes, its traffic included.',
    subscribe: source<{ name?: string | null }, Proxy>(({ args, context }) =>
      proxyStream(context.services, args.name ?? undefined),
    ),
  })
  proxyStatus(
    @Root() proxy: Proxy,
    @Arg('name', () => String, { nullable: true, description: 'Only this one.' }) _name?: string | null,
  ): Proxy {
    return proxy;
  }

  @Authorized('VIEWER')
  @Subscription(() => Operation, {
    description: 'Every operation that has not ended as it is, then each that changes.',
    subscribe: source<{ id?: string | null }, Operation>(({ args, context }) =>
      operationStream(context.services, args.id ?? undefined),
    ),
  })
  operationProgress(
    @Root() operation: Operation,
    @Arg('id', () => ID, { nullable: true, description: 'Only this one, also when it has ended.' })
    _id?: string | null,
  ): Operation {
    return operation;
  }

  @Authorized('VIEWER')
  @Subscription(() => Action, {
    description:
      'The action feed: every action after a revision, once and in order. To resume after a break, give the ' +
      'revision of the last action seen. Without a revision: the newest action, then those to come.',
    subscribe: source<{ afterRevision?: bigint | null; types?: ActionTypeName[] | null }, Action>(
      ({ args, context }) =>
        actionStream(context.services, args.afterRevision ?? undefined, args.types ?? undefined),
    ),
  })
  actions(
    @Root() action: Action,
    @Arg('afterRevision', () => BigIntScalar, {
      nullable: true,
      description: 'Resume after it. COMPACTED when actions after it have been collected.',
    })
    _afterRevision?: bigint | null,
    @Arg('types', () => [ActionType], { nullable: true, description: 'Only of these types.' })
    _types?: ActionTypeName[] | null,
  ): Action {
    return action;
  }
}
