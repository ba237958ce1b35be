import { Field, Float, ObjectType } from 'type-graphql';
import { DateTimeScalar } from '../scalars.js';

@ObjectType({
  description: 'The throughput of both clusters during two seconds, as the answering member sees it.',
})
export class ThroughputSample {
  @Field(() => DateTimeScalar, { description: 'The end of the two seconds.' })
  at!: Date;

  @Field(() => Float, { description: 'Bytes per second that were committed to the journal.' })
  journalBytesPerSecond!: number;

  @Field(() => Float, { description: 'Bytes per second that were sent to slaves.' })
  sentBytesPerSecond!: number;

  @Field(() => Float, { description: 'Requests of Redis clients per second, at all proxies.' })
  redisOpsPerSecond!: number;

  @Field(() => Float, {
    description: 'Requests of Redis clients that were answered with an error per second, at all proxies.',
  })
  redisErrorsPerSecond!: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'Median time of a request of the last ten seconds at all proxies, in milliseconds; null without one.',
  })
  redisLatencyP50!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: '99 of 100 requests of the last ten seconds took at most this, in milliseconds.',
  })
  redisLatencyP99!: number | null;
}
