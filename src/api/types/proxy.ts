import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { BigIntScalar, DateTimeScalar } from '../scalars.js';
import { Node } from './node.js';

export const ProxyState = Object.freeze({
  STARTING: 'STARTING',
  ONLINE: 'ONLINE',
  OFFLINE: 'OFFLINE',
  MARK_OFFLINE: 'MARK_OFFLINE',
  UNREACHABLE: 'UNREACHABLE',
  FENCED: 'FENCED',
} as const);
export type ProxyState = keyof typeof ProxyState;
registerEnumType(ProxyState, {
  name: 'ProxyState',
  description: 'A state of a proxy.',
  valuesConfig: {
    STARTING: { description: 'Is to serve, and clients cannot connect yet.' },
    ONLINE: { description: 'Serves.' },
    OFFLINE: { description: 'Has stopped serving and said so.' },
    MARK_OFFLINE: { description: 'The proxy was asked to stop serving.' },
    UNREACHABLE: { description: 'Should serve, but is not in touch with the coordinator.' },
    FENCED: { description: 'The proxy was cut off from every server.' },
  },
});

@ObjectType({ implements: Node, description: 'A registered `quorate proxy` process.' })
export class Proxy extends Node {
  @Field(() => String, { description: 'Unique in the cluster.' })
  name!: string;

  @Field(() => String, { description: 'The address at which Redis clients connect.' })
  address!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The address at which members ask for statistics; null for a proxy inside a member.',
  })
  adminAddress!: string | null;

  @Field(() => ProxyState, { description: 'The state of the proxy.' })
  state!: ProxyState;

  @Field(() => BigIntScalar, {
    nullable: true,
    description:
      'The newest coordinator revision that it has applied and acknowledged; null while it is not in touch.',
  })
  appliedRevision!: bigint | null;

  @Field(() => String, { nullable: true, description: 'The last change of the state of the proxy.' })
  lastEvent!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'The time of that change.' })
  lastEventAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'The time at which its process started.' })
  startedAt!: Date | null;

  @Field(() => Int, { nullable: true, description: 'The process id of the proxy.' })
  pid!: number | null;

  @Field(() => Int, {
    description: 'Processes that serve its clients; a change is confirmed when all of them have applied it.',
  })
  workers!: number;

  @Field(() => String, { nullable: true, description: 'The host that it runs on.' })
  hostName!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The data center of the proxy, as configured; null when none is.',
  })
  dataCenter!: string | null;

  @Field(() => String, { nullable: true, description: 'Version of its build.' })
  version!: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Clients connected now; null, as the next four, while it does not answer.',
  })
  sessions!: number | null;

  @Field(() => BigIntScalar, { nullable: true, description: 'Requests since it started.' })
  opsTotal!: number | null;

  @Field(() => Float, { nullable: true, description: 'Requests per second.' })
  opsPerSecond!: number | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Requests answered with an error since it started.',
  })
  errorsTotal!: number | null;

  @Field(() => Float, { nullable: true, description: 'Requests answered with an error, per second.' })
  errorsPerSecond!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Median time of a request at the proxy in the last ten seconds, in milliseconds; null without a request.',
  })
  latencyP50!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: '99 of 100 requests of the last ten seconds took at most this, in milliseconds.',
  })
  latencyP99!: number | null;

  @Field(() => BigIntScalar, { description: "Coordinator revision of this record's last change." })
  revision!: bigint;
}
