import { Field, ID, InterfaceType, ObjectType, registerEnumType } from 'type-graphql';
import type { RefusalCode } from '../../common/refused.js';
import { BigIntScalar } from '../scalars.js';

export const UserErrorCode = Object.freeze({
  INVALID_INPUT: 'INVALID_INPUT',
  NOT_FOUND: 'NOT_FOUND',
  ALREADY_EXISTS: 'ALREADY_EXISTS',
  GONE: 'GONE',
  CONFLICT: 'CONFLICT',
  PRECONDITION_FAILED: 'PRECONDITION_FAILED',
  UNHEALTHY: 'UNHEALTHY',
  WOULD_LOSE_QUORUM: 'WOULD_LOSE_QUORUM',
  ALREADY_RUNNING: 'ALREADY_RUNNING',
  NOT_RUNNING: 'NOT_RUNNING',
  IN_USE: 'IN_USE',
  TIMEOUT: 'TIMEOUT',
  UNREACHABLE: 'UNREACHABLE',
  UNSUPPORTED: 'UNSUPPORTED',
  SOURCE_REFUSED: 'SOURCE_REFUSED',
  SOURCE_UNAVAILABLE: 'SOURCE_UNAVAILABLE',
} satisfies Record<RefusalCode, RefusalCode>);
registerEnumType(UserErrorCode, {
  name: 'UserErrorCode',
  description: 'The kind of reason why a change was turned down.',
  valuesConfig: {
    INVALID_INPUT: { description: 'The input is malformed.' },
    NOT_FOUND: { description: 'The named object does not exist.' },
    ALREADY_EXISTS: { description: 'The object exists already.' },
    GONE: { description: 'The named object existed, and is over.' },
    CONFLICT: { description: 'The object is not at the expected revision, or changed meanwhile.' },
    PRECONDITION_FAILED: { description: 'The state does not allow it; the message says what is missing.' },
    UNHEALTHY: { description: 'Something it needs is not healthy.' },
    WOULD_LOSE_QUORUM: { description: 'The members left would be no quorum.' },
    ALREADY_RUNNING: { description: 'The thing to be started runs already.' },
    NOT_RUNNING: { description: 'The thing to be stopped does not run.' },
    IN_USE: { description: 'Something else still needs it.' },
    TIMEOUT: { description: 'The change did not come about in time.' },
    UNREACHABLE: { description: 'A server it needs does not answer.' },
    UNSUPPORTED: { description: 'This version cannot do it.' },
    SOURCE_REFUSED: {
      description: 'The source of the binlog cannot be followed; the message says what to change there.',
    },
    SOURCE_UNAVAILABLE: { description: 'The source of the binlog does not answer.' },
  },
});

@ObjectType({
  description: 'A reason why a change was turned down, and the field of the input that it concerns.',
})
export class UserError {
  @Field(() => UserErrorCode, { description: 'Stable, for programs.' })
  code!: RefusalCode;

  @Field(() => [String], {
    description: 'The way through the arguments to the reason; empty when the reason lies in the state.',
  })
  path!: string[];

  @Field(() => String, { description: 'For people: what is wrong, with what, and what to do.' })
  message!: string;
}

@ObjectType({
  description: "A mutation's mark in the consensus log: which proposal carried it and where it committed.",
})
export class Proposal {
  @Field(() => ID, { description: 'Also the id of the action that it wrote.' })
  id!: string;

  @Field(() => BigIntScalar, { description: 'Coordinator revision at which it committed.' })
  revision!: bigint;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Raft term of etcd; null with the embedded coordinator.',
  })
  raftTerm!: bigint | null;

  @Field(() => String, { nullable: true, description: 'The member that proposed it.' })
  committedBy!: string | null;
}

@InterfaceType({
  description:
    "The fields of every mutation's payload. revision and proposal are null when nothing was committed. When it was turned down, " +
    'all fields but userErrors are null or empty.',
})
export abstract class Payload {
  @Field(() => [UserError], {
    description: 'The reasons why the change was turned down; empty when it was made.',
  })
  userErrors!: UserError[];

  @Field(() => BigIntScalar, { nullable: true, description: 'Coordinator revision at which it committed.' })
  revision!: bigint | null;

  @Field(() => Proposal, { nullable: true, description: 'The proposal that carried it.' })
  proposal!: Proposal | null;
}

/** The fields of {@link Payload}. */
export interface PayloadFields {
  userErrors: UserError[];
  revision: bigint | null;
  proposal: Proposal | null;
}
