import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { BigIntScalar, DateTimeScalar } from '../scalars.js';
import { Node } from './node.js';
import { Health, Problem } from './problem.js';

export const CoordinatorKind = Object.freeze({ ETCD: 'ETCD', EMBEDDED: 'EMBEDDED' } as const);
registerEnumType(CoordinatorKind, {
  name: 'CoordinatorKind',
  description: 'The store in which all decisions of the cluster are kept.',
  valuesConfig: {
    ETCD: { description: 'An etcd cluster, shared by all members.' },
    EMBEDDED: { description: 'A store inside the one member there is.' },
  },
});

export const MemberRole = Object.freeze({ VOTER: 'VOTER', LEARNER: 'LEARNER' } as const);
registerEnumType(MemberRole, {
  name: 'MemberRole',
  description: 'The part that a member has in the quorum of the journal.',
  valuesConfig: {
    VOTER: { description: 'Counts in quorums.' },
    LEARNER: { description: 'Catching up; counts in no quorum yet.' },
  },
});

export const MemberState = Object.freeze({
  JOINING: 'JOINING',
  CATCHING_UP: 'CATCHING_UP',
  HEALTHY: 'HEALTHY',
  UNREACHABLE: 'UNREACHABLE',
  REMOVED: 'REMOVED',
} as const);
export type MemberState = keyof typeof MemberState;
registerEnumType(MemberState, {
  name: 'MemberState',
  description: 'A state of a member.',
  valuesConfig: {
    JOINING: { description: 'Registered, not yet in touch.' },
    CATCHING_UP: { description: 'Fetching what it lacks.' },
    HEALTHY: { description: 'In touch with the coordinator.' },
    UNREACHABLE: { description: 'Not in touch with the coordinator.' },
    REMOVED: { description: 'No longer part of the cluster.' },
  },
});

@ObjectType({ description: 'A member of etcd.' })
export class CoordinatorMember {
  @Field(() => String, { description: "etcd's own id of it." })
  id!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The name of the member in etcd; null while it has not started.',
  })
  name!: string | null;

  @Field(() => [String], { description: 'The URLs at which the other etcd members reach it.' })
  peerUrls!: string[];

  @Field(() => [String], { description: 'The URLs at which clients reach it.' })
  clientUrls!: string[];

  @Field(() => Boolean, { description: 'Whether it only learns and does not vote.' })
  isLearner!: boolean;

  @Field(() => Boolean, { description: 'Whether it is the raft leader.' })
  isLeader!: boolean;
}

@ObjectType({ description: 'The one place where anything is decided.' })
export class Coordinator {
  @Field(() => CoordinatorKind, { description: 'etcd, or the embedded store.' })
  kind!: keyof typeof CoordinatorKind;

  @Field(() => [String], { description: 'The configured endpoints; empty when embedded.' })
  endpoints!: string[];

  @Field(() => Boolean, { description: 'Whether it answers this member now.' })
  reachable!: boolean;

  @Field(() => BigIntScalar, { description: 'The newest revision that this member knows.' })
  revision!: bigint;

  @Field(() => [CoordinatorMember], { description: "etcd's members; empty when embedded or unreachable." })
  members!: CoordinatorMember[];
}

@ObjectType({ implements: Node, description: 'A running `quorate serve` process.' })
export class Member extends Node {
  @Field(() => String, { description: 'Unique in the cluster.' })
  name!: string;

  @Field(() => MemberRole, { description: 'Whether it counts in quorums.' })
  role!: keyof typeof MemberRole;

  @Field(() => Boolean, { description: 'Whether it leads now.' })
  isLeader!: boolean;

  @Field(() => MemberState, { description: 'The state of the member.' })
  state!: MemberState;

  @Field(() => [String], {
    description: 'The URLs at which other members fetch the journal; empty when it keeps none.',
  })
  peerUrls!: string[];

  @Field(() => [String], { description: 'The URLs at which the API of the member answers.' })
  adminUrls!: string[];

  @Field(() => BigIntScalar, {
    nullable: true,
    description:
      'End of its copy of the journal, in bytes; null before the journal has begun, and when it is not in touch with the leader.',
  })
  journalOffset!: bigint | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description:
      'The offset up to which its copy is committed, in bytes; null before the journal has begun, and when it is not in touch with the leader.',
  })
  committedOffset!: bigint | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description:
      "Bytes of the journal that it lacks of the leader's; null before the journal has begun, and when it is not in touch with the leader.",
  })
  lag!: bigint | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'The time at which its process started.' })
  startedAt!: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description:
      'The time at which it was last known to be in touch: now, while its session lives; else when it was first missed; null when no ' +
      'member saw that.',
  })
  lastSeenAt!: Date | null;

  @Field(() => String, { nullable: true, description: 'Version of its build.' })
  version!: string | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: "Coordinator revision of this record's last change; null of a member that was removed.",
  })
  revision!: bigint | null;
}

@ObjectType({ implements: Node, description: 'The whole cluster as this member sees it.' })
export class Cluster extends Node {
  @Field(() => String, { description: 'The name of the cluster, as configured.' })
  name!: string;

  @Field(() => Coordinator, { description: 'The store in which all decisions of the cluster are kept.' })
  coordinator!: Coordinator;

  @Field(() => Member, { nullable: true, description: 'The member that leads; null while there is none.' })
  leader!: Member | null;

  @Field(() => BigIntScalar, { nullable: true, description: 'Grows with every change of leader.' })
  epoch!: bigint | null;

  @Field(() => Health, { description: 'In a word.' })
  health!: keyof typeof Health;

  @Field(() => [Problem], { description: 'Problems of the cluster, the worst first.' })
  problems!: Problem[];

  @Field(() => Int, {
    description:
      'The level of changes of the stored state that every member and proxy understands: the lowest that any of them announces. A mutation that ' +
      'needs a higher one is refused with the names of who is behind.',
  })
  featureLevel!: number;

  @Field(() => String, { description: 'Version of the answering member.' })
  version!: string;
}
