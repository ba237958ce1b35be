import { Field, Float, Int, ObjectType } from 'type-graphql';
import { BigIntScalar, DateTimeScalar } from '../scalars.js';

@ObjectType({ description: 'The number of requests for one command.' })
export class CommandCalls {
  @Field(() => String, { description: 'In small letters.' })
  name!: string;

  @Field(() => BigIntScalar, { description: 'Since the proxy started, errors included.' })
  calls!: number;
}

@ObjectType({ description: 'Requests that took about the same time at the proxy.' })
export class LatencyBucket {
  @Field(() => Float, {
    description: 'None of them took more than this, in milliseconds; those of the bucket before took less.',
  })
  upToMs!: number;

  @Field(() => BigIntScalar, { description: 'The number of requests in this bucket.' })
  count!: number;
}

@ObjectType({ description: 'A request that took long.' })
export class SlowRequest {
  @Field(() => BigIntScalar, { description: 'Counts the slow requests of the proxy; gaps were dropped.' })
  id!: number;

  @Field(() => DateTimeScalar, { description: 'The time at which it was answered.' })
  at!: Date;

  @Field(() => Float, { description: 'From being read until its reply was, in milliseconds.' })
  durationMs!: number;

  @Field(() => String, { description: 'The command of the request, in small letters.' })
  command!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The key of the request, printable, cut when it is long; null when it has none or several.',
  })
  key!: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'The slot of the request; null when it has none or several.',
  })
  slot!: number | null;

  @Field(() => String, { description: 'The server that was asked.' })
  server!: string;

  @Field(() => Boolean, { description: 'Whether the server answered with an error.' })
  failed!: boolean;
}

@ObjectType({ description: 'The counters of a proxy since its process started.' })
export class ProxyStatistics {
  @Field(() => BigIntScalar, { description: 'Clients that have connected.' })
  sessionsTotal!: number;

  @Field(() => BigIntScalar, { description: 'Clients that were turned away because there were too many.' })
  sessionsRefused!: number;

  @Field(() => Int, { description: 'Clients whose request waits for a change of topology now.' })
  heldSessions!: number;

  @Field(() => Int, { description: 'Requests that wait for the answer of a server now.' })
  inFlight!: number;

  @Field(() => Int, { description: 'Connections to servers now.' })
  serverConnections!: number;

  @Field(() => BigIntScalar, { description: 'Requests that the proxy answered with an error itself.' })
  proxyErrors!: number;

  @Field(() => BigIntScalar, { description: 'Requests that a server answered with an error.' })
  serverErrors!: number;

  @Field(() => [CommandCalls], { description: 'Commands that were asked for, the most frequent first.' })
  commands!: readonly CommandCalls[];

  @Field(() => [LatencyBucket], {
    description: 'Times of requests at the proxy since it started, the shortest first.',
  })
  latency!: readonly LatencyBucket[];

  @Field(() => [SlowRequest], { description: 'The last requests that took long, the newest first.' })
  slowLog!: readonly SlowRequest[];
}
