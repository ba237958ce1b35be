import 'reflect-metadata';
import { createPubSub } from '@graphql-yoga/subscription';
import { printSchema, type GraphQLSchema } from 'graphql';
import { buildSchema } from 'type-graphql';
import { orderArguments } from './argument-order.js';
import { authChecker } from './auth-checker.js';
import type { ApiContext } from './context.js';
import { executeInSlices } from './execute-in-slices.js';
import { requireAdminIfNeeded } from './inputs/admin-only.js';
import { checkArgument, requireSchemas } from './inputs/validate.js';
import { answerRefusals } from './refusals.js';
import { AccessQueries } from './resolvers/access.js';
import { BinlogQueries, JournalFields, SlaveFields } from './resolvers/binlog-queries.js';
import { BinlogServerMutations } from './resolvers/binlog-servers.js';
import { BinlogSubscriptions } from './resolvers/binlog-subscriptions.js';
import { ClusterResolver, ProblemFields } from './resolvers/cluster.js';
import { MemberMutations } from './resolvers/members.js';
import { FeedResolver } from './resolvers/feed.js';
import { GroupMutations } from './resolvers/groups.js';
import { JournalMutations } from './resolvers/journal.js';
import { ProxyMutations } from './resolvers/proxies.js';
import { ProxyStatisticsFields } from './resolvers/proxy-statistics.js';
import { RedisQueries, SlotFields, SlotMoveFields } from './resolvers/redis-queries.js';
import { SlotMutations } from './resolvers/slots.js';
import {
  ClusterWindowFields,
  LatencyDistributionFields,
  ProxyWindowFields,
  ServerWindowFields,
} from './resolvers/statistics.js';
import { StatusSubscriptions } from './resolvers/subscriptions.js';
import { SyncerMutations } from './resolvers/syncer.js';
import { ThroughputResolver } from './resolvers/throughput.js';

/**
 * The schema of the whole API, from the decorated classes.
 *
 * @throws Error that names an input that nothing checks, or a payload that cannot be empty
 */
export async function createSchema(): Promise<GraphQLSchema> {
  orderArguments();
  const schema = await buildSchema({
    resolvers: [
      AccessQueries,
      BinlogQueries,
      BinlogServerMutations,
      BinlogSubscriptions,
      ClusterResolver,
      ClusterWindowFields,
      MemberMutations,
      FeedResolver,
      GroupMutations,
      JournalFields,
      JournalMutations,
      LatencyDistributionFields,
      ProblemFields,
      ProxyMutations,
      ProxyStatisticsFields,
      ProxyWindowFields,
      RedisQueries,
      ServerWindowFields,
      SlaveFields,
      SlotFields,
      SlotMoveFields,
      SlotMutations,
      StatusSubscriptions,
      SyncerMutations,
      ThroughputResolver,
    ],
    authChecker,
    authMode: 'error',
    // Asked for by type-graphql as soon as there is a subscription; ours bring their own sources.
    pubSub: createPubSub(),
    validateFn: (value, type, { context }) => {
      requireAdminIfNeeded(value, type, (context as ApiContext).caller);
      checkArgument(value, type);
    },
  });
  requireSchemas();
  answerRefusals(schema);
  executeInSlices(schema);
  return schema;
}

/** The text of schema/schema.graphql. */
export async function schemaText(): Promise<string> {
  return `${printSchema(await createSchema())}\n`;
}
