import { Field, Float, ObjectType, registerEnumType } from 'type-graphql';
import { ERROR_KINDS, type ErrorKind as Kind } from '../../redis/error-kinds.js';
import type { LatencyHistogram } from '../../redis/latency-histogram.js';
import { BigIntScalar, DateTimeScalar } from '../scalars.js';

export const Window = Object.freeze({
  SECONDS_10: 'SECONDS_10',
  MINUTES_1: 'MINUTES_1',
  MINUTES_15: 'MINUTES_15',
} as const);
registerEnumType(Window, {
  name: 'Window',
  description: 'A stretch of time that statistics reach back.',
  valuesConfig: {
    SECONDS_10: { description: 'The last ten seconds.' },
    MINUTES_1: { description: 'The last minute.' },
    MINUTES_15: { description: 'The last quarter of an hour.' },
  },
});

export const ErrorKind = Object.freeze(
  Object.fromEntries(ERROR_KINDS.map((kind) => [kind, kind])) as Record<Kind, Kind>,
);
const byServer = (meaning: string) => ({ description: `A server's \`${meaning}` });
registerEnumType(ErrorKind, {
  name: 'ErrorKind',
  description:
    'The reason why a Redis request was answered with an error. Errors of servers are told apart by their first word.',
  valuesConfig: {
    HELD: {
      description:
        'The slot of the request was held for a change of topology for longer than a request may be.',
    },
    SLOT_OFFLINE: { description: 'The slot of the request has no group.' },
    TIMEOUT: { description: 'The server did not answer in time.' },
    UNREACHABLE: { description: 'The server cannot be connected to, or the connection was lost.' },
    MAXCLIENTS: { description: 'The server takes no more connections.' },
    OOM: byServer('OOM`: its memory is full.'),
    NOREPLICAS: byServer('NOREPLICAS`: too few replicas are up for it to take writes.'),
    MISCONF: byServer('MISCONF`: it cannot save, and takes no writes.'),
    READONLY: byServer('READONLY`: it is a replica.'),
    LOADING: byServer('LOADING`: it is reading its data set.'),
    MASTERDOWN: byServer('MASTERDOWN`: it is a replica without its master.'),
    BUSY: byServer('BUSY`: a script runs for too long.'),
    NOPERM: byServer('NOPERM`: its user may not do this.'),
    NOAUTH: {
      description: "`NOAUTH` or `WRONGPASS`, by the proxy for its clients', or by a server for the proxy's.",
    },
    CROSSSLOT: { description: 'The keys are of several slots.' },
    NOSCRIPT: byServer('NOSCRIPT`: it does not have the script.'),
    WRONGTYPE: byServer('WRONGTYPE`: the key is of another type.'),
    OTHER: { description: 'Any other, `ERR` included.' },
  },
});

@ObjectType({ description: 'The rate of answers that were errors of one kind.' })
export class ErrorRate {
  @Field(() => ErrorKind, { description: 'The kind of error.' })
  kind!: Kind;

  @Field(() => Float, { description: 'Per second, over the whole window.' })
  perSecond!: number;
}

@ObjectType({ description: 'A share of requests, and the time that they took at most.' })
export class Percentile {
  @Field(() => Float, { description: 'The share, in percent.' })
  of!: number;

  @Field(() => Float, { nullable: true, description: 'In milliseconds; null without requests.' })
  valueMs!: number | null;
}

@ObjectType({
  description:
    'The durations of requests that servers have answered, from being sent on until their reply was read.',
})
export class LatencyDistribution {
  @Field(() => BigIntScalar, { description: 'The number of requests.' })
  samples!: number;

  @Field(() => Float, { nullable: true, description: 'The mean, in milliseconds; null without requests.' })
  meanMs!: number | null;

  /** For field resolvers. */
  histogram!: LatencyHistogram;
}

@ObjectType({ description: 'The answers to Redis requests in the last seconds or minutes.' })
export class Statistics {
  @Field(() => Float, {
    description: 'The seconds that the statistics cover: less than the window just after a start.',
  })
  windowSeconds!: number;

  @Field(() => DateTimeScalar, { description: 'The time at which the answering member learnt the figures.' })
  measuredAt!: Date;

  @Field(() => Boolean, { description: 'Whether nothing newer could be learnt: the proxy does not answer.' })
  stale!: boolean;

  @Field(() => Float, {
    description:
      'The number of requests: of a proxy or the cluster all, of a server those that it has answered.',
  })
  requestsPerSecond!: number;

  @Field(() => [ErrorRate], { description: 'By kind; kinds that did not come are left out.' })
  errorsPerSecond!: readonly ErrorRate[];

  @Field(() => LatencyDistribution, { description: 'The time that the answers took.' })
  latency!: LatencyDistribution;
}
