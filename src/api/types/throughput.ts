import { Field, Float, ObjectType } from 'type-graphql';
import { DateTimeScalar } from '../scalars.js';

@ObjectType({ description: 'What both halves did during two seconds, as the answering member sees it.' })
export class ThroughputSample {
  @Field(() => DateTimeScalar, { description: 'The end of the two seconds.' })
  at!: Date;

  @Field(() => Float, { description: 'What was committed to the journal, in bytes per second.' })
  journalBytesPerSecond!: number;

  @Field(() => Float, { description: 'What slaves were sent, in bytes per second.' })
  sentBytesPerSecond!: number;

  @Field(() => Float, { description: 'Requests of Redis clients per second, at all proxies.' })
  redisOpsPerSecond!: number;

  @Field(() => Float, {
    nullable: true,
    description: "The slowest proxy's latencyP99, in milliseconds; null before a request.",
  })
  redisLatencyP99!: number | null;
}
