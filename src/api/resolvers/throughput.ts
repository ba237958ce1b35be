import { Authorized, Ctx, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { ApiContext } from '../context.js';
import { throughputStream } from '../subscriptions/throughput-source.js';
import { ThroughputSample } from '../types/throughput.js';
import { source } from './source.js';

@Resolver()
export class ThroughputResolver {
  @Authorized('VIEWER')
  @Query(() => [ThroughputSample], { description: 'The last quarter of an hour, the oldest first.' })
  throughput(@Ctx() { services }: ApiContext): ThroughputSample[] {
    return [...services.throughput.samples];
  }

  @Authorized('VIEWER')
  @Subscription(() => [ThroughputSample], {
    description: 'The last quarter of an hour, the oldest first, then what has come since.',
    subscribe: source(({ context }) => throughputStream(context.services.throughput)),
  })
  throughputStatus(@Root() samples: ThroughputSample[]): ThroughputSample[] {
    return samples;
  }
}
